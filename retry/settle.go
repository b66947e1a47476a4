package retry

import (
	"context"
	"errors"
	"time"

	"rehook/retry/deadletter"
)

const (
	settleFirst   = time.Second // between two tries to tell the queue; doubles
	settleLongest = 8 * time.Second
)

// end deletes a delivered letter.
func (e *Engine) end(it *item) {
	lease := it.lease
	e.settle(it, func(ctx context.Context) error { return e.cfg.Queue.Delete(ctx, lease) }, func(err error) {
		if err != nil {
			e.trouble("a delivered letter could not be deleted: it will be when the queue hands it out again", err)
		}
		e.counters.Delivered++
		e.show(&e.finished, Entry{Letter: it.letter, Phase: Done, Due: e.now, ReceivedAt: it.receivedAt, Receives: it.lease.Receives})
		e.remove(it)
	})
}

// replace writes what became of an attempt into the queue: the letter as it is now, in place of its message.
func (e *Engine) replace(it *item) {
	lease, letter := it.lease, it.letter
	e.settle(it, func(ctx context.Context) error { return e.cfg.Queue.Replace(ctx, lease, letter) }, func(err error) {
		switch {
		case it.arrived != nil:
			e.replacementArrived(it, err)
		case err == nil || errors.Is(err, deadletter.ErrNotDeleted):
			it.state = returning
			it.lease = deadletter.Lease{MessageID: it.lease.MessageID, SentAt: e.now}
			e.touch(it)
		default:
			e.trouble("the queue did not take a letter back after its attempt: its retry count does not grow", err)
			e.lose(it)
		}
	})
}

// replacementArrived takes up the replacement that was received before the word that it was accepted.
func (e *Engine) replacementArrived(it *item, err error) {
	old, l := it.lease, *it.arrived
	it.arrived = nil
	e.adopt(it, l)
	if err != nil {
		e.deleteCopy(old) // the send was accepted after all, only the word of it was lost
	}
}

// park moves a letter to the parked queue. why is kept if the letter does not say itself what is wrong.
func (e *Engine) park(it *item, reason deadletter.ParkReason, why string) {
	it.leave()
	parked := it.letter.Clone()
	parked.Parked = &deadletter.Parked{At: e.now.UTC().Round(0).Truncate(time.Millisecond), Reason: reason}
	parked.NextAttemptAt = time.Time{}
	if parked.Error == "" {
		parked.Error = why
	}
	lease := it.lease
	e.settle(it, func(ctx context.Context) error { return e.cfg.Queue.Park(ctx, lease, parked) }, func(err error) {
		if err != nil && !errors.Is(err, deadletter.ErrNotDeleted) {
			e.trouble("a letter could not be moved to the parked queue: it stays where it is", err)
			e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: err.Error()})
			e.lose(it)
			return
		}
		e.counters.Parked++
		e.emit(Parked{at(e.now), parked.ID, it.url, reason})
		e.finishJobs(it, Result{ID: parked.ID, Did: DidPark, Note: string(reason)})
		e.show(&e.parked, Entry{Letter: parked, Phase: InParked, ReceivedAt: it.receivedAt})
		if it.arrived != nil {
			e.deleteCopy(*it.arrived)
		}
		e.remove(it)
	})
}

// settle tells the queue what became of a letter, and has the loop go on when that is done or given up.
func (e *Engine) settle(it *item, tell func(context.Context) error, then func(error)) {
	it.state, it.forced = settling, false
	e.settling++
	e.touch(it)
	until, l := it.lease.Until, it.lane
	e.start(func(ctx context.Context) {
		err := e.insist(ctx, until, tell)
		e.tell(func() {
			e.settling--
			then(err)
			if l != nil {
				e.consider(l)
			}
		})
	})
}

// insist repeats a call to the queue until it is done, the lease has ended, or its repetition is pointless.
func (e *Engine) insist(ctx context.Context, until time.Time, call func(context.Context) error) error {
	for wait := settleFirst; ; wait = min(2*wait, settleLongest) {
		err := call(ctx)
		if err == nil || errors.Is(err, deadletter.ErrLeaseLost) || errors.Is(err, deadletter.ErrNotDeleted) || errors.Is(err, deadletter.ErrTooLarge) {
			return err
		}
		e.tell(func() { e.trouble("the queue could not be told what became of a letter: trying again", err) })
		if time.Now().Round(0).Add(wait).After(until) {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// remove takes a letter out of the inventory.
func (e *Engine) remove(it *item) {
	it.leave()
	e.touch(it)
	delete(e.items, it.letter.ID)
	e.bytes -= int64(len(it.letter.Payload))
	e.quit(it)
}
