package retry

import (
	"context"
	"errors"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

const (
	receivesMost   = 8                  // receives under way at once
	receiveBatch   = 10                 // letters that one receive can bring
	receiveBytes   = receiveBatch << 20 // of payload; SQS: a message has 1 MiB at most
	receiveBackoff = time.Second
	receiveLongest = 30 * time.Second
	copyReceives   = 5               // so often is a second copy met whose deletion fails, before it is put off
	copyAgain      = 5 * time.Minute // for so long
)

// receiving is how many receives are under way, and how many there should be: one while little comes, more
// while every one of them comes back full.
type receiving struct {
	now, wanted int
	again       chan struct{} // has a receiver receive that waits
	errors      int           // in a row
	notBefore   time.Time     // after errors
}

// receive starts receives as long as there is room. The last one may bring nine letters more than that, and ten MiB.
func (e *Engine) receive(ctx context.Context) {
	for !e.stopping && e.receiving.now < e.receiving.wanted && !e.now.Before(e.receiving.notBefore) {
		if e.full() {
			e.makeRoom()
			return
		}
		e.receiving.now++
		select {
		case e.receiving.again <- struct{}{}:
		default:
			e.work.Go(func() { e.receiver(ctx) })
		}
	}
}

// receiver receives whenever it is asked to. It stays for the engine's life: a client's calls are deep, and its stack
// has grown to them.
func (e *Engine) receiver(ctx context.Context) {
	for {
		leases, err := e.cfg.Queue.Receive(ctx)
		e.tell(func() { e.received(leases, err) })
		select {
		case <-e.receiving.again:
		case <-e.done:
			return
		}
	}
}

// received takes what a receive brought.
func (e *Engine) received(leases []deadletter.Lease, err error) {
	e.receiving.now--
	switch {
	case err == nil:
		e.linkUp()
	case e.stopping && errors.Is(err, context.Canceled):
		// we cut it off ourselves
	case errors.Is(err, deadletter.ErrBodyAway):
		e.linkUp() // the queue has answered
		e.trouble("a message stays in the queue, and is tried again", err)
	default:
		e.receiveFailed(err)
	}
	switch len(leases) {
	case receiveBatch:
		e.receiving.wanted = min(2*e.receiving.wanted, receivesMost)
	case 0:
		e.receiving.wanted = 1
	}
	for _, l := range leases {
		l.Letter = e.cfg.routed(l.Letter)
		l.Until = l.Until.Round(0) // by the wall clock: a suspended laptop stops the other one
		e.intake(l)
	}
}

func (e *Engine) receiveFailed(err error) {
	wait := min(receiveBackoff<<min(e.receiving.errors, 10), receiveLongest)
	e.receiving.errors++
	e.receiving.wanted = 1
	e.receiving.notBefore = e.now.Add(wait/2 + time.Duration(e.cfg.Rand.Int64N(int64(wait/2))))
	e.linkDown(err)
}

// intake makes a lease into an item, or recognises what it is a copy of.
func (e *Engine) intake(l deadletter.Lease) {
	if e.memory.has(l) {
		e.deleteCopy(l)
		return
	}
	if it := e.items[l.Letter.ID]; it != nil {
		e.meet(it, l)
		return
	}
	if e.parkedSince(l) {
		e.deleteCopy(l)
		return
	}
	e.admit(l)
}

// parkedSince reports whether a message is a copy that was left behind of a letter which has been attempted and parked
// since. One that was parked and has been released knows of that attempt.
func (e *Engine) parkedSince(l deadletter.Lease) bool {
	parked, ok := e.parked.byID[l.Letter.ID]
	return ok && samePayload(l.Letter, parked.Letter) && stale(l, parked.Letter)
}

// meet decides between an item and another message with its id.
func (e *Engine) meet(it *item, l deadletter.Lease) {
	e.reclaim(it)
	newer := l.Letter.RetryCount > it.letter.RetryCount
	other := it.lease.MessageID != l.MessageID && !samePayload(l.Letter, it.letter)
	switch {
	case !it.editing && overtakes(it.letter, l):
		e.deleteCopy(l) // what was edited is in the trash of who did
	case !it.editing && overtakes(l.Letter, it.known()):
		e.meetEdit(it, l)
	case other:
		// Two letters of one id, by a careless writer: this one's turn comes when the first is done.
	case it.state == returning && (l.Letter.RetryCount >= it.letter.RetryCount || it.unchanged && it.lease.MessageID == l.MessageID):
		e.adopt(it, l)
	case it.lease.MessageID == l.MessageID && it.state != returning:
		l.Letter = it.lease.Letter
		e.lent(it, l) // the same message: its latest receipt counts
		e.touch(it)
	case it.state == settling && l.Letter.RetryCount >= it.letter.RetryCount:
		if it.arrived != nil && it.arrived.MessageID != l.MessageID {
			e.deleteCopy(*it.arrived)
		}
		it.arrived = &l // its own replacement, faster than the word that it was accepted
	case (it.state == settling || it.state == returning) && !stale(l, it.letter):
		// It may be all that is left: the message that we move can have been parked and released since, by somebody
		// else. We let this lease end, and see when the word of our own is there.
	case newer && it.state == inFlight:
		// Another engine has replaced it while we attempt it: let that lease end, and see which comes back.
	case newer, it.state == idle && l.Letter.RetryCount == it.letter.RetryCount:
		// This one is there. Of ours that may only be what we think: SQS can have lent it to somebody else, too.
		old := it.lease
		e.adopt(it, l)
		e.deleteCopy(old)
	case it.state == idle && !stale(l, it.letter):
		// Somebody has released it, likewise. We let this lease end, and see what is there then.
	case it.state == settling || it.state == returning || it.leased(e.now, leaseSlack):
		e.deleteCopy(l) // the other one is there: the queue has accepted it, or lends it to us
	case it.state == idle:
		e.adopt(it, l) // our own lease has ended, so ours may be the one that is gone
	}
}

// meetEdit has the letter that an operator made of an item stand in its place, unless that is busy: then its turn comes
// again.
func (e *Engine) meetEdit(it *item, l deadletter.Lease) {
	old := it.lease
	switch it.state {
	case idle:
		e.adopt(it, l)
		e.deleteCopy(old)
	case returning:
		e.adopt(it, l)
	case onDeck, inFlight, settling:
	}
}

// stale reports whether a message is older than what is known of its letter: it was sent before the last attempt, and
// knows nothing of that.
func stale(l deadletter.Lease, known *deadletter.Letter) bool {
	if l.Letter.Parked != nil || len(known.Attempts) == 0 {
		return false
	}
	last := known.Attempts[len(known.Attempts)-1].At.Truncate(time.Millisecond) // as it is written
	its := l.Letter.Attempts
	return !l.SentAt.After(last) && (len(its) == 0 || its[len(its)-1].At.Before(last))
}

// adopt gives an item the message that now stands for it. Of its own, which comes back as it was given, we may know
// more than it says.
func (e *Engine) adopt(it *item, l deadletter.Lease) {
	it.leave()
	e.quit(it)
	if it.unchanged && it.lease.MessageID == l.MessageID {
		l.Letter = it.letter
	} else {
		l.Letter, it.unsaved = asWaiting(l), false
	}
	if !it.unchanged {
		it.parkAs = ""
	}
	it.unchanged = false
	e.bytes += int64(len(l.Letter.Payload) - len(it.letter.Payload))
	e.moveTo(it, idle)
	it.letter = l.Letter
	it.url = deadletter.MaskURL(it.destination())
	e.lent(it, l)
	e.assign(it)
}

// admit takes a letter that the inventory does not have.
func (e *Engine) admit(l deadletter.Lease) {
	l.Letter = asWaiting(l)
	it := &item{letter: l.Letter, url: deadletter.MaskURL(l.Letter.OriginalEndpoint), receivedAt: e.now, heldBy: e.holds[l.Letter.ID], place: -1}
	e.lent(it, l)
	e.items[l.Letter.ID] = it
	e.inState[idle]++
	e.bytes += int64(len(l.Letter.Payload))
	e.counters.Taken++
	e.captured(l.Letter.ID)
	e.receipts.add(e.now, 1)
	e.emit(Received{at(e.now), l.Letter.ID, it.url, l.Letter.ErrorCode, l.Letter.RetryCount})
	e.assign(it)
}

// asWaiting fills in what a letter of the waiting queue must have: a date, and no parking. One that was parked
// has been brought back, perhaps by another tool that left its body as it was: it has all its attempts again.
func asWaiting(l deadletter.Lease) *deadletter.Letter {
	if !l.Letter.Timestamp.IsZero() && l.Letter.Parked == nil {
		return l.Letter
	}
	letter := l.Letter.Clone()
	if letter.Timestamp.IsZero() {
		letter.Timestamp = l.SentAt
	}
	if letter.Parked != nil {
		letter.Parked, letter.RetryCount, letter.NextAttemptAt = nil, 0, time.Time{}
	}
	return letter
}

// assign gives a letter its lane and its place there, or parks it.
func (e *Engine) assign(it *item) {
	if reason, why := e.hopeless(it); reason != "" {
		it.parkAs, it.parkWhy = reason, why
		e.makeReady(it)
		return
	}
	e.place(it)
}

// hopeless says why a letter needs no attempt to be parked, and finds the lane of one that is not.
func (e *Engine) hopeless(it *item) (deadletter.ParkReason, string) {
	l := it.letter
	switch {
	case l.OriginalEndpoint == "":
		return unrouted(l)
	case l.PayloadElsewhere() && e.cfg.Payloads == nil:
		return deadletter.Unreadable, "its payload lies in an object store, and no store is configured"
	}
	endpoint, err := delivery.EndpointOf(l.OriginalEndpoint)
	if err != nil {
		return deadletter.Rejected, err.Error()
	}
	if l.RetryCount >= e.cfg.MaxRetries {
		return deadletter.Exhausted, l.Error
	}
	if it.to != "" { // its next attempt goes elsewhere
		it.home = endpoint
		endpoint, _ = delivery.EndpointOf(it.to) // it was checked when that was asked for
	}
	e.join(it, endpoint)
	return "", ""
}

// place puts an idle letter where it waits: the schedule until it is due, then its lane.
func (e *Engine) place(it *item) {
	due := it.letter.NextAttemptAt
	if !due.After(e.now) {
		if due.IsZero() {
			due = it.letter.Timestamp // it has been due since it failed, whatever its writer's clock says
		}
		it.due = due
		e.makeReady(it)
		return
	}
	if !it.due.Equal(due) {
		it.due, it.waitSince, it.why = due, e.now, waitOf(it.letter)
	}
	e.holdLease(it, due)
	if it.forced {
		e.makeReady(it)
		return
	}
	it.enter(e.schedule)
	e.touch(it)
}

// waitOf tells a wait that the endpoint asked for from one of our own.
func waitOf(l *deadletter.Letter) Wait {
	if n := len(l.Attempts); n > 0 && l.Attempts[n-1].RetryAfter > 0 {
		return ForRetryAfter
	}
	return ForBackoff
}

// deleteCopy deletes a message whose letter another message stands for, or that was delivered already. Where that
// does not work it comes again when its lease ends, and after a few times less often: deletes may be refused for long.
func (e *Engine) deleteCopy(l deadletter.Lease) {
	e.counters.Duplicates++
	e.memory.dealtWith(l.MessageID)
	e.start(func(ctx context.Context) {
		err := e.cfg.Queue.Delete(ctx, l)
		if err == nil || errors.Is(err, deadletter.ErrLeaseLost) {
			return
		}
		e.tell(func() {
			e.trouble("a second copy of a letter could not be deleted: it will be when it is met again", err)
		})
		if l.Receives < copyReceives {
			return
		}
		if err := e.cfg.Queue.Extend(ctx, copyAgain, l)[0]; err != nil {
			e.cfg.Logger.Debug("a second copy could not be put off: it is met again soon", "id", l.Letter.ID, "error", err)
		}
	})
}
