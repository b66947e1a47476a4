package retry

import (
	"context"
	"errors"
	"time"

	"rehook/retry/deadletter"
)

const (
	leaseEvery  = time.Second      // how often leases are looked at
	leaseLow    = 10 * time.Second // a waiting letter's lease is not let to come below this
	extendsMost = 1000             // extensions under way at once
)

// attemptNeeds is how long a lease must last for an attempt to begin whose payload is at hand.
func (e *Engine) attemptNeeds() time.Duration { return e.cfg.Timeout + leaseSlack }

// holdLease sees that a waiting letter's lease lasts until it is due and through the attempt: one change of
// visibility a backoff, and none for a short one.
func (e *Engine) holdLease(it *item, due time.Time) {
	until := due.Add(e.needs(it))
	if it.lease.Until.Before(until) {
		e.extend(it, until.Sub(e.now))
	}
}

// keepLeases extends the leases of letters that may be attempted any time but have not been, and lets go of
// those that have ended: another engine may have the letter.
func (e *Engine) keepLeases() {
	if e.now.Before(e.keepAt) || e.stopping {
		return
	}
	e.keepAt = e.now.Add(leaseEvery)
	for _, it := range e.items {
		switch {
		case it.state == returning:
			e.missing(it)
		case it.state == onDeck:
			if !it.leased(e.now, e.attemptNeeds()) {
				e.reclaim(it)
			}
		case it.state == inFlight:
			// Its lease was long enough when the attempt began.
		case it.state == settling:
			if !it.leased(e.now, leaseLow) {
				e.extend(it, leaseReady) // the queue does not answer at once
			}
		case !it.lease.Until.After(e.now):
			e.lose(it)
		case it.in != e.schedule && !it.leased(e.now, e.needs(it)+leaseEvery):
			e.extend(it, leaseReady+e.needs(it))
		case it.in == e.schedule && !it.leased(e.now, leaseLow):
			e.holdLease(it, it.due)
		}
	}
}

// missing lets go of a replaced letter that has not come back a minute after it was due: another engine has
// it, or it is far back in the queue.
func (e *Engine) missing(it *item) {
	if e.now.Sub(it.due) > leaseReady {
		e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: "the queue has not handed it out again yet"})
		e.counters.Left++
		e.remove(it)
	}
}

// extend changes the visibility of a letter's message, d from now.
func (e *Engine) extend(it *item, d time.Duration) {
	if it.extending || e.extending >= extendsMost || e.stopping {
		return
	}
	it.extending = true
	e.extending++
	d = min(d, leaseLong).Round(time.Second) + time.Second // SQS counts whole seconds
	lease, asked := it.lease, e.now
	e.start(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, leaseLow)
		defer cancel()
		err := e.cfg.Queue.Extend(ctx, lease, d)
		e.tell(func() { e.extended(it, lease, asked.Add(d).Round(0), err) })
	})
}

func (e *Engine) extended(it *item, lease deadletter.Lease, until time.Time, err error) {
	it.extending = false
	e.extending--
	if e.items[it.letter.ID] != it {
		return
	}
	e.reclaim(it)
	switch same := it.lease.Receipt == lease.Receipt; { // or it was received again meanwhile
	case err == nil && same:
		it.lease.Until = until
	case errors.Is(err, deadletter.ErrLeaseLost) && same && it.state == idle:
		e.lose(it)
		return
	case err != nil && same:
		e.trouble("the lease of a letter could not be extended", err)
	}
	if it.state != idle {
		return
	}
	if it.in == nil && it.heldBy == "" { // it was taken out of its lane for the sake of its lease
		if err == nil || !it.forced && it.letter.NextAttemptAt.After(e.now) {
			e.place(it)
		} else {
			it.due = e.now.Add(leaseEvery)
			it.enter(e.schedule)
		}
	}
	e.touch(it)
}

// lose drops a letter whose lease has ended. It comes back through the queue, to us or to another engine.
func (e *Engine) lose(it *item) {
	e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: deadletter.ErrLeaseLost.Error()})
	e.counters.Left++
	e.emit(LeaseLost{at(e.now), it.letter.ID})
	e.remove(it)
}
