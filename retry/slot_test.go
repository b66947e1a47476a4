package retry_test

import (
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/delivery"
)

// lasting is an endpoint that takes every letter; its nth attempt lasts as long as latency says.
func lasting(latency func(n int) time.Duration) *endpoints {
	ep := newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
	n := 0
	ep.latency = func() time.Duration { n++; return latency(n) } // it is called under ep.mu
	return ep
}

func queueOf(letters int) *memQueue {
	q := newMemQueue(1)
	for n := range letters {
		q.Send(letter(n))
	}
	return q
}

func deliveredOf(ep *endpoints, letters int) int {
	delivered := 0
	for n := range letters {
		if ep.acceptedOnce(letter(n).ID) {
			delivered++
		}
	}
	return delivered
}

func TestLetterBehindAHangingAttemptGoesToAFreeSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ep := lasting(func(n int) time.Duration {
			if n == 6 {
				return 9 * time.Second // by now every slot has a letter on its deck
			}
			return 10 * time.Millisecond
		})
		r := start(t, queueOf(20), ep, func(c *retry.Config) { c.PerEndpoint = 2 })
		pass(time.Second)
		if n := deliveredOf(ep, 20); n != 19 {
			t.Errorf("%d letters of 20 were delivered beside the one that hangs, not 19", n)
		}
		r.stop(t)
	})
}

func TestEndpointHasOneSlotUntilItHasAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		latency time.Duration
		most    int
	}{
		"one that hangs":   {9 * time.Second, 1},
		"one that answers": {100 * time.Millisecond, 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ep := lasting(func(int) time.Duration { return c.latency })
				r := start(t, queueOf(60), ep, func(c *retry.Config) { c.PerEndpoint = 8 })
				pass(500 * time.Millisecond)
				ep.mu.Lock()
				top := ep.top
				ep.mu.Unlock()
				if top != c.most {
					t.Errorf("%d attempts were in flight at once, not %d", top, c.most)
				}
				r.stop(t)
			})
		})
	}
}

func TestLetterOnDeckIsStillTheOperators(t *testing.T) {
	for name, command := range map[string]func(id string) retry.Command{
		"pause": func(string) retry.Command { return retry.Pause{By: "test"} },
		"hold":  func(id string) retry.Command { return retry.Hold{IDs: []string{id}, By: "test"} },
		"park":  func(id string) retry.Command { return retry.Park{IDs: []string{id}, By: "test"} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ep := lasting(func(n int) time.Duration {
					if n < 7 {
						return 10 * time.Millisecond // until it is known to be quick
					}
					return time.Second
				})
				r := start(t, queueOf(8), ep, func(c *retry.Config) { c.PerEndpoint = 1 })
				pass(500 * time.Millisecond)
				next := ""
				for n := range 8 {
					if id := letter(n).ID; len(ep.times(id)) == 0 {
						next = id
					}
				}
				if _, err := r.Do(t.Context(), command(next)); err != nil {
					t.Fatal(err)
				}
				pass(5 * time.Second)
				if n := deliveredOf(ep, 8); n != 7 {
					t.Errorf("%d letters were delivered, not the seven whose attempts had begun", n)
				}
				if tried := ep.times(next); len(tried) > 0 {
					t.Error("the letter that was next was attempted all the same")
				}
				r.stop(t)
			})
		})
	}
}

func TestWhatIsOnADeckIsStillTheOperators(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ep := lasting(func(n int) time.Duration {
			if n == 10 {
				return 5 * time.Second // by now its slot has as many letters on its deck as it takes
			}
			return 10 * time.Millisecond
		})
		r := start(t, queueOf(14), ep, func(c *retry.Config) { c.PerEndpoint = 1 })
		pass(time.Second)
		if n := deliveredOf(ep, 14); n != 9 {
			t.Fatalf("%d letters were delivered before the one that hangs, not 9", n)
		}
		if _, err := r.Do(t.Context(), retry.Pause{By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if n := deliveredOf(ep, 14); n != 10 {
			t.Errorf("%d letters were delivered, though the engine was paused during the tenth", n)
		}
		if _, err := r.Do(t.Context(), retry.Resume{By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		for n := range 14 {
			if times := len(ep.times(letter(n).ID)); times != 1 {
				t.Errorf("%s was attempted %d times", letter(n).ID, times)
			}
		}
		r.stop(t)
	})
}
