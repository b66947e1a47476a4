package retry_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/delivery"
)

// openings counts how often a breaker opened, of all that a feed has seen.
func openings(t *testing.T, feed retry.Feed) int {
	t.Helper()
	u, err := feed.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if u.Missed > 0 {
		t.Fatalf("%d events were missed", u.Missed)
	}
	n := 0
	for _, ev := range u.Stream {
		if b, ok := ev.(retry.BreakerMoved); ok && b.State == retry.Open {
			n++
		}
	}
	return n
}

func follow(t *testing.T, r *run) retry.Feed {
	t.Helper()
	feed, err := r.Follow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

func TestBreakerOpensWhereHalfOfAllAttemptsFail(t *testing.T) {
	for name, c := range map[string]struct {
		letters int
		every   time.Duration // between letters; 0: all at once
		fails   func() func(delivery.Request) bool
		within  time.Duration
		opens   bool
	}{
		"two of three, in a fast lane":                 {3000, 0, chance(2. / 3), 2 * time.Second, true},
		"two of three, a letter a second":              {120, time.Second, chance(2. / 3), 2 * time.Minute, true},
		"two of three, never three in a row":           {3000, 0, twoOfThree, 5 * time.Second, true},
		"six in a row of five hundred, in a fast lane": {2000, 0, six, time.Minute, false},
		"one of ten, in a fast lane":                   {2000, 0, chance(0.1), time.Minute, false},
		"one of ten, a letter a second":                {300, time.Second, chance(0.1), 5 * time.Minute, false},
		"one of four, in a fast lane":                  {2000, 0, chance(0.25), time.Minute, false},
		"every letter once, in a slow lane":            {100, time.Second, once, 2 * time.Minute, false},
		"a letter of thirty whatever one does":         {1500, 10 * time.Millisecond, poison(30), 14 * time.Second, false},
		"a letter of thirty, a letter a second":        {300, time.Second, poison(30), 5 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fails := c.fails()
				crm := &host{latency: 20 * time.Millisecond, answer: func(r delivery.Request) delivery.Result {
					if fails(r) {
						return unavailable()
					}
					return ok()
				}}
				f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
				r := start(t, q, newEndpoints(nil), withFleet(f), func(c *retry.Config) { c.MaxRetries = 5 })
				feed := follow(t, r)
				if c.every == 0 {
					f.fill(q, c.letters, "crm")
				} else {
					go func() {
						for range c.letters {
							f.fill(q, 1, "crm")
							wait(t.Context(), c.every)
						}
					}()
				}
				pass(c.within)
				if n := openings(t, feed); n > 0 != c.opens {
					t.Errorf("the breaker opened %d times", n)
				}
				r.stop(t)
				pass(time.Duration(c.letters) * c.every)
			})
		})
	}
}

// chance fails so many attempts, at random.
func chance(share float64) func() func(delivery.Request) bool {
	return func() func(delivery.Request) bool {
		random := rand.New(rand.NewPCG(5, 8))
		return func(delivery.Request) bool { return random.Float64() < share }
	}
}

// six fails six attempts in a row, now and then.
func six() func(delivery.Request) bool {
	n := 0
	return func(delivery.Request) bool {
		n++
		return n%500 >= 494
	}
}

// twoOfThree fails two attempts, and takes the third.
func twoOfThree() func(delivery.Request) bool {
	n := 0
	return func(delivery.Request) bool {
		n++
		return n%3 != 0
	}
}

// once fails every letter once.
func once() func(delivery.Request) bool {
	tried := map[string]bool{}
	return func(r delivery.Request) bool {
		again := tried[r.ID]
		tried[r.ID] = true
		return !again
	}
}

// poison fails every nth letter, whenever it is tried.
func poison(nth int) func() func(delivery.Request) bool {
	return func() func(delivery.Request) bool {
		seen := map[string]int{}
		return func(r delivery.Request) bool {
			if _, ok := seen[r.ID]; !ok {
				seen[r.ID] = len(seen)
			}
			return seen[r.ID]%nth == nth-1
		}
	}
}

func TestRampCountsWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &host{latency: time.Second, answer: fails}
		f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
		f.fill(q, 300, "crm")
		r := start(t, q, newEndpoints(nil), withFleet(f))
		pass(30 * time.Second)
		if l := lanes(t, r)["https://crm"]; l.State == retry.Closed || l.Limit != 1 {
			t.Fatalf("the lane of an endpoint that fails says %+v", l)
		}
		f.change(func() { crm.answer = takes; crm.took = 0 })
		for took := 0; took == 0; pass(100 * time.Millisecond) {
			f.change(func() { took = crm.took })
		}
		for second, most := range []int{1, 2, 4, 8, 8, 8} { // since the probe was taken
			f.change(func() {
				if crm.top = crm.now; crm.now > most {
					t.Errorf("%d attempts in flight %d s after the probe, want at most %d", crm.now, second, most)
				}
			})
			pass(time.Second)
			f.change(func() {
				if crm.top > 2*most {
					t.Errorf("%d attempts in flight in second %d", crm.top, second)
				}
			})
		}
		f.change(func() {
			if crm.now != 8 {
				t.Errorf("%d attempts in flight six seconds after it was back, want all 8", crm.now)
			}
		})
		r.stop(t)
	})
}

func TestFirstProbeOfAnotherOutageComesSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &host{latency: 20 * time.Millisecond, answer: fails}
		f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
		f.fill(q, 30, "crm")
		r := start(t, q, newEndpoints(nil), withFleet(f))
		pass(20 * time.Minute) // by now a minute lies between two probes
		f.change(func() { crm.answer = takes })
		pass(40 * time.Minute)
		if _, took, _ := f.counts(crm); took != 30 {
			t.Fatalf("%d letters were taken", took)
		}
		f.change(func() { crm.answer = fails })
		f.fill(q, 30, "crm")
		pass(3 * time.Second)
		f.change(func() { crm.answer = takes })
		f.counts(crm)
		pass(10 * time.Second)
		if _, took, _ := f.counts(crm); took < 20 {
			t.Errorf("%d letters were taken ten seconds after an outage of three", took)
		}
		r.stop(t)
	})
}
