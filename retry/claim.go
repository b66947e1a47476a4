package retry

import (
	"context"
	"errors"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/record"
)

// Payloads are where payloads lie that were too large for the queue.
type Payloads interface {
	// Payload reads what a letter refers to, whole and verified. The error wraps [deadletter.ErrNoPayload] if there
	// is none to be had; after any other, it may be asked for again.
	Payload(ctx context.Context, l *deadletter.Letter) ([]byte, error)
	// Discard deletes what a letter refers to, once no message refers to it any more.
	Discard(ctx context.Context, l *deadletter.Letter) error
}

const (
	fetchWithin = 10 * time.Second // for a payload to be read
	fetchAgain  = 30 * time.Second // after one could not be
)

// needs is how long a letter's lease must last for an attempt to begin.
func (e *Engine) needs(it *item) time.Duration {
	if it.letter.PayloadElsewhere() {
		return fetchWithin + e.attemptNeeds()
	}
	return e.attemptNeeds()
}

// tried is what came of an attempt: the endpoint's answer, or why there was nothing to send.
type tried struct {
	delivery.Result
	unread  error           // the payload could not be read
	stopped bool            // because the engine stops
	record  record.Delivery // what is remembered of a delivery
}

func (t tried) delivered() bool {
	return t.unread == nil && t.Outcome == delivery.Delivered && !t.Cancelled
}

// try makes one attempt. A payload that lies elsewhere is held for its time alone: the inventory has room for many
// letters, not for many payloads.
func (e *Engine) try(ctx context.Context, l *deadletter.Letter) tried {
	request := delivery.ForLetter(l)
	if l.PayloadElsewhere() {
		var err error
		if request.Body, err = e.fetch(ctx, l); err != nil {
			return tried{unread: err, stopped: ctx.Err() != nil}
		}
	}
	t := tried{Result: e.cfg.Deliver.Attempt(ctx, request)}
	if t.delivered() {
		t.record = deliveryOf(l, time.Now())
		e.recordDelivery(t.record)
	}
	return t
}

func (e *Engine) fetch(ctx context.Context, l *deadletter.Letter) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	return e.cfg.Payloads.Payload(ctx, l)
}

// unfetched decides what becomes of a letter whose payload could not be read. Nothing was sent, so it was no attempt.
func (e *Engine) unfetched(it *item, err error, stopped bool) {
	it.lane.breaker.learnedNothing()
	e.bringHome(it)
	delivered, known := e.memory.handedOverAt(it.letter)
	switch {
	case errors.Is(err, deadletter.ErrNoPayload) && known:
		e.forgoCopy(it, delivered)
	case errors.Is(err, deadletter.ErrNoPayload):
		e.finishJobs(it, Result{ID: it.letter.ID, Did: DidFail, Note: err.Error()})
		e.parkBecause(it, deadletter.Unreadable, err.Error())
	case stopped:
		e.moveTo(it, idle)
		e.makeReady(it)
	default:
		e.trouble("the payload of a letter cannot be read: it is tried again, and costs the letter no attempt", err)
		e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: err.Error()})
		e.moveTo(it, idle)
		it.due, it.waitSince = e.now.Add(fetchAgain), e.now
		it.enter(e.schedule)
		e.touch(it)
	}
}

// forgoCopy deletes a copy, sent since, of a letter that was delivered: its payload was deleted then, and arrived.
func (e *Engine) forgoCopy(it *item, delivered time.Time) {
	e.finishJobs(it, Result{
		ID: it.letter.ID, Did: DidSkip, Note: "delivered at " + delivered.UTC().Format(time.RFC3339) + " already, and its payload deleted since",
	})
	delete(e.holds, it.letter.ID)
	e.deleteCopy(it.lease)
	e.counters.Left++
	e.remove(it)
}

// discard deletes the payload of a letter whose message is gone. One that stays costs money, and no letter.
func (e *Engine) discard(ctx context.Context, l *deadletter.Letter) {
	if !l.PayloadElsewhere() || trashed(l) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	if err := e.cfg.Payloads.Discard(ctx, l); err != nil {
		e.tell(func() { e.trouble("the payload of a delivered letter could not be deleted: it stays where it is", err) })
	}
}
