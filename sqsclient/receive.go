package sqsclient

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/retry/deadletter"
)

// glanceTime is how long a receive waits that is not meant to wait. One that waits at all asks all of SQS's
// servers; one that does not may miss messages that are there, and in this API a zero means the queue's own wait.
const glanceTime = time.Second

// emptyTakes is how long a receive takes at least that brings nothing. A server that cannot wait, or that is none,
// would be asked without end.
const emptyTakes = time.Second

// Receive waits for letters, up to 20 s, and leases what comes, ten at most; none is no error. A body that is no
// letter becomes one whose Source says so: see [deadletter.Read]. A message whose body lies in a store that cannot be
// asked is left out: it comes back when its lease has ended, and the error, which wraps [deadletter.ErrBodyAway], comes
// beside the others.
func (c *Client) Receive(ctx context.Context) ([]deadletter.Lease, error) {
	leases, err := c.waiting.receive(ctx, pollTime, c.visibility)
	if err == nil && len(leases) == 0 {
		err = c.waiting.overLimit(ctx)
	}
	errs := c.link.claims.follow(ctx, leases)
	away := errors.Join(errs...)
	if away == nil {
		return leases, err
	}
	var known []deadletter.Lease
	for i, l := range leases {
		if errs[i] == nil {
			known = append(known, l)
		}
	}
	return known, fmt.Errorf("%w: %w", deadletter.ErrBodyAway, away)
}

// overLimit says why nothing came though there is something. A receive that waits is not told (SQS: OverLimit is returned
// to those that do not), so it is found by the count: once that has shown as much, it is read again. A count that cannot
// be read says nothing.
func (q *queue) overLimit(ctx context.Context) error {
	if !q.lendsAll.Load() {
		return nil
	}
	if _, err := q.depth(ctx); err != nil || !q.lendsAll.Load() {
		return nil //nolint:nilerr // see above
	}
	return fmt.Errorf("receive from queue %q: %w", q.name, &BusyError{Where: q.where, Err: errLendsAll, hint: hintOverLimit})
}

// Glance does what Receive does, and waits a second at most. It leaves nothing out: a letter whose body cannot be read
// says why.
func (c *Client) Glance(ctx context.Context) ([]deadletter.Lease, error) {
	leases, err := c.waiting.receive(ctx, glanceTime, c.visibility)
	c.link.claims.follow(ctx, leases)
	return leases, err
}

// ReceiveParked does the same with the parked queue, and reads no body that lies elsewhere: such a letter is as it was
// parked. A queue that is missing has no letters.
func (c *Client) ReceiveParked(ctx context.Context) ([]deadletter.Lease, error) {
	var leases []deadletter.Lease
	err := c.parked.ifThere(ctx, func(q *queue) (err error) {
		leases, err = q.receive(ctx, glanceTime, c.visibility)
		return err
	})
	return leases, err
}

func (q *queue) receive(ctx context.Context, wait, visibility time.Duration) ([]deadletter.Lease, error) {
	began := time.Now()
	answer, err := q.polls.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:              &q.url,
		MaxNumberOfMessages:   batchEntries,
		WaitTimeSeconds:       wholeSeconds(wait),
		VisibilityTimeout:     wholeSeconds(visibility),
		MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameSentTimestamp,
			types.MessageSystemAttributeNameApproximateReceiveCount,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("receive from queue %q: %w", q.name, q.explain(err, q.name))
	}
	if len(answer.Messages) == 0 {
		return nil, pause(ctx, began.Add(emptyTakes))
	}
	// SQS counts from when it sent the answer, the rest of which may be long in coming. Wall time, since the lease goes
	// on while this machine sleeps.
	sent, ok := awsmiddleware.GetResponseAt(answer.ResultMetadata)
	if !ok {
		sent = began
	}
	return q.lease(answer.Messages, sent.Round(0).Add(visibility))
}

// pause waits until a moment.
func pause(ctx context.Context, until time.Time) error {
	wait := time.NewTimer(time.Until(until))
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// lease makes leases of messages. One that was damaged on its way is left alone: it comes back when its lease has
// ended. It is an error only if no other came with it.
func (q *queue) lease(messages []types.Message, until time.Time) ([]deadletter.Lease, error) {
	leases := make([]deadletter.Lease, 0, len(messages))
	var damage error
	for _, m := range messages {
		attributes := attributesFrom(m.MessageAttributes)
		// What is kept is copied: the SDK cuts its strings out of pieces of 4 KiB, and each would keep the whole of one.
		id := strings.Clone(aws.ToString(m.MessageId))
		body := []byte(aws.ToString(m.Body))
		if err := checkMD5(body, m.MD5OfBody); err != nil {
			damage = fmt.Errorf("receive message %q from queue %q: %w", id, q.name, err)
			continue
		}
		leases = append(leases, deadletter.Lease{
			Letter:     deadletter.Read(body, attributes, id),
			MessageID:  id,
			Queue:      q.url,
			Receipt:    strings.Clone(aws.ToString(m.ReceiptHandle)),
			Until:      until,
			Receives:   receives(m),
			SentAt:     sentAt(m),
			Attributes: attributes,
		})
	}
	if len(leases) > 0 {
		return leases, nil
	}
	return nil, damage
}

// receives is how often a message has been received, at least once: now.
func receives(m types.Message) int {
	n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	if err != nil {
		return 1
	}
	return n
}

// sentAt is the zero time if the server does not say.
func sentAt(m types.Message) time.Time {
	ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// wholeSeconds rounds up: a lease must not be shorter than what was asked.
func wholeSeconds(d time.Duration) int32 {
	d = min(max(d, 0), longestVisibility)
	return int32((d + time.Second - 1) / time.Second) // at most 43,200
}
