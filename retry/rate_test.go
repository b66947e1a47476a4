package retry_test

import (
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/delivery"
)

// evenly checks that no second saw more attempts than a rate and its bucket allow.
func evenly(t *testing.T, times []time.Time, most int) {
	t.Helper()
	first := 0
	for i, at := range times {
		for at.Sub(times[first]) >= time.Second {
			first++
		}
		if n := i - first + 1; n > most {
			t.Fatalf("%d attempts in the second before %v, want at most %d", n, at, most)
		}
	}
}

func TestEndpointGetsNoMoreThanItsRate(t *testing.T) {
	for name, c := range map[string]struct {
		rate        float64
		least, most int // in ten seconds
		inASecond   int
	}{
		"one in two seconds": {0.5, 5, 6, 1},
		"20":                 {20, 199, 202, 21},
		"200":                {200, 1995, 2015, 211}, // the bucket holds ten
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crm, erp := &host{latency: 20 * time.Millisecond, answer: takes}, &host{latency: 20 * time.Millisecond, answer: takes}
				f, q := newFleet(map[string]*host{"crm": crm, "erp": erp}), newMemQueue(1)
				f.fill(q, int(c.rate*22)+100, "crm", "erp")
				r := start(t, q, newEndpoints(nil), withFleet(f), func(c2 *retry.Config) { c2.PerEndpointRate = c.rate })
				pass(10*time.Second - time.Millisecond)
				for _, h := range []*host{crm, erp} {
					f.mu.Lock()
					times := h.times
					f.mu.Unlock()
					evenly(t, times, c.inASecond)
					if n := len(times); n < c.least || n > c.most {
						t.Errorf("%d attempts in ten seconds at %v a second", n, c.rate)
					}
				}
				if l := lanes(t, r)["https://crm"]; l.Rate != c.rate || l.Learned {
					t.Errorf("the lane says %+v", l)
				}
				r.stop(t)
			})
		})
	}
}

func TestLimitByHandHoldsUntilItIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &host{latency: 20 * time.Millisecond, answer: takes}
		f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
		f.fill(q, 2800, "crm")
		r := start(t, q, newEndpoints(nil), withFleet(f))
		do := func(c retry.Command, want retry.Did) retry.Result {
			t.Helper()
			results, err := r.Do(t.Context(), c)
			if err != nil || len(results) != 1 || results[0].Did != want {
				t.Fatalf("%+v: %+v, %v; want %q", c, results, err, want)
			}
			return results[0]
		}
		over := func(d time.Duration) int {
			f.counts(crm)
			pass(d)
			_, took, _ := f.counts(crm)
			return took
		}
		pass(time.Second)
		do(retry.Limit{Endpoint: "https://crm/hook?a=b", Rate: 5, By: "ann"}, retry.DidLimit)
		pass(time.Second) // what was under way
		if took := over(10 * time.Second); took < 49 || took > 51 {
			t.Errorf("%d letters in ten seconds at five a second", took)
		}
		if l := lanes(t, r)["https://crm"]; l.Rate != 5 || l.LimitedBy != "ann" || l.Limit != 8 || l.Learned {
			t.Errorf("the lane says %+v", l)
		}
		do(retry.Limit{Endpoint: "https://crm", AtOnce: 2, By: "bob"}, retry.DidLimit)
		pass(time.Second)
		f.counts(crm)
		pass(5 * time.Second)
		f.change(func() {
			if crm.top != 2 || crm.took < 490 {
				t.Errorf("%d at once and %d letters in five seconds, at two of 20 ms at once", crm.top, crm.took)
			}
		})
		if l := lanes(t, r)["https://crm"]; l.Rate != 0 || l.LimitedBy != "bob" || l.Limit != 2 {
			t.Errorf("the lane says %+v", l)
		}
		if res := do(retry.Limit{Endpoint: "https://crm", By: "bob"}, retry.DidLimit); res.Note != "8 at once, as configured" {
			t.Errorf("taken back: %+v", res)
		}
		if took := over(2 * time.Second); took < 750 {
			t.Errorf("%d letters in two seconds after the limit was taken back", took)
		}
		r.stop(t)
	})
}

func TestLimitThatMakesNoSenseIsRefusedInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, queueOf(1), newEndpoints(takesAll))
		pass(time.Second)
		for _, endpoint := range []string{"https://elsewhere.example.com", "crm.example.com", ""} {
			results, err := r.Do(t.Context(), retry.Limit{Endpoint: endpoint, Rate: 1})
			want := retry.Result{ID: endpoint, Did: retry.DidSkip, Note: "no such endpoint: this engine has had no letter for it"}
			if err != nil || len(results) != 1 || results[0] != want {
				t.Errorf("%q: %+v, %v", endpoint, results, err)
			}
		}
		for _, c := range []retry.Limit{{Rate: math.NaN()}, {Rate: -1}, {Rate: math.Inf(1)}, {AtOnce: -3}} {
			c.Endpoint = "https://crm.example.com"
			if results, err := r.Do(t.Context(), c); !errors.Is(err, retry.ErrRefused) {
				t.Errorf("%+v: %+v, %v", c, results, err)
			}
		}
		r.stop(t)
	})
}

func TestLimitByHandBoundsWhatIsLearned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &host{latency: 20 * time.Millisecond, answer: atMost(20, 5)}
		f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
		f.fill(q, 3000, "crm")
		r := start(t, q, newEndpoints(nil), withFleet(f))
		pass(time.Minute)
		for _, c := range []struct {
			rate, is float64
			learned  bool
		}{{10, 10, false}, {100, 20, true}} {
			if _, err := r.Do(t.Context(), retry.Limit{Endpoint: "https://crm", Rate: c.rate, By: "ann"}); err != nil {
				t.Fatal(err)
			}
			f.counts(crm)
			pass(10 * time.Second)
			if _, took, _ := f.counts(crm); float64(took) < 7*c.is || float64(took) > 11*c.is {
				t.Errorf("%d letters in ten seconds, want about %v a second", took, c.is)
			}
			if l := lanes(t, r)["https://crm"]; l.Learned != c.learned || l.LimitedBy != "ann" {
				t.Errorf("limited to %v the lane says %+v", c.rate, l)
			}
		}
		r.stop(t)
	})
}

func TestRateThatIsNoneIsRefused(t *testing.T) {
	for _, rate := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err := retry.New(retry.Config{Queue: newMemQueue(1), Deliver: newEndpoints(func(delivery.Request, int) delivery.Result { return ok() }), PerEndpointRate: rate})
		if err == nil {
			t.Errorf("an engine was made with %v attempts a second to one endpoint", rate)
		}
	}
}
