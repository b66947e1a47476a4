package retry_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// A lease alone that is extended is no news: ten thousand of them are, all the time.
func TestLeasesThatAreExtendedWakeNoWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		for n := range 200 {
			q.Send(letter(n))
		}
		var extended atomic.Int64
		r := start(t, q, newEndpoints(takesAll), func(c *retry.Config) { c.PausedBy, c.DepthEvery = "ann", 10*time.Second },
			hooking(func(h *hooked) {
				inner := h.Queue
				h.extend = func(ctx context.Context, l deadletter.Lease, d time.Duration) error {
					wait(ctx, time.Duration(extended.Add(1)%50)*100*time.Millisecond) // not all of them are told in one moment
					return inner.Extend(ctx, d, l)[0]
				}
			}))
		feed, err := r.Subscribe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pass(10 * time.Minute)
		if _, err := feed.Next(t.Context()); err != nil { // all that there is
			t.Fatal(err)
		}
		before := extended.Load()
		updates := 0
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		for {
			u, err := feed.Next(ctx)
			if err != nil {
				break
			}
			updates++
			for _, e := range u.Letters {
				t.Errorf("news of %s, which is as it was", e.Letter.ID)
			}
		}
		if n := extended.Load() - before; n < 200 || updates > 65 {
			t.Errorf("%d updates in ten minutes in which the depth was read 60 times and leases were extended %d times", updates, n)
		}
		r.stop(t)
	})
}
