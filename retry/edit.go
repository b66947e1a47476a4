package retry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/record"
)

// edit replaces a letter by what an operator made of it, under the same id. A crash between the two leaves both in the
// queue: the edited one says which payloads it stands for, and whoever meets it beside one of those deletes that.
func (e *Engine) edit(j *job, c Edit) {
	it := e.items[c.ID]
	if it == nil {
		e.editParked(j, c)
		return
	}
	e.reclaim(it)
	if why := e.cannotMove(it); why != "" {
		j.finish(Result{ID: c.ID, Did: DidSkip, Note: why})
		return
	}
	e.editWaiting(j, it, c)
}

// edited is a letter as an operator has it.
func edited(l *deadletter.Letter, c Edit, now time.Time) *deadletter.Letter {
	was := l
	l = l.Clone()
	l.Edited = was.Edited.Again(sha256Of(was), now.UTC().Round(0).Truncate(time.Millisecond), c.By)
	if c.Payload != nil {
		l.Payload, l.PayloadRef = c.Payload, nil
	}
	l.OriginalEndpoint = cmp.Or(c.Endpoint, l.OriginalEndpoint)
	if c.Headers != nil {
		l.Headers = c.Headers
	}
	return l
}

// trashed reports whether a letter's payload is that of one that an operator has edited, which the trash refers to if it
// lies elsewhere.
func trashed(l *deadletter.Letter) bool {
	return l.Edited != nil && slices.Contains(l.Edited.Of, sha256Of(l))
}

// sha256Of names a letter's payload, in hex. Of one that lies elsewhere it is what the letter says.
func sha256Of(l *deadletter.Letter) string {
	if l.PayloadElsewhere() {
		return l.PayloadRef.SHA256
	}
	return hexSum(l.Payload)
}

func hexSum(payload []byte) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:])
}

// overtakes reports whether a letter is what an operator made of the one that a message carries.
func overtakes(a *deadletter.Letter, b deadletter.Lease) bool {
	if a.Edited == nil || b.Letter.Edited != nil && !a.Edited.At.After(b.Letter.Edited.At) {
		return false
	}
	return slices.Contains(a.Edited.Of, sha256Of(b.Letter)) && !broughtBack(b, a.Edited.At)
}

// known is the item's message with what is known of its letter by now.
func (it *item) known() deadletter.Lease {
	l := it.lease
	l.Letter = it.letter
	return l
}

// broughtBack reports whether somebody has sent a letter after it was edited as it had been before, from the trash, and
// means it: they shall have both. One that was attempted since was only late.
func broughtBack(l deadletter.Lease, edited time.Time) bool {
	attempts := l.Letter.Attempts
	return l.SentAt.After(edited.Add(clockSkew)) && (len(attempts) == 0 || !attempts[len(attempts)-1].At.After(edited))
}

func (e *Engine) editWaiting(j *job, it *item, c Edit) {
	was, lease, kept := it.letter, it.lease, false
	now := edited(was, c, e.now)
	e.takeUp(j, it)
	it.editing = true
	e.exchange(it, now)
	e.settle(it, func(ctx context.Context) error {
		if err := e.trash(was, &kept); err != nil {
			return err
		}
		return fitting(now, func(l *deadletter.Letter) error { return e.cfg.Queue.Replace(ctx, lease, l) })
	}, func(err error) {
		it.editing = false
		e.overtaken(lease, err)
		if err != nil && !errors.Is(err, deadletter.ErrNotDeleted) {
			it.arrived = nil // it comes again, and overtakes this one then
			e.exchange(it, was)
			if errors.Is(err, deadletter.ErrLeaseLost) {
				e.lose(it)
			} else {
				e.leftAsItWas(it, err)
			}
			return
		}
		e.forgetOvertaken(was, now)
		e.editDone(j, it, c, err)
	})
}

// forgetOvertaken remembers a letter that was edited, so that a late copy of it is deleted although what it was made
// into is not here.
func (e *Engine) forgetOvertaken(was, now *deadletter.Letter) {
	if !samePayload(was, now) {
		e.memory.forget(record.Delivery{ID: was.ID, Sum: sumOf(was), At: e.now})
	}
}

// exchange gives an item another version of its letter.
func (e *Engine) exchange(it *item, l *deadletter.Letter) {
	e.bytes += int64(len(l.Payload) - len(it.letter.Payload))
	it.letter, it.url = l, deadletter.MaskURL(l.OriginalEndpoint)
}

// editDone goes on once the queue has the edited letter: it comes back as any letter does.
func (e *Engine) editDone(j *job, it *item, c Edit, err error) {
	e.emit(Edited{at(e.now), c.ID, c.By})
	it.jobs = slices.DeleteFunc(it.jobs, func(other *job) bool { return other == j })
	e.finishJobs(it, Result{ID: c.ID, Did: DidSkip, Note: "it has been edited since, by " + c.By})
	if c.Redrive {
		e.letGo(it)
		it.forced, it.askedAt, j.edited = true, j.began, true
		it.jobs = append(it.jobs, j)
	} else {
		j.finish(Result{ID: c.ID, Did: DidEdit})
	}
	if it.arrived != nil {
		e.replacementArrived(it, err)
		return
	}
	e.moveTo(it, returning)
	it.due = e.now
	it.lease = deadletter.Lease{MessageID: it.lease.MessageID, SentAt: e.now}
	e.watchLease(it)
	e.touch(it)
}

// editParked brings a parked letter back as an operator has it.
func (e *Engine) editParked(j *job, c Edit) {
	if !c.Redrive {
		j.finish(Result{ID: c.ID, Did: DidSkip, Note: e.whereIs(c.ID) + "; or edit and redrive it in one"})
		return
	}
	e.amongParked(j, j.ids, func(ctx context.Context, l deadletter.Lease) {
		kept := false
		now := unparked(edited(l.Letter, c, time.Now()))
		err := e.trash(l.Letter, &kept)
		if err == nil {
			err = e.cfg.Queue.Release(ctx, l, now)
		}
		e.tell(func() {
			if e.released(j, c.ID, DidEdit, err) {
				e.forgetOvertaken(l.Letter, now)
				e.emit(Edited{at(e.now), c.ID, c.By})
			}
		})
	})
}
