package retry

import (
	"context"
	"slices"
	"sync"
	"time"

	"rehook/retry/deadletter"
)

const (
	scanEvery = 30 * time.Second // the parked queue is looked through at most so often
	scanEmpty = 2                // receives in a row that bring nothing new end a scan
	giveBacks = 100              // leases given back at once
)

// lookAtParked looks through the parked queue when it holds other than what is known of it. The letters are
// leased for the moment of looking, and given back.
func (e *Engine) lookAtParked() {
	if e.depth.Parked == len(e.parked.byID) || e.now.Before(e.scanAt) {
		return
	}
	e.scanAt = e.now.Add(scanEvery)
	began := e.now
	e.start(func(ctx context.Context) {
		leases, err := e.scanParked(ctx, nil)
		e.tell(func() { e.sawParked(began, leases, err) })
	})
}

// sawParked shows what a scan found. What was shown before and was not found has been released or deleted by
// somebody else, unless it came while the scan ran.
func (e *Engine) sawParked(began time.Time, leases map[string]deadletter.Lease, err error) {
	for _, l := range leases {
		e.show(&e.parked, Entry{Letter: l.Letter, Phase: InParked, ReceivedAt: e.now, Receives: l.Receives})
	}
	if err != nil {
		e.trouble("the parked queue could not be looked through", err)
		return
	}
	if len(leases) >= parkedShown {
		return
	}
	for _, id := range slices.Clone(e.parked.order) {
		p := e.parked.byID[id].Letter.Parked
		if _, found := leases[id]; !found && (p == nil || p.At.Before(began.Add(-clockSkew))) {
			e.hide(&e.parked, id)
		}
	}
}

// scanParked receives the parked letters, as many as can be shown, and gives back those that take does not
// want. Scans take turns: each would hide letters from the other.
func (e *Engine) scanParked(ctx context.Context, take func(deadletter.Lease) bool) (map[string]deadletter.Lease, error) {
	e.scanning.Lock()
	defer e.scanning.Unlock()
	found := map[string]deadletter.Lease{}
	var err error
	for empty := 0; empty < scanEmpty && len(found) < parkedShown; {
		var leases []deadletter.Lease
		if leases, err = e.cfg.Queue.ReceiveParked(ctx); err != nil {
			break
		}
		empty++
		for _, l := range leases {
			if _, seen := found[l.Letter.ID]; !seen {
				empty = 0
				found[l.Letter.ID] = l
			}
		}
	}
	var back sync.WaitGroup
	slots := make(chan struct{}, giveBacks)
	for _, l := range found {
		if take != nil && take(l) {
			continue
		}
		slots <- struct{}{}
		back.Go(func() {
			if err := e.cfg.Queue.Extend(ctx, l, 0); err != nil {
				e.cfg.Logger.Debug("a parked letter was not given back: its lease ends by itself", "id", l.Letter.ID, "error", err)
			}
			<-slots
		})
	}
	back.Wait()
	return found, err
}

// release moves parked letters back to the waiting queue, with all their attempts before them.
func (e *Engine) release(j *job, by string) {
	wanted := make(map[string]bool, len(j.pending))
	for id := range j.pending {
		wanted[id] = true
	}
	e.start(func(ctx context.Context) {
		var mine []deadletter.Lease
		_, scanErr := e.scanParked(ctx, func(l deadletter.Lease) bool {
			if wanted[l.Letter.ID] {
				mine = append(mine, l)
			}
			return wanted[l.Letter.ID]
		})
		for _, l := range mine {
			again := l.Letter.Clone()
			again.Parked, again.RetryCount, again.NextAttemptAt = nil, 0, time.Time{}
			err := e.cfg.Queue.Release(ctx, l, again)
			e.tell(func() { e.released(j, again.ID, by, err) })
		}
		e.tell(func() {
			note := "not found in the parked queue"
			if scanErr != nil {
				note = scanErr.Error()
			}
			j.finishAll(Result{Did: DidSkip, Note: note})
		})
	})
}

func (e *Engine) released(j *job, id, by string, err error) {
	if err != nil {
		j.finish(Result{ID: id, Did: DidSkip, Note: err.Error()})
		return
	}
	e.emit(Released{at(e.now), id, by})
	e.hide(&e.parked, id)
	j.finish(Result{ID: id, Did: DidRelease})
}
