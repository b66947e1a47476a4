package retry_test

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPercentilesAreOfTheLastAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &host{latency: 2 * time.Second, answer: takes}
		f, q := newFleet(map[string]*host{"crm": crm, "dead": {latency: 3 * time.Second, answer: hangs}}), newMemQueue(1)
		r := start(t, q, newEndpoints(nil), withFleet(f))
		defer r.stop(t)
		f.fill(q, 18, "crm", "dead")
		pass(30 * time.Second)
		all := lanes(t, r)
		if l := all["https://crm"]; l.P50 != 2*time.Second || l.P95 != 2*time.Second {
			t.Errorf("of slow answers alone half are within %v, 95 %% within %v, want 2 s", l.P50, l.P95)
		}
		if l := all["https://dead"]; l.Waiting != 9 || l.P50 != 0 || l.P95 != 0 {
			t.Errorf("an endpoint that never answered says %+v", l)
		}
		f.change(func() { crm.latency = 40 * time.Millisecond })
		f.fill(q, 118, "crm")
		pass(time.Minute)
		f.change(func() { crm.latency = 500 * time.Millisecond })
		f.fill(q, 10, "crm")
		pass(time.Minute)
		if l := lanes(t, r)["https://crm"]; l.P50 != 40*time.Millisecond || l.P95 != 500*time.Millisecond {
			t.Errorf("of 118 quick answers and 10 slower ones half are within %v, 95 %% within %v, want 40 ms and 500 ms", l.P50, l.P95)
		}
	})
}
