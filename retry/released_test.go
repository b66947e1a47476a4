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
