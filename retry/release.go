package retry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rehook/retry/deadletter"
)

// beginsAtOnce is how many parked letters something is done to at once: four batches, which fill although few of a page
// are wanted.
const beginsAtOnce = 40

// amongParked does something to those of a command's letters that are found in the parked queue, once each: one that is
// parked again while it looks for others was meant to be. Of the others it says that they were not found.
func (e *Engine) amongParked(j *job, ids []string, do func(ctx context.Context, l deadletter.Lease)) {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	e.start(func(ctx context.Context) {
		e.seekers.Add(1)
		defer e.seekers.Add(-1)
		var begun sync.WaitGroup
		slots := make(chan struct{}, beginsAtOnce)
		enough := func() bool { return len(wanted) == 0 || j.isDropped() || e.ended() }
		found, scanErr := e.scanParked(ctx, enough, func(leases []deadletter.Lease) (others []deadletter.Lease) {
			for _, l := range leases {
				if !wanted[l.Letter.ID] {
					others = append(others, l)
					continue
				}
				slots <- struct{}{}
				if !j.take(l.Letter.ID) {
					<-slots
					others = append(others, l)
					continue
				}
				delete(wanted, l.Letter.ID)
				begun.Go(func() {
					defer func() { <-slots }()
					do(ctx, l)
				})
			}
			return others
		})
		begun.Wait()
		e.tell(func() {
			for _, id := range ids {
				j.finish(Result{ID: id, Did: DidSkip, Note: e.notAmongParked(j, id, len(found), scanErr)})
			}
		})
	})
}

func (e *Engine) notAmongParked(j *job, id string, looked int, scanErr error) string {
	switch _, delivered := e.finished.byID[id]; {
	case j.stopped != "":
		return "left as it was: " + j.stopped
	case scanErr != nil:
		return scanErr.Error()
	case e.items[id] != nil:
		return "it is not parked: it waits in the queue"
	case delivered:
		return "it has been delivered"
	case looked >= parkedShown:
		return fmt.Sprintf("not among the %d parked letters that were looked at, and there may be more: try again", looked)
	default:
		return "not found in the parked queue"
	}
}

// release moves parked letters back to the waiting queue, with all their attempts before them.
func (e *Engine) release(j *job, by string) {
	e.amongParked(j, j.ids, func(ctx context.Context, l deadletter.Lease) {
		again := unparked(l.Letter)
		err := e.cfg.Queue.Release(ctx, l, again)
		e.tell(func() {
			if e.released(j, again.ID, DidRelease, err) {
				e.emit(Released{at(e.now), again.ID, by})
			}
		})
	})
}

// unparked is a parked letter as it goes back.
func unparked(l *deadletter.Letter) *deadletter.Letter {
	again := l.Clone()
	again.Parked, again.RetryCount, again.NextAttemptAt = nil, 0, time.Time{}
	return again
}

// released answers for a letter that has left the parked queue, if it has.
func (e *Engine) released(j *job, id string, did Did, err error) bool {
	result := Result{ID: id, Did: did}
	if did == DidEdit {
		result.Note = "and released: it is attempted when the queue hands it out"
	}
	switch {
	case errors.Is(err, deadletter.ErrNotDeleted):
		result.Note = "a copy of it is still parked: " + err.Error()
	case err != nil:
		j.finish(Result{ID: id, Did: DidSkip, Note: err.Error()})
		return false
	}
	e.hide(&e.parked, id)
	j.finish(result)
	return true
}
