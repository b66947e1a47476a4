package retry_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/delivery"
)

func TestWhatIsKnownOfAnEndpointOutlastsItsLetters(t *testing.T) {
	for name, c := range map[string]struct {
		others func(delivery.Request) delivery.Result
		known  bool // what a lane knows, but for what an operator has set, may go for what so many others know
	}{
		"thousands that take their letter":    {takes, true},
		"thousands that want quiet for a day": {quiet(24 * time.Hour), false},
		"thousands that refuse their letter":  {fails, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hosts := map[string]*host{
					"throttled": {latency: 20 * time.Millisecond, answer: atMost(20, 1)},
					"quiet":     {latency: 20 * time.Millisecond, answer: quiet(time.Hour)},
					"broken":    {latency: 20 * time.Millisecond, answer: fails},
					"limited":   {latency: 20 * time.Millisecond, answer: takes},
					"other":     {latency: 20 * time.Millisecond, answer: c.others},
				}
				f, q := newFleet(hosts), newMemQueue(1)
				f.fill(q, 100, "throttled")
				f.fill(q, 3, "quiet", "broken", "limited")
				r := start(t, q, newEndpoints(nil), withFleet(f), func(c *retry.Config) { c.MaxRetries = 1 })
				pass(time.Second)
				f.fill(q, 20, "broken")
				pass(10 * time.Second)
				if _, err := r.Do(t.Context(), retry.Limit{Endpoint: "https://limited", Rate: 3, By: "ann"}); err != nil {
					t.Fatal(err)
				}
				for range 40 { // every letter goes, or is parked
					f.fill(q, 100, newNames(f, 100)...)
					pass(time.Second)
				}
				all := lanes(t, r)
				if len(all) > 2100 {
					t.Errorf("%d lanes are kept", len(all))
				}
				if l := all["https://limited"]; l.Rate != 3 || l.LimitedBy != "ann" {
					t.Errorf("the limited lane says %+v", l)
				}
				if !c.known {
					r.stop(t)
					return
				}
				if l := all["https://throttled"]; !l.Learned || l.Rate == 0 {
					t.Errorf("the throttled lane says %+v", l)
				}
				if l := all["https://quiet"]; l.NotBefore.Before(time.Now()) {
					t.Errorf("the quiet lane says %+v", l)
				}
				if l := all["https://broken"]; l.State == retry.Closed {
					t.Errorf("the broken lane says %+v", l)
				}
				r.stop(t)
			})
		})
	}
}

// quiet answers 429, and asks for quiet.
func quiet(d time.Duration) func(delivery.Request) delivery.Result {
	return thenQuiet(d, func(delivery.Request) delivery.Result { return tooMany() })
}

// newNames are of endpoints that have had no letter yet.
func newNames(f *fleet, n int) []string {
	return names(fmt.Sprintf("new-%d-", f.sent), n)
}

func TestLeasesThatRunLowTogetherHoldNoLaneUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ep := lasting(func(int) time.Duration { return 20 * time.Millisecond })
		r := start(t, queueOf(9000), ep, func(c *retry.Config) { c.PerEndpoint = 2 })
		for last := 0; last < 2500; pass(time.Second) { // 9,000 leases of half a minute, and no more than 1,000 extended at once
			delivered := ep.delivered()
			if last > 0 && delivered-last < 80 {
				t.Errorf("%d letters in a second after the first %d, want a hundred", delivered-last, last)
			}
			last = delivered
		}
		r.stop(t)
	})
}
