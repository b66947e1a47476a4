package sqsclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rehook/retry/deadletter"
)

// Client is the pair of queues, open. Its methods may be called from many goroutines at once, and each call
// blocks until SQS has answered for it. Errors are a [*MissingQueueError], [*CredentialsError],
// [*BusyError] or [*UnreachableError], or wrap [deadletter.ErrLeaseLost], [deadletter.ErrNotDeleted] or
// [deadletter.ErrTooLarge]; whatever else fails may be called again.
type Client struct {
	link       *link
	waiting    *queue
	parked     *parked
	visibility time.Duration
	abandon    context.CancelCauseFunc // ends requests under way
	closing    time.Duration           // how long Close takes at most
}

// ErrCutOff says that requests were under way when the time to close was over.
var ErrCutOff = errors.New("SQS did not answer in time, so what the last requests came to is not known")

// Open finds both queues; it creates none. A parked queue that is missing is no reason not to deliver what waits:
// see [Client.Missing]. ctx is for the opening alone. The error is a [*MissingQueueError], a [*CredentialsError], a
// [*RegionError] or an [*UnreachableError] where one of them fits; each has a Hint.
func Open(ctx context.Context, cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("open the queues: %w", err)
	}
	l, err := connect(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the queues: %w", err)
	}
	requests, abandon := context.WithCancelCause(context.WithoutCancel(ctx))
	c := &Client{link: l, visibility: cfg.Visibility, abandon: abandon, closing: cfg.CloseWithin}
	c.parked = &parked{open: func() (*queue, error) {
		ctx, cancel := context.WithTimeoutCause(requests, batchWithin, errNoAnswer)
		defer cancel()
		return openBatched(ctx, requests, l, cfg.Parked, cfg.Linger)
	}}
	c.waiting, err = openBatched(ctx, requests, l, cfg.Queue, cfg.Linger)
	if err == nil {
		_, err = c.parked.queue(ctx)
	}
	if err != nil && c.Missing() == nil {
		c.hangUp()
		return nil, fmt.Errorf("open the queues: %w", err)
	}
	return c, nil
}

// Missing is the [*MissingQueueError] of a parked queue that was not there when something was last asked of it; nil
// if it was. Letters cannot be parked until somebody creates it.
func (c *Client) Missing() error { return c.parked.missing() }

// Where says where the queues are, as an operator calls it: "embedded", the AWS region, or the host of the
// endpoint that is configured.
func (c *Client) Where() string { return c.link.where }

// Retention is how long the waiting queue keeps a message from the moment it was given it, as it was when Open or
// Depth last looked.
func (c *Client) Retention() time.Duration { return time.Duration(c.waiting.retention.Load()) }

// ParkedRetention is the same of the parked queue; 0 while that is missing.
func (c *Client) ParkedRetention() time.Duration {
	if q := c.parked.opened(); q != nil {
		return time.Duration(q.retention.Load())
	}
	return 0
}

// Depth counts the messages in both queues. On SQS the figures are approximate and may be a minute old.
func (c *Client) Depth(ctx context.Context) (deadletter.Depth, error) {
	waiting, err := c.waiting.depth(ctx)
	if err != nil {
		return deadletter.Depth{}, err
	}
	d := deadletter.Depth{Visible: waiting.visible, InFlight: waiting.inFlight, Delayed: waiting.delayed}
	err = c.parked.ifThere(ctx, func(q *queue) error {
		n, err := q.depth(ctx)
		d.Parked = n.visible + n.inFlight + n.delayed
		return err
	})
	if err != nil {
		return deadletter.Depth{}, err
	}
	return d, nil
}

// Close sends what waits in batches, and returns when every caller has its outcome. What takes longer than the time to
// close is cut off, and the error then wraps [ErrCutOff]. Calls that come later fail, and so does the deleting of a move
// that is half done: end what moves letters first. Closing twice is fine.
func (c *Client) Close() error {
	cut := time.AfterFunc(c.closing, func() { c.abandon(errClosed) })
	c.waiting.flush()
	if q := c.parked.close(); q != nil {
		q.flush()
	}
	inTime := cut.Stop()
	c.hangUp()
	if !inTime {
		return fmt.Errorf("close the queues: %w", ErrCutOff)
	}
	return nil
}

// hangUp ends every request that is under way.
func (c *Client) hangUp() {
	c.abandon(errClosed)
	c.parked.looks.Wait()
	c.link.hang()
}
