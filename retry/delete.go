package retry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rehook/retry/deadletter"
)

// Trash keeps what is deleted or overwritten by hand. [record.Trash] is one.
type Trash interface {
	// Keep returns nil only once the letter is safe on disk.
	Keep(l *deadletter.Letter) error
}

// errNotKept says that the trash did not take a letter, which is left as it was.
var errNotKept = errors.New("it could not be kept in the trash first")

// delete ends letters at an operator's wish: in the inventory, and then in the parked queue.
func (e *Engine) delete(j *job) {
	var away []string
	for _, id := range j.ids {
		it := e.items[id]
		if it == nil {
			away = append(away, id)
			continue
		}
		e.reclaim(it)
		if why := e.cannotMove(it); why != "" {
			j.finish(Result{ID: id, Did: DidSkip, Note: why})
			continue
		}
		e.deleteWaiting(j, it)
	}
	if len(away) > 0 {
		e.amongParked(j, away, func(ctx context.Context, l deadletter.Lease) { e.deleteParked(ctx, j, l) })
	}
}

// takeUp takes a letter out of where it waits, for a command.
func (e *Engine) takeUp(j *job, it *item) {
	it.leave()
	it.forced = false
	e.bringHome(it)
	it.jobs = append(it.jobs, j)
}

// deleteWaiting deletes a letter's message once the letter is in the trash. A payload that lies elsewhere stays there:
// the trash refers to it.
func (e *Engine) deleteWaiting(j *job, it *item) {
	e.takeUp(j, it)
	lease, letter, kept := it.lease, it.letter, false
	e.settle(it, func(ctx context.Context) error {
		if err := e.trash(letter, &kept); err != nil {
			return err
		}
		return e.cfg.Queue.Delete(ctx, lease)
	}, func(err error) {
		arrived := it.arrived
		it.arrived = nil
		switch {
		case err == nil:
			if arrived != nil {
				e.deleteCopy(*arrived)
			}
			e.deleted(j, it)
		case errors.Is(err, deadletter.ErrLeaseLost):
			e.lose(it)
		default:
			e.leftAsItWas(it, err)
		}
	})
}

// trash keeps a letter, once.
func (e *Engine) trash(l *deadletter.Letter, kept *bool) error {
	if *kept {
		return nil
	}
	if err := e.cfg.Trash.Keep(l); err != nil {
		return fmt.Errorf("%w: %w", errNotKept, err)
	}
	*kept = true
	return nil
}

// leftAsItWas has a letter wait on after a command could not do what it was to.
func (e *Engine) leftAsItWas(it *item, err error) {
	e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: "left as it was: " + err.Error()})
	e.moveTo(it, idle)
	e.place(it)
}

// deleted takes leave of a letter. Its message is remembered: with a lease that has ended meanwhile, the queue says
// yes and keeps it.
func (e *Engine) deleted(j *job, it *item) {
	note := ""
	if !it.leased(e.now, 0) {
		note = "its lease had ended: if another engine had it, that one may attempt it"
	}
	e.counters.Deleted++
	e.forgetDeleted(it.letter, it.lease)
	e.emit(Deleted{at(e.now), it.letter.ID, j.by})
	e.finishJobs(it, Result{ID: it.letter.ID, Did: DidDelete, Note: note})
	e.remove(it)
}

// forgetDeleted remembers a letter as deleted, so that a late copy of it is deleted too.
func (e *Engine) forgetDeleted(l *deadletter.Letter, lease deadletter.Lease) {
	e.memory.dealtWith(lease.MessageID)
	e.memory.forget(deliveryOf(l, e.now))
	delete(e.holds, l.ID)
}

// deleteParked deletes a letter of the parked queue.
func (e *Engine) deleteParked(ctx context.Context, j *job, l deadletter.Lease) {
	kept := false
	err := e.trash(l.Letter, &kept)
	if err == nil {
		err = e.cfg.Queue.Delete(ctx, l)
	}
	ended := !time.Now().Before(l.Until)
	e.tell(func() {
		id := l.Letter.ID
		switch {
		case err != nil:
			j.finish(Result{ID: id, Did: DidSkip, Note: "left as it was: " + err.Error()})
			return
		case ended:
			j.finish(Result{ID: id, Did: DidSkip, Note: "its lease ended before it was deleted: see whether it is still parked"})
			return
		}
		e.forgetDeleted(l.Letter, l)
		e.emit(Deleted{at(e.now), id, j.by})
		e.hide(&e.parked, id)
		j.finish(Result{ID: id, Did: DidDelete})
	})
}
