package retry

import (
	"context"
	"errors"
	"slices"
	"time"

	"rehook/retry/deadletter"
)

const (
	leaseEvery  = time.Second      // how often leases are looked at
	leaseBusy   = leaseEvery / 10  // and how often while as many are being extended as can be
	leaseLow    = 10 * time.Second // a waiting letter's lease is not let to come below this
	leaseReady  = time.Minute      // how long a lease is extended for a letter that may be attempted any time
	leaseCalm   = 5 * time.Minute  // and for one that has waited for as long, or waits for a resume: a crash would hide it so long
	extendsMost = 1000             // extensions under way at once

	// SQS lends a message for 12 h at most, counted from its receive, and refuses an extension beyond. The last attempt
	// and what it leads to fit into the half hour.
	lendMost = 11*time.Hour + 30*time.Minute
)

// attemptNeeds is how long a lease must last for an attempt to begin whose payload is at hand.
func (e *Engine) attemptNeeds() time.Duration { return e.cfg.Timeout + leaseSlack }

// lent gives an item the lease under which its letter was received just now.
func (e *Engine) lent(it *item, l deadletter.Lease) {
	it.lease = l
	it.lentUntil = e.now.Round(0).Add(lendMost) // by the wall clock: a suspended laptop stops the other one
	e.watchLease(it)
}

// holdLease sees that a waiting letter's lease lasts until it is due and through the attempt: one change of
// visibility a backoff, and none for a short one.
func (e *Engine) holdLease(it *item, due time.Time) {
	until := due.Add(e.needs(it))
	if it.lease.Until.Before(until) && it.lease.Until.Before(it.lentUntil) {
		e.extend(it, until.Sub(e.now))
	}
}

// keepLeases extends the leases of letters that may be attempted any time but have not been, gives back those that SQS
// would take, and lets go of those that have ended: another engine may have the letter.
func (e *Engine) keepLeases() {
	if e.now.Before(e.keepAt) || e.stopping {
		return
	}
	e.keepAt = e.now.Add(leaseEvery)
	e.recall()
	e.room.kept = e.keptBack()
	for e.leases.len() > 0 && !e.leases.first().lookAt.After(e.now) {
		if e.extending >= extendsMost {
			e.keepAt = e.now.Add(leaseBusy)
			return
		}
		it := e.leases.first()
		e.watchLease(it)
		e.keepLease(it)
	}
}

// keepLease does for one letter what its lease needs now.
func (e *Engine) keepLease(it *item) {
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
	case it.lentUntil.Sub(e.now) < e.needs(it)+leaseReady:
		e.giveBackOne(it)
	case it.in != e.schedule && !it.leased(e.now, e.needs(it)+leaseEvery):
		e.extend(it, e.calm(it)+e.needs(it))
	case it.in == e.schedule && !it.leased(e.now, leaseLow):
		e.holdLease(it, it.due)
	}
}

// calm is how long the lease of a letter is extended that may be attempted any time: for longer, the longer it has not
// been, since ten thousand of them cost a thousand requests each time.
func (e *Engine) calm(it *item) time.Duration {
	if e.paused {
		return leaseCalm
	}
	waited := lendMost - it.lentUntil.Sub(e.now)
	return min(max(waited, leaseReady), leaseCalm)
}

// giveBackOne hands a letter back to the queue so that it is lent again, for as long as before. All that is known of it
// stays, and so do who holds it and the commands that wait for it. Should the queue not hear of it, the lease ends by
// itself, soon.
func (e *Engine) giveBackOne(it *item) {
	if it.extending || e.extending >= extendsMost || e.stopping {
		return
	}
	it.leave()
	lease := it.lease
	e.moveTo(it, returning)
	it.unchanged, it.backAt = true, lease.Until
	it.lease.Receipt, it.lease.Until = "", time.Time{}
	e.watchLease(it)
	e.touch(it)
	e.lendOne(lease, 0, func(err error) {
		if err != nil {
			e.trouble("a letter could not be given back before its lease ends: it comes back when it does", err)
		}
	})
}

// lendOne has a lease end d from now that is no letter's any more, and the loop told what came of it.
func (e *Engine) lendOne(l deadletter.Lease, d time.Duration, done func(error)) {
	e.extending++
	e.start(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, leaseLow)
		defer cancel()
		err := e.cfg.Queue.Extend(ctx, d, l)[0]
		e.tell(func() {
			e.extending--
			done(err)
		})
	})
}

// missing lets go of a letter that has not come back a minute after it could have: another engine has it, or it is far
// back in the queue.
func (e *Engine) missing(it *item) {
	if e.now.Sub(it.due) > leaseReady && e.now.Sub(it.backAt) > leaseReady {
		e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: "the queue has not handed it out again yet"})
		e.counters.Left++
		e.remove(it)
	}
}

// extension is a lease that the queue is asked to let end so long after a moment.
type extension struct {
	it    *item
	lease deadletter.Lease
	from  time.Time
	d     time.Duration
}

// extend changes the visibility of a letter's message, d from now.
func (e *Engine) extend(it *item, d time.Duration) {
	if it.extending || e.extending >= extendsMost || e.stopping {
		return
	}
	it.extending = true
	e.extending++
	d = min(d, it.lentUntil.Sub(e.now)).Round(time.Second) + time.Second // SQS counts whole seconds
	e.extensions = append(e.extensions, extension{it, it.lease, e.now, d})
	e.watchUntil(it, e.now.Add(d), e.keepAt) // it will not have to be looked at before, unless the queue says no
}

// startExtensions asks the queue for what has gathered, as many together as it takes in one request: to wait for each of
// ten thousand by itself costs more than the requests do.
func (e *Engine) startExtensions() {
	for all := e.extensions; len(all) > 0; {
		n := 1
		for n < min(len(all), receiveBatch) && all[n].d == all[0].d {
			n++
		}
		alike := slices.Clone(all[:n])
		all = all[n:]
		e.work.Go(func() { e.askFor(alike) })
	}
	clear(e.extensions)
	e.extensions = e.extensions[:0]
}

// askFor has the queue extend leases, all by as much.
func (e *Engine) askFor(alike []extension) {
	ctx, cancel := context.WithTimeout(e.life.work, leaseLow)
	defer cancel()
	leases := make([]deadletter.Lease, len(alike))
	for i, x := range alike {
		leases[i] = x.lease
	}
	errs := e.cfg.Queue.Extend(ctx, alike[0].d, leases...)
	e.tell(func() {
		for i, x := range alike {
			e.extended(x, errs[i])
		}
	})
}

func (e *Engine) extended(x extension, err error) {
	it, lease := x.it, x.lease
	it.extending = false
	e.extending--
	if e.items[it.letter.ID] != it {
		return
	}
	e.reclaim(it)
	switch same := it.lease.Receipt == lease.Receipt; { // or it was received again meanwhile
	case err == nil && same:
		it.lease.Until = x.from.Add(x.d).Round(0)
	case same && it.state == idle && (errors.Is(err, deadletter.ErrLeaseLost) || !it.lease.Until.After(e.now)):
		e.lose(it) // one that is asked for again and again is looked at here alone
		return
	case same:
		e.trouble("the lease of a letter could not be extended", err)
		e.watchUntil(it, it.lease.Until, later(e.keepAt, x.from.Add(leaseEvery)))
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
			e.touch(it)
		}
	}
}

// lend has leases end d from now; 0 gives them back. One of which the queue does not hear ends by itself.
func (e *Engine) lend(ctx context.Context, d time.Duration, leases []deadletter.Lease) {
	for page := range slices.Chunk(leases, extendsMost) { // what nobody waits for any longer keeps the queue from what comes after
		if ctx.Err() != nil {
			return
		}
		for i, err := range e.cfg.Queue.Extend(ctx, d, page...) {
			if err != nil {
				l := page[i]
				e.cfg.Logger.Debug("a lease could not be changed: it ends by itself", "id", l.Letter.ID, "until", l.Until, "error", err)
			}
		}
	}
}

// lose drops a letter whose lease has ended. It comes back through the queue, to us or to another engine.
func (e *Engine) lose(it *item) {
	e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: deadletter.ErrLeaseLost.Error()})
	e.counters.Left++
	e.emit(LeaseLost{at(e.now), it.letter.ID})
	e.remove(it)
}
