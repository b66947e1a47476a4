package sqsclient

import (
	"context"
	"fmt"
	"time"

	"rehook/retry/deadletter"
)

// Delete ends a letter. It may be called again: deleting twice is no error, and neither is a receipt that another
// receive has overtaken, with which SQS says yes and keeps the message. The error wraps [deadletter.ErrLeaseLost]
// if the receipt means nothing to the queue.
func (c *Client) Delete(ctx context.Context, l deadletter.Lease) error {
	q, err := c.lender(l)
	if err != nil {
		return err
	}
	return q.delete(ctx, l)
}

// Extend makes leases end d from now, rounded up to whole seconds; 0 gives the letters back at once. SQS lends a
// message for 12 h at most, counted from its receive. There is one outcome a lease, in their order; it wraps
// [deadletter.ErrLeaseLost] if the lease has ended: somebody else may have the letter.
func (c *Client) Extend(ctx context.Context, d time.Duration, leases ...deadletter.Lease) []error {
	outcomes := make([]func() error, len(leases))
	for i, l := range leases { // all of them, before the first is waited for
		outcomes[i] = c.beginExtend(ctx, l, d)
	}
	errs := make([]error, len(leases))
	for i, outcome := range outcomes {
		errs[i] = outcome()
	}
	return errs
}

func (c *Client) beginExtend(ctx context.Context, l deadletter.Lease, d time.Duration) (outcome func() error) {
	q, err := c.lender(l)
	if err != nil {
		return func() error { return err }
	}
	done := q.leases.begin(ctx, visibility{l.Receipt, wholeSeconds(d)})
	return func() error {
		if err := await(ctx, done); err != nil {
			return fmt.Errorf("extend the lease of letter %q in queue %q: %w", l.Letter.ID, q.name, q.inTime(err))
		}
		return nil
	}
}

// lender is the queue that a lease is of.
func (c *Client) lender(l deadletter.Lease) (*queue, error) {
	if l.Queue == c.waiting.url {
		return c.waiting, nil
	}
	if q := c.parked.opened(); q != nil && l.Queue == q.url {
		return q, nil
	}
	return nil, fmt.Errorf("the lease on letter %q is of queue %q, which is not open here", l.Letter.ID, l.Queue)
}

func (q *queue) delete(ctx context.Context, l deadletter.Lease) error {
	if err := q.deletes.do(ctx, l.Receipt); err != nil {
		return fmt.Errorf("delete message %q from queue %q: %w", l.MessageID, q.name, q.inTime(err))
	}
	return nil
}

// visibility is a change of it.
type visibility struct {
	receipt string
	seconds int32 // from now
}

func (visibility) size() int { return 0 }
