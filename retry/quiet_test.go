package retry_test

import (
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/delivery"
)

func TestRedriveOfManyHeedsRetryAfter(t *testing.T) {
	for name, c := range map[string]retry.Redrive{"all at once": {By: "ann"}, "at a rate": {Rate: 5, By: "ann"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				quietUntil := time.Now().Add(10 * time.Minute)
				crm := &host{latency: 20 * time.Millisecond, answer: func(delivery.Request) delivery.Result {
					if time.Now().Before(quietUntil) {
						res := tooMany()
						res.NotBefore = quietUntil
						return res
					}
					return ok()
				}}
				f, q := newFleet(map[string]*host{"crm": crm}), newMemQueue(1)
				f.fill(q, 20, "crm")
				r := start(t, q, newEndpoints(nil), withFleet(f))
				pass(time.Minute)
				f.counts(crm)
				for n := range 20 {
					c.IDs = append(c.IDs, letter(n).ID)
				}
				asked := make(chan []retry.Result, 1)
				go func() {
					results, err := r.Do(t.Context(), c)
					if err != nil {
						t.Error(err)
					}
					asked <- results
				}()
				pass(time.Second)
				if tried, _, _ := f.counts(crm); tried != 1 {
					t.Errorf("%d attempts at an endpoint that wants quiet, want a single probe", tried)
				}
				for _, l := range look(t, r).Letters {
					if l.Phase == retry.Waiting && l.Wait != retry.ForCommand && (l.Wait != retry.ForRetryAfter || l.Due.Before(quietUntil)) {
						t.Errorf("%s waits for %q until %v", l.Letter.ID, l.Wait, l.Due)
					}
				}
				pass(8 * time.Minute)
				if tried, _, _ := f.counts(crm); tried != 0 {
					t.Errorf("%d more attempts while it wants quiet", tried)
				}
				if _, err := r.Do(t.Context(), retry.Limit{Endpoint: "https://crm", AtOnce: 3, By: "ann"}); err != nil { // and nothing wakes it
					t.Fatal(err)
				}
				pass(2 * time.Minute)
				results := <-asked
				delivered := 0
				for _, res := range results {
					if res.Did == retry.DidDeliver {
						delivered++
					}
				}
				if delivered != 19 || len(results) != 20 {
					t.Errorf("%+v", results)
				}
				r.stop(t)
			})
		})
	}
}
