package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
)

// crowd is endpoints that take what they are sent, beside others that hang for a whole timeout, or answer 503.
type crowd struct{ healthy, hang, fail int }

// took is how many letters the healthy endpoints of a crowd take in ten seconds, once it has been known for a while.
func (c crowd) took(t *testing.T, known time.Duration) int {
	t.Helper()
	took := 0
	synctest.Test(t, func(t *testing.T) {
		hosts := map[string]*host{}
		well, bad := names("healthy", c.healthy), names("hangs", c.hang)
		for _, name := range well {
			hosts[name] = &host{latency: 500 * time.Millisecond, answer: takes}
		}
		for _, name := range bad {
			hosts[name] = &host{latency: 10 * time.Second, answer: hangs}
		}
		for _, name := range names("fails", c.fail) {
			hosts[name] = &host{latency: 500 * time.Millisecond, answer: fails}
			bad = append(bad, name)
		}
		f, q := newFleet(hosts), newMemQueue(1)
		if len(bad) > 0 {
			f.fill(q, 20*len(bad), bad...)
		}
		f.fill(q, 16*c.healthy, well...) // ahead of what is sent each second
		r := start(t, q, newEndpoints(nil), withFleet(f), func(c *retry.Config) { c.Concurrency = 64 })
		ctx, enough := context.WithCancel(t.Context())
		go f.fillEvery(ctx, q, 16*c.healthy, well...)
		pass(known)
		for _, h := range hosts {
			f.counts(h)
		}
		pass(10 * time.Second)
		for _, name := range well {
			_, n, _ := f.counts(hosts[name])
			took += n
		}
		enough()
		r.stop(t)
	})
	return took
}

func TestHealthyEndpointsKeepTheirSpeedBesideOthers(t *testing.T) {
	for name, c := range map[string]struct {
		crowd crowd
		known time.Duration
		share float64
	}{
		"one hangs and one fails, from the start": {crowd{8, 1, 1}, 0, 0.9},
		"one hangs and one fails":                 {crowd{8, 1, 1}, 30 * time.Second, 0.9},
		"twenty of thirty hang, from the start":   {crowd{10, 20, 0}, 0, 0.6}, // each has one slot of the 64 until it is known to hang
		"twenty of thirty hang":                   {crowd{10, 20, 0}, 15 * time.Second, 0.9},
		"twenty of thirty hang, later":            {crowd{10, 20, 0}, 45 * time.Second, 0.9},
		"a hundred hang":                          {crowd{8, 100, 0}, 45 * time.Second, 0.9},
	} {
		t.Run(name, func(t *testing.T) {
			alone := crowd{healthy: c.crowd.healthy}.took(t, c.known)
			if took := c.crowd.took(t, c.known); float64(took) < c.share*float64(alone) {
				t.Errorf("the healthy endpoints took %d letters in ten seconds, and by themselves %d", took, alone)
			}
		})
	}
}

func TestQuickEndpointFindsSlotsBesideManySlowOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := map[string]*host{"quick": {latency: 100 * time.Millisecond, answer: takes}}
		slow := names("slow", 15)
		for _, name := range slow {
			hosts[name] = &host{latency: 9 * time.Second, answer: takes}
		}
		f, q := newFleet(hosts), newMemQueue(1)
		f.fill(q, 50*len(slow), slow...)
		f.fill(q, 2000, "quick")
		r := start(t, q, newEndpoints(nil), withFleet(f), func(c *retry.Config) { c.Concurrency = 64 })
		pass(time.Minute) // by now the slow ones could use 120 slots
		f.counts(hosts["quick"])
		f.fill(q, 2000, "quick")
		pass(10 * time.Second)
		if _, took, _ := f.counts(hosts["quick"]); took < 790 {
			t.Errorf("the quick endpoint took %d letters in ten seconds, want 800 as by itself", took)
		}
		r.stop(t)
	})
}

func TestQuickEndpointFindsSlotsBesideSlowAndUnknownOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := map[string]*host{"quick": {latency: 100 * time.Millisecond, answer: takes}}
		slow, hang := names("slow", 15), names("hangs", 400)
		for _, name := range slow {
			hosts[name] = &host{latency: 9 * time.Second, answer: takes}
		}
		for _, name := range hang {
			hosts[name] = &host{latency: 10 * time.Second, answer: hangs}
		}
		f, q := newFleet(hosts), newMemQueue(1)
		f.fill(q, 50*len(slow), slow...)
		f.fill(q, 10, "quick")
		r := start(t, q, newEndpoints(nil), withFleet(f), func(c *retry.Config) { c.Concurrency = 64 })
		pass(time.Minute)
		f.fill(q, len(hang), hang...) // it takes two minutes to know them all
		f.fill(q, 4000, "quick")
		pass(20 * time.Second)
		f.counts(hosts["quick"])
		pass(10 * time.Second)
		if _, took, _ := f.counts(hosts["quick"]); took < 790 {
			t.Errorf("the quick endpoint took %d letters in ten seconds, want 800 as by itself", took)
		}
		r.stop(t)
	})
}

func TestOperatorsLetterPassesThoseOfSilentEndpoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := map[string]*host{}
		bad := names("hangs", 40)
		for _, name := range bad {
			hosts[name] = &host{latency: 10 * time.Second, answer: hangs}
		}
		f, q := newFleet(hosts), newMemQueue(1)
		f.fill(q, 20*len(bad), bad...)
		r := start(t, q, newEndpoints(nil), withFleet(f), func(c *retry.Config) { c.Concurrency = 64 })
		pass(3 * time.Minute)
		f.change(func() {
			for _, name := range []string{"hangs0", "hangs17", "hangs39"} {
				hosts[name].latency, hosts[name].answer = 20*time.Millisecond, takes
			}
		})
		asked := time.Now()
		results, err := r.Do(t.Context(), retry.Redrive{IDs: []string{"letter-0", "letter-17", "letter-39"}, By: "ann"})
		for _, res := range results {
			if res.Did != retry.DidDeliver {
				t.Errorf("%+v", res)
			}
		}
		if waited := time.Since(asked); err != nil || len(results) != 3 || waited > 11*time.Second { // one may be in flight
			t.Errorf("%+v, %v, after %v", results, err, waited)
		}
		r.stop(t)
	})
}

func TestSlotsAreSharedByHowManyAreHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := map[string]*host{"quick": {latency: 100 * time.Millisecond, answer: takes}}
		slower := names("slower", 15)
		for _, name := range slower {
			hosts[name] = &host{latency: 900 * time.Millisecond, answer: takes}
		}
		f, q := newFleet(hosts), newMemQueue(1)
		f.fill(q, 150*len(slower), slower...)
		r := start(t, q, newEndpoints(nil), withFleet(f), func(c *retry.Config) { c.Concurrency = 64 })
		pass(10 * time.Second)
		f.fill(q, 1000, "quick")
		pass(5 * time.Second)
		f.counts(hosts["quick"])
		pass(5 * time.Second)
		if _, took, _ := f.counts(hosts["quick"]); took < 150 { // a sixteenth of 64 slots is four: 200
			t.Errorf("the quick endpoint took %d letters in five seconds: it has not its share of the slots", took)
		}
		r.stop(t)
	})
}
