package retry

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"rehook/retry/deadletter"
)

// A queue drops a message when its retention is over, whoever holds it and however often it was received. So a letter
// that comes near that is replaced by itself: the message is new, all else is as it was. As ever, the old message goes
// only once the queue has accepted the new one, and it is done under a lease, so that of several engines one does it.
const (
	nearShare  = 16        // the last such part of the retention is near
	nearLeast  = time.Hour // and at least this, of a queue that keeps messages for long enough
	renewEvery = time.Minute
	renewsMost = 1000             // letters of the inventory replaced in one round
	looksNear  = 3                // the parked queue is looked through so often in the time that is near
	lookFirst  = time.Minute      // after the start
	lookAgain  = 2 * time.Minute  // after a look that did not come to its end
	hideAfter  = 10 * time.Second // letters that were seen so long ago are leased for longer, not to be met again
	hideFor    = 10 * time.Minute
	hiddenMost = 20_000 // of those, so many are given back; the leases of more end by themselves
)

// near is how much of a retention is left when a letter is to be replaced.
func near(retention time.Duration) time.Duration {
	return max(retention/nearShare, min(nearLeast, retention/2))
}

// renewal is when letters are next looked at for their age.
type renewal struct {
	waiting time.Time
	parked  time.Time
	looking bool // through the parked queue
}

// renew replaces letters that near the end of the queue's retention, and has the parked queue looked through for such.
func (e *Engine) renew() {
	if e.stopping {
		return
	}
	if !e.now.Before(e.renewal.waiting) {
		left := near(e.cfg.Queue.Retention())
		e.renewal.waiting = e.now.Add(min(renewEvery, max(left/nearShare, leaseEvery)))
		e.renewWaiting(left)
	}
	switch {
	case e.renewal.parked.IsZero():
		e.renewal.parked = e.now.Add(lookFirst + e.upTo(lookFirst))
	case !e.renewal.looking && !e.now.Before(e.renewal.parked):
		e.renewal.looking = true
		e.start(e.lookForOld)
	}
}

// upTo draws a duration: letters that came together need not be replaced in one moment.
func (e *Engine) upTo(d time.Duration) time.Duration {
	return time.Duration(e.cfg.Rand.Int64N(int64(d) + 1))
}

// renewWaiting replaces letters of the inventory. They wait, so that their leases are ours and nothing is decided about
// them; what is about to be attempted is replaced or deleted anyway.
func (e *Engine) renewWaiting(left time.Duration) {
	renewed := 0
	for _, it := range e.items {
		if renewed == renewsMost {
			return
		}
		if it.state != idle || it.forced || len(it.jobs) > 0 || it.extending || !it.leased(e.now, leaseLow) || it.lease.SentAt.IsZero() {
			continue
		}
		if e.expiry(it).Sub(e.now) < left-e.upTo(left/4) {
			e.renewOne(it)
			renewed++
		}
	}
}

func (e *Engine) renewOne(it *item) {
	it.leave()
	it.unchanged = true
	e.rewrite(it, "a letter that nears the end of the queue's retention could not be replaced: it is tried again")
}

// lookForOld looks through the parked queue for letters that near their end, and says when to do so next. Nobody holds
// those, and what is shown of them may not be all.
func (e *Engine) lookForOld(ctx context.Context) {
	d, err := e.cfg.Queue.Depth(ctx) // which reads the retention, too, should somebody have changed it
	keeps := e.cfg.Queue.ParkedRetention()
	done := err == nil
	if done && d.Parked > 0 && keeps > 0 {
		done, err = e.renewParked(ctx, keeps)
	}
	e.tell(func() {
		e.renewal.looking = false
		again := lookAgain
		if done && keeps > 0 {
			again = near(keeps) / looksNear
		}
		e.renewal.parked = e.now.Add(again - e.upTo(again/4))
		if err != nil && !e.stopping {
			e.trouble("the parked queue could not be looked through for letters that near the end of its retention", err)
		}
	})
}

// renewParked replaces the parked letters that near their end, however many there are. It reports whether it saw them
// all: it makes way for an operator who wants some.
func (e *Engine) renewParked(ctx context.Context, keeps time.Duration) (bool, error) {
	select {
	case e.scanning <- struct{}{}:
		defer func() { <-e.scanning }()
	default:
		return false, nil // somebody else looks
	}
	s := sight{e: e, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
	defer s.giveBack()
	var failed error // one is told of: they are likely all the same
	for empty := 0; empty < scanEmpty; {
		if e.ended() || e.seekers.Load() > 0 {
			return false, failed
		}
		leases, err := e.cfg.Queue.ReceiveParked(ctx)
		if err != nil {
			return false, err
		}
		if empty++; s.anyNew(leases) {
			empty = 0
		}
		old, others := byAge(leases, time.Now().Add(near(keeps)-keeps))
		s.keep(others)
		failed = cmp.Or(failed, e.renewPage(ctx, old, keeps))
	}
	return failed == nil, failed
}

// sight is what a look through the parked queue has leased. The letters themselves are let go: they may be very many.
type sight struct {
	e      *Engine
	seed   maphash.Seed
	seen   map[uint64]struct{} // messages, by a hash of their id
	fresh  []deadletter.Lease  // as they were received
	since  time.Time           // since the first of these
	hidden []deadletter.Lease  // for longer
}

// anyNew reports whether there is any that was not seen before.
func (s *sight) anyNew(leases []deadletter.Lease) bool {
	before := len(s.seen)
	for _, l := range leases {
		s.seen[maphash.String(s.seed, l.MessageID)] = struct{}{}
	}
	return len(s.seen) > before
}

// keep sees that letters are not met again before the look is over.
func (s *sight) keep(leases []deadletter.Lease) {
	if len(s.fresh) == 0 {
		s.since = time.Now()
	}
	for _, l := range leases {
		s.fresh = append(s.fresh, deadletter.Lease{
			Letter: &deadletter.Letter{ID: l.Letter.ID}, MessageID: l.MessageID, Queue: l.Queue, Receipt: l.Receipt,
		})
	}
	if time.Since(s.since) < hideAfter {
		return
	}
	s.e.lendParked(s.fresh, hideFor)
	s.hidden = append(s.hidden, s.fresh[:min(len(s.fresh), hiddenMost-len(s.hidden))]...)
	s.fresh = nil
}

func (s *sight) giveBack() {
	s.e.lendParked(append(s.hidden, s.fresh...), 0)
}

// byAge parts letters that the queue was given before a moment from the others.
func byAge(leases []deadletter.Lease, before time.Time) (old, others []deadletter.Lease) {
	for _, l := range leases {
		if !l.SentAt.IsZero() && l.SentAt.Before(before) {
			old = append(old, l)
		} else {
			others = append(others, l)
		}
	}
	return old, others
}

// renewPage replaces parked letters and shows their new end.
func (e *Engine) renewPage(ctx context.Context, old []deadletter.Lease, keeps time.Duration) error {
	errs := make([]error, len(old))
	var page sync.WaitGroup
	for i, l := range old {
		page.Go(func() {
			errs[i] = e.cfg.Queue.Park(ctx, l, l.Letter)
			if errs[i] == nil || errors.Is(errs[i], deadletter.ErrNotDeleted) {
				e.tell(func() { e.keptLonger(l.Letter.ID, keeps) })
			}
		})
	}
	page.Wait()
	return errors.Join(errs...)
}

// keptLonger shows the new end of a parked letter, if it is shown at all.
func (e *Engine) keptLonger(id string, keeps time.Duration) {
	if entry, ok := e.parked.byID[id]; ok {
		entry.ExpiresAt = e.now.Round(0).Add(keeps)
		e.show(&e.parked, entry)
	}
}
