package sqsclient

import (
	"context"
	"errors"
	"fmt"

	"rehook/retry/deadletter"
)

// Send gives a letter to the waiting queue. It returns nil only when the queue has accepted it. The error wraps
// [deadletter.ErrTooLarge] if the queue will never take it; after any other, the queue may have it or not.
func (c *Client) Send(ctx context.Context, l *deadletter.Letter) error {
	return c.waiting.send(ctx, c.waiting.sends, l, nil)
}

// SendParked does what Send does, into the parked queue: for a letter that was parked before, and is brought back.
func (c *Client) SendParked(ctx context.Context, l *deadletter.Letter) error {
	to, err := c.parked.queue(ctx)
	if err != nil {
		return fmt.Errorf("send letter %q to the parked queue: %w", l.ID, err)
	}
	err = to.send(ctx, to.sends, l, nil)
	c.parked.saw(err)
	return err
}

// Replace sends a letter to the waiting queue and, only once that is accepted, deletes the message that it stands
// for, whose own attributes the new one has. The error wraps [deadletter.ErrNotDeleted] if the letter was accepted
// and its old message may still be there; after any other, the lease is as it was.
func (c *Client) Replace(ctx context.Context, old deadletter.Lease, with *deadletter.Letter) error {
	return c.move(ctx, old, with, c.waiting)
}

// Park does what Replace does, into the parked queue.
func (c *Client) Park(ctx context.Context, old deadletter.Lease, with *deadletter.Letter) error {
	to, err := c.parked.queue(ctx)
	if err != nil {
		return fmt.Errorf("park letter %q: %w", with.ID, err)
	}
	err = c.move(ctx, old, with, to)
	if !errors.Is(err, deadletter.ErrNotDeleted) { // what is missing then is the other queue
		c.parked.saw(err)
	}
	return err
}

// Release does what Replace does, with a lease of the parked queue: the letter waits again.
func (c *Client) Release(ctx context.Context, old deadletter.Lease, with *deadletter.Letter) error {
	return c.move(ctx, old, with, c.waiting)
}

func (c *Client) move(ctx context.Context, old deadletter.Lease, with *deadletter.Letter, to *queue) error {
	from, err := c.lender(old)
	if err != nil {
		return err
	}
	if err := to.send(ctx, to.moves, with, old.Attributes); err != nil {
		return err
	}
	if err := from.insistOnDelete(ctx, old); err != nil {
		return fmt.Errorf("%w: %w", deadletter.ErrNotDeleted, err)
	}
	return nil
}

// send gives a letter to the queue: whole if it fits, else with a reference in place of its payload, once that is kept.
func (q *queue) send(ctx context.Context, gather *batcher[message], l *deadletter.Letter, attributes map[string]deadletter.Attribute) error {
	m := newMessage(l, attributes)
	err := q.fits(m)
	if err == nil {
		err = q.inTime(gather.do(ctx, m)) // whose limit may have been lowered since it was read
	}
	if errors.Is(err, deadletter.ErrTooLarge) && l.Payload != nil {
		err = q.sendClaimed(ctx, gather, l, attributes, err)
	}
	if err != nil {
		return fmt.Errorf("send letter %q to queue %q: %w", l.ID, q.name, err)
	}
	return nil
}

func (q *queue) fits(m message) error {
	if most := min(q.maxBytes.Load(), batchBytes); int64(m.bytes) > most {
		return fmt.Errorf("%w: it has %d bytes, and %d are the most", deadletter.ErrTooLarge, m.bytes, most)
	}
	return nil
}

// sendClaimed sends a letter that is too large to be sent whole.
func (q *queue) sendClaimed(ctx context.Context, gather *batcher[message], l *deadletter.Letter, attributes map[string]deadletter.Attribute, tooLarge error) error {
	light, err := q.claimed(l, tooLarge)
	if err != nil {
		return err
	}
	m := newMessage(light, attributes)
	if err := q.fits(m); err != nil {
		return err
	}
	if err := q.claims.put(ctx, light.PayloadRef, l.Payload); err != nil {
		return err
	}
	return q.inTime(gather.do(ctx, m))
}

// claimed is a letter that is too large, with a reference to where its payload is going to be kept.
func (q *queue) claimed(l *deadletter.Letter, tooLarge error) (*deadletter.Letter, error) {
	switch {
	case q.claims.keep == nil:
		return nil, fmt.Errorf(`%w: set "claims" to a bucket for such payloads`, tooLarge)
	case int64(len(l.Payload)) > q.claims.bytes:
		return nil, fmt.Errorf("%w; its payload has %d bytes, and %d are the most that is kept elsewhere", tooLarge, len(l.Payload), q.claims.bytes)
	}
	return q.claims.claimed(l), nil
}

// Fits says, without asking anybody, why the waiting queue would never take a letter. The error wraps
// [deadletter.ErrTooLarge].
func (c *Client) Fits(l *deadletter.Letter) error {
	err := c.waiting.fits(newMessage(l, nil))
	if err == nil || l.Payload == nil {
		return err
	}
	light, err := c.waiting.claimed(l, err)
	if err != nil {
		return err
	}
	return c.waiting.fits(newMessage(light, nil))
}

// deleteTries is how often the old message of a letter that was moved is asked to be deleted. Only what SQS says
// of the single entry counts: requests that fail whole are repeated by the SDK.
const deleteTries = 3

// insistOnDelete saves the cost of a letter that is in the queue twice.
func (q *queue) insistOnDelete(ctx context.Context, l deadletter.Lease) error {
	for try := 1; ; try++ {
		err := q.delete(ctx, l)
		refused, ok := errors.AsType[*refusal](err)
		if !ok || refused.final || try == deleteTries {
			return err
		}
	}
}
