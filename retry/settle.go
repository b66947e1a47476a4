package retry

import (
	"context"
	"errors"
	"time"

	"rehook/retry/deadletter"
)

const (
	settleFirst = time.Second // between two tries to tell the queue; doubles
	settleTries = 4
	parkAgain   = 30 * time.Second // after a letter could not be parked
)

// end deletes a delivered letter.
func (e *Engine) end(it *item) {
	lease, letter := it.lease, it.letter
	e.settle(it, func(ctx context.Context) error {
		err := e.cfg.Queue.Delete(ctx, lease)
		if err == nil && time.Now().Before(lease.Until) { // else SQS may have kept the message, and lent it to somebody
			e.discard(ctx, letter)
		}
		return err
	}, func(err error) {
		if err != nil {
			e.memory.dealtWith(lease.MessageID)
			e.trouble("a delivered letter could not be deleted: it will be when the queue hands it out again", err)
		}
		e.counters.Delivered++
		delete(e.holds, it.letter.ID)
		e.show(&e.finished, Entry{Letter: it.letter, Phase: Done, Due: e.now, ReceivedAt: it.receivedAt, Receives: it.lease.Receives})
		e.remove(it)
	})
}

// replace writes what became of an attempt into the queue.
func (e *Engine) replace(it *item) {
	e.rewrite(it, "the queue did not take a letter back after an attempt: its retry count is kept in memory alone")
}

// rewrite sends the letter as it is now in place of its message. Where that does not work, it goes on under its old
// message, and what else is known of it stays here until it does.
func (e *Engine) rewrite(it *item, otherwise string) {
	lease, letter := it.lease, it.letter
	e.settle(it, func(ctx context.Context) error {
		return fitting(letter, func(l *deadletter.Letter) error { return e.cfg.Queue.Replace(ctx, lease, l) })
	}, func(err error) {
		e.overtaken(lease, err)
		switch {
		case it.arrived != nil:
			e.replacementArrived(it, err)
		case err == nil || errors.Is(err, deadletter.ErrNotDeleted):
			e.sentBack(it)
		case errors.Is(err, deadletter.ErrLeaseLost):
			e.lose(it)
		default:
			e.trouble(otherwise, err)
			it.unchanged = false
			e.moveTo(it, idle)
			e.place(it)
		}
	})
}

// sentBack keeps a replaced letter in view until the queue hands it out again, as long as there is room.
func (e *Engine) sentBack(it *item) {
	if len(e.items) > e.cfg.Inventory || e.bytes >= e.cfg.Bytes {
		e.counters.Left++
		e.remove(it)
		return
	}
	e.moveTo(it, returning)
	it.backAt = e.now
	it.lease = deadletter.Lease{MessageID: it.lease.MessageID, SentAt: e.now.Round(0)}
	e.watchLease(it)
	e.touch(it)
}

// fitting sends a letter; where that is too large for the queue, without what it tells of its attempts.
func fitting(l *deadletter.Letter, send func(*deadletter.Letter) error) error {
	err := send(l)
	if !errors.Is(err, deadletter.ErrTooLarge) || len(l.Attempts) == 0 {
		return err
	}
	bare := l.Clone()
	bare.Attempts, bare.Error = nil, ""
	return send(bare)
}

// overtaken remembers a message whose letter another one carries now, but which could not be deleted.
func (e *Engine) overtaken(l deadletter.Lease, err error) {
	if err == nil || errors.Is(err, deadletter.ErrNotDeleted) {
		e.memory.dealtWith(l.MessageID)
	}
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

// park moves a letter to the parked queue, which says why. Where it does not work the letter stays, is not attempted
// any more, and parking is tried again.
func (e *Engine) park(it *item, reason deadletter.ParkReason, why string) {
	it.leave()
	it.parkAs, it.parkWhy = reason, why
	parked := it.letter.Clone()
	parked.Parked = &deadletter.Parked{At: e.now.UTC().Round(0).Truncate(time.Millisecond), Reason: reason}
	parked.NextAttemptAt = time.Time{}
	parked.Error = parkedError(parked, why)
	lease := it.lease
	e.settle(it, func(ctx context.Context) error {
		return fitting(parked, func(l *deadletter.Letter) error { return e.cfg.Queue.Park(ctx, lease, l) })
	}, func(err error) {
		e.overtaken(lease, err)
		switch {
		case err == nil || errors.Is(err, deadletter.ErrNotDeleted):
			e.parkedNow(it, parked)
		case errors.Is(err, deadletter.ErrLeaseLost):
			e.lose(it)
		default:
			e.notParked(it, err)
		}
	})
}

func (e *Engine) parkedNow(it *item, parked *deadletter.Letter) {
	e.counters.Parked++
	e.room.noParkingFor = time.Time{}
	delete(e.holds, parked.ID)
	e.emit(Parked{at(e.now), parked.ID, it.url, parked.Parked.Reason})
	e.finishJobs(it, Result{ID: parked.ID, Did: DidPark, Note: string(parked.Parked.Reason)})
	e.show(&e.parked, Entry{Letter: parked, Phase: InParked, ReceivedAt: it.receivedAt, ExpiresAt: e.parkedExpiry(e.now)})
	e.remove(it)
	if it.arrived != nil { // a copy, or what somebody has released since: that may be all there is
		e.intake(*it.arrived)
	}
}

// notParked keeps a letter that could not be parked. An operator who asked for it is told, and it waits as it
// did; what can never be delivered waits to be parked.
func (e *Engine) notParked(it *item, err error) {
	e.trouble("a letter could not be moved to the parked queue: it is kept, and not attempted", err)
	e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: err.Error()})
	e.moveTo(it, idle)
	it.arrived = nil
	if it.parkAs == deadletter.ByOperator {
		it.parkAs = ""
		e.place(it)
		return
	}
	if e.room.noParkingFor.IsZero() {
		e.room.noParkingFor = e.now
	}
	it.due, it.waitSince = e.now.Add(parkAgain), e.now
	it.enter(e.schedule)
	e.touch(it)
}

// settle tells the queue what became of a letter, and has the loop go on when that is done or given up.
func (e *Engine) settle(it *item, tell func(context.Context) error, then func(error)) {
	e.moveTo(it, settling)
	it.forced = false
	e.settling++
	e.touch(it)
	l := it.lane
	e.start(func(ctx context.Context) {
		err := e.insist(ctx, tell)
		e.tell(func() {
			e.settling--
			then(err)
			if l != nil {
				e.consider(l)
			}
		})
	})
}

// insist repeats a call to the queue a few times, unless its repetition is pointless.
func (e *Engine) insist(ctx context.Context, call func(context.Context) error) error {
	wait := settleFirst
	for try := 1; ; try++ {
		err := call(ctx)
		if err == nil || try == settleTries || final(err) {
			return err
		}
		e.tell(func() { e.trouble("the queue could not be told what became of a letter: trying again", err) })
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
		wait *= 2
	}
}

func final(err error) bool {
	return errors.Is(err, deadletter.ErrLeaseLost) || errors.Is(err, deadletter.ErrNotDeleted) ||
		errors.Is(err, deadletter.ErrTooLarge) || errors.Is(err, errNotKept)
}

// moveTo changes a letter's state.
func (e *Engine) moveTo(it *item, s state) {
	e.inState[it.state]--
	e.inState[s]++
	it.state = s
}

// remove takes a letter out of the inventory.
func (e *Engine) remove(it *item) {
	it.leave()
	e.unwatchLease(it)
	e.touch(it)
	e.moveTo(it, idle)
	delete(e.items, it.letter.ID)
	e.inState[idle]--
	e.unaccount(&it.standing)
	e.bytes -= int64(len(it.letter.Payload))
	e.quit(it)
}
