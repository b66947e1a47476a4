package retry_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// Its settings may lack the route, or allow fewer attempts, that the next engine has.
func TestPausedEngineParksNothingByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		unrouted, exhausted, byHand := letter(1), letter(2), letter(3)
		unrouted.OriginalEndpoint, byHand.OriginalEndpoint = "", ""
		exhausted.RetryCount = 7
		exhausted.NextAttemptAt = time.Now().Add(time.Hour).UTC().Round(0)
		q.Send(unrouted)
		q.Send(exhausted)
		q.Send(byHand)
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "rehook redrive" })
		pass(3 * time.Hour)
		if len(q.parked) != 0 {
			t.Errorf("parked is %v", q.letters(q.parked))
		}
		results, err := r.Do(t.Context(), retry.Park{IDs: []string{byHand.ID}, By: "ann"})
		if err != nil || len(results) != 1 || results[0].Did != retry.DidPark {
			t.Errorf("parked by hand: %+v, %v", results, err)
		}
		r.stop(t)
		if len(q.waiting) != 2 || len(q.parked) != 1 {
			t.Errorf("%d wait, %d are parked", len(q.waiting), len(q.parked))
		}
		r = start(t, q, ep, func(c *retry.Config) { c.PausedBy = "--paused" })
		pass(30 * time.Hour) // longer than SQS lends a message
		if _, err := r.Do(t.Context(), retry.Resume{By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if p := q.letters(q.parked); len(p) != 3 || len(q.waiting) != 0 {
			t.Errorf("after it was resumed %d wait, and parked are %v", len(q.waiting), p)
		}
		if len(ep.attempts) != 0 {
			t.Errorf("attempted %v", ep.attempts)
		}
		r.stop(t)
	})
}

// What the queue has beyond the inventory is older than what is held, and nobody else would see it end.
func TestNothingExpiresBehindTheInventoryOfAPausedEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many, room = 60, 20
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		q.keeps = 24 * time.Hour
		q.order = func(a, b *message) int { return bySending(b, a) }
		for n := range many - room {
			q.Send(letter(n))
		}
		pass(12 * time.Hour)
		for n := range room {
			q.Send(letter(many - room + n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory, c.PausedBy = room, "ann" })
		pass(9 * time.Minute)
		if n := q.called("Receive"); n > 3 {
			t.Errorf("%d receives: in a pause of some minutes the letters stay that there are to look at", n)
		}
		pass(48 * time.Hour)
		if n := len(ep.attempts); n != 0 {
			t.Errorf("%d letters were attempted", n)
		}
		if _, err := r.Do(t.Context(), retry.Resume{By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(10 * time.Second)
		if n := len(ep.accepted); n != many {
			t.Errorf("%d of %d letters were delivered soon after it was resumed; %d have expired", n, many, len(q.expired))
		}
		r.stop(t)
	})
}

func TestPausedEngineExtendsALeaseOnceInFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		for n := range 100 {
			q.Send(letter(n))
		}
		var extended atomic.Int32
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "--paused" }, hooking(func(h *hooked) {
			inner := h.Queue
			h.extend = func(ctx context.Context, l deadletter.Lease, d time.Duration) error {
				extended.Add(1)
				return inner.Extend(ctx, d, l)[0]
			}
		}))
		pass(5 * time.Minute)
		if n := extended.Load(); n != 100 {
			t.Errorf("100 leases were extended %d times in five minutes", n)
		}
		pass(30 * time.Minute)
		for _, m := range q.waiting {
			if m.receives != 1 {
				t.Errorf("message %s was received %d times: its lease was let go", m.id, m.receives)
			}
		}
		r.stop(t)
	})
}
