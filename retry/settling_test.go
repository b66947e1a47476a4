package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// While the queue takes its time to hear of an attempt, nobody else may have the letter.
func TestLetterIsLeasedWhileTheQueueIsToldWhatCameOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(_ delivery.Request, n int) delivery.Result {
			if n == 1 {
				return unavailable()
			}
			return ok()
		})
		q.Send(letter(1))
		slow := 5 * time.Minute
		a := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.replace = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				wait(ctx, slow)
				return inner.Replace(ctx, l, with)
			}
		}))
		pass(time.Second)
		b := start(t, q, ep)
		pass(slow - time.Minute)
		if n := len(ep.times("letter-1")); n != 1 {
			t.Errorf("attempted %d times while the first attempt was being told of", n)
		}
		pass(2 * time.Minute)
		if !ep.acceptedOnce("letter-1") || len(q.waiting) != 0 {
			t.Errorf("accepted %v, %d left", ep.accepted, len(q.waiting))
		}
		a.stop(t)
		b.stop(t)
	})
}
