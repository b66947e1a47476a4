package retry_test

import (
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
