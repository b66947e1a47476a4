package retry_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/delivery"
)

// atMost is an endpoint that takes so many a second, as a token bucket that holds burst has it, and answers 429 to the
// others.
func atMost(perSecond, burst float64) func(delivery.Request) delivery.Result {
	tokens, at := burst, time.Now()
	return func(delivery.Request) delivery.Result {
		tokens = min(tokens+time.Since(at).Seconds()*perSecond, burst)
		at = time.Now()
		if tokens < 1 {
			return tooMany()
		}
		tokens--
		return ok()
	}
}

// inEachSecond is an endpoint that counts by the seconds of its clock.
func inEachSecond(most int) func(delivery.Request) delivery.Result {
	second, n := int64(0), 0
	return func(delivery.Request) delivery.Result {
		if now := time.Now().Unix(); now != second {
			second, n = now, 0
		}
		if n++; n > most {
			return tooMany()
		}
		return ok()
	}
}

// thenQuiet has an endpoint want quiet for a while after each 429.
func thenQuiet(d time.Duration, answer func(delivery.Request) delivery.Result) func(delivery.Request) delivery.Result {
	return func(r delivery.Request) delivery.Result {
		res := answer(r)
		if res.Outcome != delivery.Delivered {
			res.NotBefore = time.Now().Add(d)
		}
		return res
	}
}

func TestEndpointThatAllowsSoManyASecondGetsNearlyAsMany(t *testing.T) {
	for name, c := range map[string]struct {
		rate    float64
		answer  func() func(delivery.Request) delivery.Result
		minutes int
	}{
		"2":                   {2, func() func(delivery.Request) delivery.Result { return atMost(2, 2) }, 3}, // a minute is 120 letters
		"5":                   {5, func() func(delivery.Request) delivery.Result { return atMost(5, 5) }, 1},
		"20":                  {20, func() func(delivery.Request) delivery.Result { return atMost(20, 1) }, 1},
		"20 in bursts":        {20, func() func(delivery.Request) delivery.Result { return atMost(20, 100) }, 1},
		"20 by the clock":     {20, func() func(delivery.Request) delivery.Result { return inEachSecond(20) }, 1},
		"100":                 {100, func() func(delivery.Request) delivery.Result { return atMost(100, 10) }, 1},
		"20, and wants quiet": {20, func() func(delivery.Request) delivery.Result { return thenQuiet(5*time.Second, atMost(20, 10)) }, 6},
		"no limit that binds": {50, func() func(delivery.Request) delivery.Result { return atMost(500, 100) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crm := &host{latency: 20 * time.Millisecond, answer: c.answer()}
				f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
				most := c.rate * 60 * float64(c.minutes)
				f.fill(q, int(c.rate*5), "crm")
				ctx, enough := context.WithCancel(t.Context())
				go f.fillEvery(ctx, q, int(math.Ceil(c.rate*1.1)), "crm")
				r := start(t, q, newEndpoints(nil), withFleet(f))
				pass(time.Duration(c.minutes) * time.Minute)
				enough()
				tried, took, refused := f.counts(crm)
				if float64(took) < 0.8*most {
					t.Errorf("it took %d letters and would have taken %v", took, most)
				}
				if float64(refused) > 0.1*float64(tried) {
					t.Errorf("it answered 429 to %d attempts of %d", refused, tried)
				}
				r.stop(t)
			})
		})
	}
}

func TestLaneIsBackAtFullSpeedWhenTheLimitIsLifted(t *testing.T) {
	for _, perSecond := range []float64{2, 20} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crm := &host{latency: 200 * time.Millisecond, answer: atMost(perSecond, 1)}
				f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
				f.fill(q, 200, "crm")
				ctx, enough := context.WithCancel(t.Context())
				go f.fillEvery(ctx, q, 40, "crm")
				r := start(t, q, newEndpoints(nil), withFleet(f))
				pass(time.Minute)
				if l := lanes(t, r)["https://crm"]; !l.Learned || l.Rate < perSecond/2 || l.Rate > 2*perSecond {
					t.Errorf("the lane of an endpoint that allows %v a second says %+v", perSecond, l)
				}
				f.change(func() { crm.answer = takes })
				pass(time.Minute + 15*time.Second)
				f.counts(crm)
				pass(10 * time.Second)
				if _, took, _ := f.counts(crm); took < 390 { // eight slots, each taking 0.2 s
					t.Errorf("it took %d letters in ten seconds, not 400", took)
				}
				if l := lanes(t, r)["https://crm"]; l.Learned || l.Rate != 0 {
					t.Errorf("the lane at full speed says %+v", l)
				}
				enough()
				r.stop(t)
			})
		})
	}
}

func TestOne429TeachesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		crm := &host{latency: 20 * time.Millisecond, answer: func(delivery.Request) delivery.Result {
			if n++; n%100 == 50 {
				return tooMany()
			}
			return ok()
		}}
		f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
		f.fill(q, 3000, "crm")
		r := start(t, q, newEndpoints(nil), withFleet(f))
		pass(9 * time.Second)
		if _, took, _ := f.counts(crm); took != 3000 {
			t.Errorf("it took %d letters of 3,000 in nine seconds, at 400 a second", took)
		}
		r.stop(t)
	})
}

func TestEndpointThatAnswersNothingBut429IsProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &host{latency: 20 * time.Millisecond, answer: func(delivery.Request) delivery.Result { return tooMany() }}
		f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
		f.fill(q, 300, "crm")
		r := start(t, q, newEndpoints(nil), withFleet(f))
		pass(time.Minute)
		if tried, _, _ := f.counts(crm); tried > 40 {
			t.Errorf("%d attempts in a minute at an endpoint that takes none", tried)
		}
		if l := lanes(t, r)["https://crm"]; l.State != retry.Open {
			t.Errorf("its breaker is %s", l.State)
		}
		f.change(func() { crm.answer = atMost(20, 20) })
		pass(90 * time.Second)
		if _, took, refused := f.counts(crm); took != 300 {
			t.Errorf("it took %d letters of 300 in a minute and a half after it allowed 20 a second, and refused %d", took, refused)
		}
		r.stop(t)
	})
}

func TestWhatWasLearnedOutlastsAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &host{latency: 20 * time.Millisecond, answer: atMost(20, 5)}
		f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
		f.fill(q, 600, "crm")
		r := start(t, q, newEndpoints(nil), withFleet(f))
		pass(2 * time.Minute)
		f.counts(crm)
		f.fill(q, 100, "crm")
		pass(15 * time.Second)
		if tried, took, refused := f.counts(crm); took != 100 || refused > 5 {
			t.Errorf("of a hundred letters after a pause it took %d, with %d attempts and %d refused", took, tried, refused)
		}
		pass(10 * time.Minute)
		if l := lanes(t, r)["https://crm"]; l.Learned || l.Rate != 0 {
			t.Errorf("ten minutes after the last 429 the lane says %+v", l)
		}
		r.stop(t)
	})
}
