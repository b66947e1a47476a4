package retry

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"rehook/retry/deadletter"
)

// ErrGone is the cause with which a context ends when whoever asked for a command has gone, and did not cancel it: the
// line has dropped, say. The command goes on.
var ErrGone = errors.New("whoever asked has gone")

// Do carries out a command and answers letter by letter with what really happened, in the order in which it happened.
// When ctx ends first, what was not begun is left as it was and says so; unless it ended with [ErrGone], where the
// command goes on. The error is [ErrStopped] if the engine has ended, and wraps [ErrRefused] if the command was not
// begun.
func (e *Engine) Do(ctx context.Context, c Command) ([]Result, error) {
	if err := e.check(c); err != nil {
		return nil, err
	}
	j := newJob(e, c.order())
	if err := e.auditFirst(j, c); err != nil {
		return nil, err
	}
	if !e.tell(func() { e.begin(j, c) }) {
		return nil, ErrStopped
	}
	select {
	case <-j.ended:
		return j.results, j.err
	case <-e.done:
		return nil, ErrStopped
	case <-ctx.Done():
	}
	if errors.Is(context.Cause(ctx), ErrGone) {
		return nil, ErrGone
	}
	e.tell(func() { e.cancel(j) })
	select {
	case <-j.ended:
		return j.results, context.Cause(ctx)
	case <-e.done:
		return nil, ErrStopped
	}
}

func (e *Engine) begin(j *job, c Command) {
	j.began = e.now
	if len(e.jobs) >= jobsMost && len(j.ids) > 0 {
		j.err = fmt.Errorf("%s: %w: %d commands are under way: wait for them, or cancel some", j.verb, ErrRefused, len(e.jobs))
		clear(j.pending)
		j.endIfDone()
		return
	}
	e.jobs = append(e.jobs, j)
	switch c := c.(type) {
	case Pause:
		e.pause(c.By)
	case Resume:
		e.resume(c.By)
	case Cancel:
		j.err = e.cancelJob(c)
	case Limit:
		r := e.limit(c)
		j.results = append(j.results, r)
		j.counts[j.countsAs(r.Did)]++
	case Redrive:
		e.beginRedrive(j, c)
	case Park:
		e.each(j, func(it *item) { e.parkByHand(j, it) })
	case Hold:
		e.each(j, func(it *item) { e.hold(j, it, cmp.Or(c.By, "somebody")) })
	case Release:
		e.release(j, c.By)
	case Delete:
		e.delete(j)
	case Edit:
		e.edit(j, c)
	default:
		panic(fmt.Sprintf("bug: a command of type %T", c))
	}
	j.endIfDone()
}

// each runs a command for every letter that is in the inventory, and says of the others where they are.
func (e *Engine) each(j *job, do func(*item)) {
	for _, id := range j.ids {
		if it := e.items[id]; it != nil {
			e.reclaim(it)
			do(it)
		} else {
			j.finish(Result{ID: id, Did: DidSkip, Note: e.whereIs(id)})
		}
	}
}

// whereIs says where a letter is that is not in the inventory.
func (e *Engine) whereIs(id string) string {
	if _, ok := e.parked.byID[id]; ok {
		return "it is parked: release it first"
	}
	if _, ok := e.finished.byID[id]; ok {
		return "it has been delivered"
	}
	return "it is not in this engine's inventory"
}

// cannotMove says why a letter of the inventory cannot be taken out of the queue by hand now.
func (e *Engine) cannotMove(it *item) string {
	switch it.state {
	case inFlight, settling:
		return "it is " + string(e.entry(it).Phase) + ": try again in a moment"
	case returning:
		return "the queue has it, and will hand it out again: try again in a moment"
	case idle, onDeck:
	}
	return ""
}

func (e *Engine) parkByHand(j *job, it *item) {
	if why := e.cannotMove(it); why != "" {
		j.finish(Result{ID: it.letter.ID, Did: DidSkip, Note: why})
		return
	}
	e.takeUp(j, it)
	e.park(it, cmp.Or(it.parkAs, deadletter.ByOperator), it.parkWhy)
}

// cannotHold says why a letter is neither held nor let go.
func (e *Engine) cannotHold(it *item) string {
	switch {
	case it.state == inFlight || it.state == settling:
		return "it is being attempted"
	case it.parkAs != "":
		return "it is to be parked, and not attempted in any case"
	}
	return ""
}

// hold keeps a letter from being attempted, or lets a held one go.
func (e *Engine) hold(j *job, it *item, by string) {
	if why := e.cannotHold(it); why != "" {
		j.finish(Result{ID: it.letter.ID, Did: DidSkip, Note: why})
		return
	}
	did := DidHold
	if it.heldBy == "" {
		e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: "held by " + by})
		if it.in != nil && it.in != e.schedule {
			it.leave()
		}
		it.heldBy, it.forced = by, false
		e.bringHome(it)
		e.holds[it.letter.ID] = by
	} else {
		did = DidLetGo
		e.letGo(it)
		if it.state == idle && it.in == nil && !it.extending {
			e.place(it)
		}
	}
	e.emit(Held{at(e.now), it.letter.ID, by})
	e.touch(it)
	j.finish(Result{ID: it.letter.ID, Did: did})
}

func (e *Engine) letGo(it *item) {
	it.heldBy = ""
	delete(e.holds, it.letter.ID)
}

func (e *Engine) pause(by string) {
	if !e.paused {
		e.paused, e.pausedBy, e.pausedAt = true, by, e.now
		e.cfg.Logger.Info("paused", "by", by)
		for _, l := range e.lanes {
			e.reclaimAll(l)
		}
		e.touchAllReady()
	}
}

func (e *Engine) resume(by string) {
	if e.paused {
		e.paused, e.pausedBy, e.pausedAt = false, "", e.now
		e.cfg.Logger.Info("resumed", "by", by)
		e.touchAllReady()
		for _, l := range e.lanes {
			e.consider(l)
		}
		for _, it := range e.items {
			if it.parkAs != "" && it.state == idle && it.in == nil && !it.extending {
				e.makeReady(it)
			}
		}
	}
}

func (e *Engine) touchAllReady() {
	e.nudgeAll()
	for _, l := range e.lanes {
		e.touchReady(l)
	}
}

// Capture has send put a letter of the listener's into the queue, and tells whoever watches. The engine may
// receive the letter before send returns: it is told of first all the same.
func (e *Engine) Capture(ctx context.Context, l *deadletter.Letter, send func(context.Context, *deadletter.Letter) error) error {
	e.tell(func() { e.capturing[l.ID] = l })
	err := send(ctx, l)
	e.tell(func() {
		if err == nil {
			e.captured(l.ID)
		}
		delete(e.capturing, l.ID)
	})
	return err
}

// captured tells of a letter that is being captured, once.
func (e *Engine) captured(id string) {
	l, ok := e.capturing[id]
	if !ok {
		return
	}
	delete(e.capturing, id)
	e.counters.Captured++
	e.emit(Captured{at(e.now), l.ID, deadletter.MaskURL(l.OriginalEndpoint), l.ErrorCode, l.RetryCount})
}
