package retry

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"rehook/retry/deadletter"
)

// job is a command under way: the letters that it still waits for, and what became of the others.
type job struct {
	pending map[string]struct{}
	results []Result
	reply   chan []Result // holds one
	over    bool
	dropped atomic.Bool // nobody waits for it any more: what has not begun is left
}

func (j *job) finish(r Result) {
	if _, ok := j.pending[r.ID]; !ok || j.over {
		return
	}
	delete(j.pending, r.ID)
	j.results = append(j.results, r)
	j.replyIfDone()
}

// finishAll ends the command for all letters that it still waits for.
func (j *job) finishAll(r Result) {
	for id := range j.pending {
		r.ID = id
		j.finish(r)
	}
	j.replyIfDone()
}

func (j *job) replyIfDone() {
	if len(j.pending) == 0 && !j.over {
		j.over = true
		j.reply <- j.results
	}
}

// finishJobs tells the commands that wait for a letter what became of it.
func (e *Engine) finishJobs(it *item, r Result) {
	for _, j := range it.jobs {
		j.finish(r)
	}
	it.jobs = nil
}

// Do carries out a command and answers letter by letter with what really happened, in the order in which
// it happened. When ctx ends first, what was not begun is left as it was and says so. The error is
// [ErrStopped] if the engine has ended.
func (e *Engine) Do(ctx context.Context, c Command) ([]Result, error) {
	j := &job{pending: map[string]struct{}{}, reply: make(chan []Result, 1)}
	if !e.tell(func() { e.begin(j, c) }) {
		return nil, ErrStopped
	}
	select {
	case results := <-j.reply:
		return results, nil
	case <-e.done:
		return nil, ErrStopped
	case <-ctx.Done():
	}
	e.tell(func() { e.cancel(j) })
	select {
	case results := <-j.reply:
		return results, context.Cause(ctx)
	case <-e.done:
		return nil, ErrStopped
	}
}

func (e *Engine) begin(j *job, c Command) {
	switch c := c.(type) {
	case Pause:
		e.pause(c.By)
	case Resume:
		e.resume(c.By)
	case Redrive:
		e.each(j, c.IDs, func(it *item) { e.redrive(j, it) })
	case Park:
		e.each(j, c.IDs, func(it *item) { e.parkByHand(j, it) })
	case Hold:
		e.each(j, c.IDs, func(it *item) { e.hold(j, it, cmp.Or(c.By, "somebody")) })
	case Release:
		for _, id := range c.IDs {
			j.pending[id] = struct{}{}
		}
		e.release(j, c.By)
		return
	default:
		panic(fmt.Sprintf("bug: a command of type %T", c))
	}
	j.replyIfDone()
}

// each runs a command for every letter that is in the inventory, and says of the others where they are.
func (e *Engine) each(j *job, ids []string, do func(*item)) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for _, id := range ids {
		j.pending[id] = struct{}{}
	}
	for _, id := range ids {
		it := e.items[id]
		if it == nil {
			j.finish(Result{ID: id, Did: DidSkip, Note: e.whereIs(id)})
			continue
		}
		e.reclaim(it)
		do(it)
	}
}

func (e *Engine) whereIs(id string) string {
	if _, ok := e.parked.byID[id]; ok {
		return "it is parked: release it first"
	}
	if _, ok := e.finished.byID[id]; ok {
		return "it has been delivered"
	}
	return "it is not in this engine's inventory"
}

// cancel takes back what has not begun.
func (e *Engine) cancel(j *job) {
	j.dropped.Store(true)
	for id := range j.pending {
		j.finish(Result{ID: id, Did: DidSkip, Note: e.uncommand(j, id)})
	}
}

// uncommand takes a command back from one letter, and says how far it had come.
func (e *Engine) uncommand(j *job, id string) string {
	it := e.items[id]
	if it == nil {
		if _, parked := e.parked.byID[id]; parked {
			return "cancelled: it may be on its way all the same"
		}
		return "cancelled: left as it was"
	}
	e.reclaim(it)
	it.jobs = slices.DeleteFunc(it.jobs, func(other *job) bool { return other == j })
	switch it.state {
	case inFlight:
		return "cancelled while it was being attempted: see what becomes of it"
	case settling:
		return "cancelled while the queue was being told: see what becomes of it"
	case idle, returning, onDeck:
	}
	if len(it.jobs) == 0 { // or somebody else still wants it
		e.unforce(it)
	}
	return "cancelled: left as it was"
}

// unforce lets a letter wait again as it did before an operator wanted it attempted.
func (e *Engine) unforce(it *item) {
	if !it.forced {
		return
	}
	it.leave()
	it.forced = false
	if it.state == idle && !it.extending {
		e.place(it)
	}
}

func (e *Engine) redrive(j *job, it *item) {
	if it.lane == nil {
		j.finish(Result{ID: it.letter.ID, Did: DidSkip, Note: "it cannot be sent: " + it.parkWhy})
		return
	}
	switch it.state {
	case settling:
		j.finish(Result{ID: it.letter.ID, Did: DidSkip, Note: "its last attempt has only just ended"})
		return
	case idle:
		it.leave()
		e.letGo(it)
		it.forced, it.parkAs = true, ""
		e.makeReady(it)
	case returning:
		e.letGo(it)
		it.forced = true // attempted as soon as the queue hands it out again
	case inFlight, onDeck:
		// What comes of the attempt is the answer.
	}
	it.jobs = append(it.jobs, j)
}

func (e *Engine) parkByHand(j *job, it *item) {
	if it.state != idle {
		j.finish(Result{ID: it.letter.ID, Did: DidSkip, Note: "it is " + string(e.entry(it).Phase) + ": try again in a moment"})
		return
	}
	it.jobs = append(it.jobs, j)
	e.park(it, cmp.Or(it.parkAs, deadletter.ByOperator), it.parkWhy)
}

// hold keeps a letter from being attempted, or lets a held one go.
func (e *Engine) hold(j *job, it *item, by string) {
	if it.state == inFlight || it.state == settling {
		j.finish(Result{ID: it.letter.ID, Did: DidSkip, Note: "it is being attempted"})
		return
	}
	if it.parkAs != "" {
		j.finish(Result{ID: it.letter.ID, Did: DidSkip, Note: "it is to be parked, and not attempted in any case"})
		return
	}
	did := DidHold
	if it.heldBy == "" {
		e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: "held by " + by})
		if it.in != nil && it.in != e.schedule {
			it.leave()
		}
		it.heldBy, it.forced = by, false
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
