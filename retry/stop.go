package retry

import (
	"context"
	"errors"
	"time"

	"rehook/retry/deadletter"
)

const (
	stopGrace   = 300 * time.Millisecond // for a receive that is under way when the engine stops
	settleGrace = 5 * time.Second        // how long a stopping engine still tries to tell the queue
)

var errStopping = errors.New("the engine stops")

// life is how long what an engine has begun may go on, each part of it longer than the one before. They are the
// engine's own: what stops the engine ends none of them.
type life struct {
	receives context.Context //nolint:containedctx // the four are ended by cutOff and Run
	attempts context.Context //nolint:containedctx // see receives
	work     context.Context //nolint:containedctx // what is said to the queue of letters
	lends    context.Context //nolint:containedctx // the giving back of leases

	cutReceives, cutAttempts, cutWork, cutLends context.CancelFunc
}

func newLife() (l life) {
	l.lends, l.cutLends = context.WithCancel(context.Background())
	l.work, l.cutWork = context.WithCancel(l.lends)
	l.receives, l.cutReceives = context.WithCancel(l.work)
	attempts, cut := context.WithCancelCause(l.work)
	l.attempts, l.cutAttempts = attempts, func() { cut(errStopping) }
	return l
}

// endAfter ends it when an engine that stops when ctx ends has had its time; 0: as much as it takes.
func (l *life) endAfter(ctx context.Context, within time.Duration) {
	if within > 0 {
		context.AfterFunc(ctx, func() { time.AfterFunc(within, l.cutLends) })
	}
}

// start has a piece of work done beside the loop. Its context ends when a stopping engine can wait no longer.
func (e *Engine) start(f func(ctx context.Context)) { e.todo = append(e.todo, f) }

func (e *Engine) startWork() {
	e.startExtensions()
	for _, f := range e.todo {
		e.work.Go(func() { f(e.life.work) })
	}
	clear(e.todo)
	e.todo = e.todo[:0]
}

// cutOff ends what a stopping engine does not wait for any longer. A receive that is under way may have
// leased letters already, so it gets a moment to say so; an attempt and what it leads to get all their time, or
// half of what the engine has.
func (e *Engine) cutOff() {
	within := e.cfg.StopWithin
	if within == 0 {
		e.waitOrDone(stopGrace)
		e.life.cutReceives()
		if !e.waitOrDone(fetchWithin + e.cfg.Timeout + settleGrace) {
			e.life.cutWork()
		}
		return
	}
	grace := min(stopGrace, within/2)
	e.waitOrDone(grace)
	e.life.cutReceives()
	e.waitOrDone(within/2 - grace)
	e.life.cutAttempts()
	e.waitOrDone(within / 4)
	e.life.cutWork()
}

// waitOrDone reports whether the loop ended within d.
func (e *Engine) waitOrDone(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-e.done:
		return true
	}
}

// giveBack returns every lease, so that another engine can have the letters at once.
func (e *Engine) giveBack() {
	ctx, cancel := context.WithTimeout(e.life.lends, 2*settleGrace)
	defer cancel()
	var leases []deadletter.Lease
	for _, it := range e.items {
		if it.leased(time.Now(), 1) {
			leases = append(leases, it.lease)
		}
	}
	e.lend(ctx, 0, leases)
}
