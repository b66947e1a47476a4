package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// Somebody else who looks at parked letters leases them for as long. They are parked all the same.
func TestParkedLettersThatSomebodyElseLooksAtStayInSight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		put := func(n int) {
			l := letter(n)
			l.Parked = &deadletter.Parked{At: time.Now().Add(-time.Hour).UTC().Round(0), Reason: deadletter.Exhausted}
			q.mu.Lock()
			defer q.mu.Unlock()
			q.put(q.parked, l)
		}
		for n := range 15 {
			put(n)
		}
		r := start(t, q, ep)
		subscribe(t, r) // without a screen nobody needs to know
		shown := func() int {
			t.Helper()
			n := 0
			for _, entry := range next(t, subscribe(t, r)).Letters {
				if entry.Phase == retry.InParked {
					n++
				}
			}
			return n
		}
		pass(time.Minute)
		if n := shown(); n != 15 {
			t.Fatalf("%d of 15 are shown", n)
		}
		put(15)
		for range 30 {
			q.lendParked()
			pass(3 * time.Second)
			if n := shown(); n < 15 {
				t.Fatalf("%d are shown, and 15 were known", n)
			}
		}
		pass(2 * time.Minute)
		if n := shown(); n != 16 {
			t.Errorf("%d of 16 are shown once nobody else looks", n)
		}
		q.mu.Lock()
		for id := range q.parked { // somebody else has released all but six
			if len(q.parked) > 6 {
				delete(q.parked, id)
			}
		}
		q.mu.Unlock()
		pass(2 * time.Minute)
		if n := shown(); n != 6 {
			t.Errorf("%d are shown of the six that are left", n)
		}
		r.stop(t)
	})
}

// Where few letters of a page are wanted, their batch is not full, and waits for more.
func TestReleaseOfSomeDoesNotWaitForEveryPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		var ids []string
		for n := range 200 {
			l := letter(n)
			l.Parked = &deadletter.Parked{At: time.Now().Add(-time.Hour).UTC().Round(0), Reason: deadletter.Exhausted}
			q.put(q.parked, l)
			if n%2 == 0 {
				ids = append(ids, l.ID)
			}
		}
		r := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.release = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				wait(ctx, time.Second)
				return inner.Release(ctx, l, with)
			}
		}))
		pass(time.Second)
		began := time.Now()
		results := do(t, r, retry.Release{IDs: ids, By: "ann"})
		if took := time.Since(began); took > 5*time.Second || tally(results)[retry.DidRelease] != 100 {
			t.Errorf("it took %v: %v", took, tally(results))
		}
		pass(time.Second)
		if len(q.parked) != 100 {
			t.Errorf("%d are parked", len(q.parked))
		}
		r.stop(t)
	})
}
