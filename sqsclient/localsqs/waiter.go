package localsqs

import (
	"slices"
	"time"
)

// waiter is a long poll that found nothing. Waiters are woken one at a time, first come first served; whoever leaves
// calls wakeNext, so that a message wakes somebody as long as anybody waits.
type waiter struct {
	wake chan struct{} // buffered for one
}

func newWaiter() *waiter { return &waiter{wake: make(chan struct{}, 1)} }

// wait lines w up, unless it stands there already.
func (s *Server) wait(q *queue, w *waiter, t instant) {
	if !slices.Contains(q.waiters, w) {
		select {
		case <-w.wake: // for what the caller has just looked for itself
		default:
		}
		q.waiters = append(q.waiters, w)
	}
	if q.alarm == nil {
		q.alarm = time.AfterFunc(time.Hour, func() { s.ring(q) })
	}
	q.setAlarm(t)
}

// leave takes w out of the line.
func (q *queue) leave(w *waiter) {
	if i := slices.Index(q.waiters, w); i >= 0 {
		q.waiters = slices.Delete(q.waiters, i, i+1)
	}
	q.wakeNext()
}

// wakeNext wakes the first waiter if there is something for it.
func (q *queue) wakeNext() {
	if len(q.waiters) == 0 || q.due.first() == nil {
		return
	}
	q.waiters[0].wake <- struct{}{}
	q.waiters = slices.Delete(q.waiters, 0, 1)
}

// wakeAll ends every wait: the queue is gone.
func (q *queue) wakeAll() {
	for _, w := range q.waiters {
		w.wake <- struct{}{}
	}
	q.waiters = nil
}

// ring is the alarm: something may be due.
func (s *Server) ring(q *queue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := now()
	s.settle(q, t)
	q.setAlarm(t)
}

// setAlarm sets the alarm to when the next message is due, if anybody waits for it.
func (q *queue) setAlarm(t instant) {
	if q.alarm == nil {
		return
	}
	next := q.waiting.first()
	if next == nil || len(q.waiters) == 0 {
		q.alarm.Stop()
		return
	}
	q.alarm.Reset(max(0, next.lease.visibleAt.since(t)))
}
