package retry_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// elsewhere is a queue that others work on too: the first letter that the engine moves is at once parked there, and
// released a second later.
type elsewhere struct {
	*memQueue
	mu    sync.Mutex
	moved bool // guarded by mu
}

// meddle takes the message of a lease away, and gives its letter back with no attempts.
func (q *elsewhere) meddle(lease deadletter.Lease, l *deadletter.Letter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.moved {
		return false
	}
	q.moved = true
	q.memQueue.mu.Lock()
	q.drop(lease)
	q.memQueue.mu.Unlock()
	time.AfterFunc(time.Second, func() {
		released := l.Clone()
		released.Parked, released.RetryCount, released.NextAttemptAt = nil, 0, time.Time{}
		q.Send(released)
	})
	return true
}

// Park is heard of by the engine when the letter has been released already.
func (q *elsewhere) Park(ctx context.Context, lease deadletter.Lease, with *deadletter.Letter) error {
	if q.meddle(lease, with) {
		time.Sleep(2 * time.Second)
		return nil
	}
	return q.memQueue.Park(ctx, lease, with)
}

func (q *elsewhere) Replace(ctx context.Context, lease deadletter.Lease, with *deadletter.Letter) error {
	if q.meddle(lease, with) {
		return nil
	}
	return q.memQueue.Replace(ctx, lease, with)
}

func TestLetterReleasedWhileItIsBeingMovedIsNotTakenForACopy(t *testing.T) {
	for name, change := range map[string]func(*deadletter.Letter){
		"parked as unreadable": func(l *deadletter.Letter) { l.OriginalEndpoint = "" },
		"parked as exhausted":  func(l *deadletter.Letter) { l.RetryCount = 4 },
		"sent back":            func(l *deadletter.Letter) { l.RetryCount = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := &elsewhere{memQueue: newMemQueue(1)}
				l := letter(1)
				change(l)
				q.Send(l)
				ep := newEndpoints(func(_ delivery.Request, n int) delivery.Result {
					if n == 1 {
						return unavailable()
					}
					return ok()
				})
				r := start(t, q.memQueue, ep, func(c *retry.Config) { c.Queue = q })
				pass(10 * time.Minute)
				r.stop(t)
				if n := len(q.waiting) + len(q.parked) + ep.accepted[l.ID]; n != 1 {
					t.Errorf("the letter is in %d places, not in one", n)
				}
			})
		})
	}
}

func TestCopyThatAKillLeftBehindOfALetterParkedSinceIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result {
			return delivery.Result{Outcome: delivery.Rejected, Status: 410, Error: "410 Gone"}
		})
		old := letter(1)
		q.Send(old)
		replacement := old.Clone()
		replacement.AddAttempt(deadletter.Attempt{At: time.Now(), Status: 503})
		q.Send(replacement) // accepted, and then its sender was killed
		q.waiting["m2"].visibleAt = time.Now().Add(10 * time.Second)
		pass(time.Second)
		r := start(t, q, ep)
		pass(time.Minute)
		if n := len(ep.times(old.ID)); n != 1 || len(q.parked) != 1 || len(q.waiting) != 0 {
			t.Errorf("attempted %d times, %d parked, %d waiting", n, len(q.parked), len(q.waiting))
		}
		r.stop(t)
	})
}
