package retry_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// What is said of a cancelled command over parked letters must be so, also where the engine had not seen them before.
func TestCancelledReleaseSaysWhichLettersItLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		var ids []string
		for n := range 120 {
			l := letter(n)
			l.Parked = &deadletter.Parked{At: time.Now().Add(-time.Hour).UTC().Round(0), Reason: deadletter.Exhausted}
			q.put(q.parked, l)
			ids = append(ids, l.ID)
		}
		r := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.release = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				wait(ctx, 2*time.Second)
				return inner.Release(ctx, l, with)
			}
		}))
		pass(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // forty are released, forty on their way
		defer cancel()
		results, _ := r.Do(ctx, retry.Release{IDs: ids, By: "ann"})
		pass(time.Minute)
		released, onTheirWay, left := 0, 0, 0
		for _, res := range results {
			gone := ep.acceptedOnce(res.ID)
			switch {
			case res.Did == retry.DidRelease:
				released++
			case strings.Contains(res.Note, "see what becomes of it"):
				onTheirWay++
			case res.Did == retry.DidSkip && strings.Contains(res.Note, "left as it was"):
				if left++; gone {
					t.Errorf("%q: %s, and it was released", res.ID, res.Note)
				}
			default:
				t.Errorf("%+v", res)
			}
		}
		if released != 40 || onTheirWay != 40 || left != 40 || len(q.parked) != 40 {
			t.Errorf("%d released, %d on their way, %d left; %d are parked", released, onTheirWay, left, len(q.parked))
		}
		r.stop(t)
	})
}
