package sqsclient

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// queue is one queue that is open.
type queue struct {
	*link
	name string
	url  string

	// As last read: an operator may change them while the queue is open.
	retention atomic.Int64 // a time.Duration
	maxBytes  atomic.Int64 // of one message with its attributes
	lendsAll  atomic.Bool  // it lends as many messages as it does at most, and has more

	sends   *batcher[message]
	moves   *batcher[message] // sends that stand for another message
	deletes *batcher[string]  // receipt handles
	leases  *batcher[visibility]
}

// How many lingers an entry waits. Nothing hangs on a delete but its price: the letter has been delivered, which is
// remembered, or another message stands for it. So deletes gather for longer, and so do sends of a letter that the queue
// has already: it waits for its backoff, or for a person. Fuller sends make fuller receives, too, as they come back.
const (
	lingersMost       = 5
	moveLingers       = 8
	moveLingersMost   = 20
	deleteLingers     = 15
	deleteLingersMost = 25
)

// What SQS takes where a queue does not say.
const (
	usualRetention = 4 * 24 * time.Hour
	usualMaxBytes  = 1 << 20
)

// lendsMost is how many messages of a queue SQS lends at once.
const lendsMost = 120_000

// openQueue finds a queue by name or URL and reads its limits.
func openQueue(ctx context.Context, l *link, nameOrURL string) (*queue, error) {
	url, err := l.urlOf(ctx, nameOrURL)
	if err != nil {
		return nil, err
	}
	q := &queue{link: l, name: queueName(nameOrURL), url: url}
	if _, err := q.depth(ctx); err != nil {
		return nil, err
	}
	return q, nil
}

// openBatched opens a queue and readies it for entries, whose requests run on another context.
func openBatched(ctx, requests context.Context, l *link, nameOrURL string, linger time.Duration) (*queue, error) {
	q, err := openQueue(ctx, l, nameOrURL)
	if err != nil {
		return nil, err
	}
	q.startBatches(requests, linger)
	return q, nil
}

func (q *queue) startBatches(ctx context.Context, linger time.Duration) {
	longest := lingersMost * linger
	weightless := func(string) int { return 0 }
	q.sends = newBatcher(linger, longest, message.size, func(entries []message) []error { return batch(ctx, q, entries, q.askSend) })
	q.moves = newBatcher(moveLingers*linger, moveLingersMost*linger, message.size, func(entries []message) []error { return batch(ctx, q, entries, q.askSend) })
	q.deletes = newBatcher(deleteLingers*linger, deleteLingersMost*linger, weightless, func(entries []string) []error { return batch(ctx, q, entries, q.askDelete) })
	q.leases = newBatcher(linger, longest, visibility.size, func(entries []visibility) []error { return batch(ctx, q, entries, q.askVisibility) })
}

// inTime makes of a caller's own deadline what it comes to: no answer.
func (q *queue) inTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) && !isUnreachable(err) {
		return &UnreachableError{Where: q.where, Err: err}
	}
	return err
}

func isUnreachable(err error) bool {
	_, ok := errors.AsType[*UnreachableError](err)
	return ok
}

// flush sends what waits and returns when every caller has its outcome.
func (q *queue) flush() {
	q.sends.close()
	q.moves.close()
	q.deletes.close()
	q.leases.close()
}

// urlOf finds the URL of a queue. One that is given is not asked about.
func (l *link) urlOf(ctx context.Context, nameOrURL string) (string, error) {
	if isURL(nameOrURL) {
		return nameOrURL, nil
	}
	found, err := l.calls.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &nameOrURL})
	if err != nil {
		return "", l.explain(err, nameOrURL)
	}
	if found.QueueUrl == nil {
		return "", fmt.Errorf("find queue %q: the answer has no URL", nameOrURL)
	}
	return *found.QueueUrl, nil
}

// attributes reads a queue's attributes by name.
func (l *link) attributes(ctx context.Context, name, url string, wanted ...types.QueueAttributeName) (map[string]string, error) {
	read, err := l.calls.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: wanted})
	if err != nil {
		return nil, fmt.Errorf("read the attributes of queue %q: %w", name, l.explain(err, name))
	}
	return read.Attributes, nil
}

// count is how many messages a queue holds.
type count struct{ visible, inFlight, delayed int }

// depth counts the messages and, since it is the same request, reads the limits again.
func (q *queue) depth(ctx context.Context) (count, error) {
	read, err := q.attributes(
		ctx, q.name, q.url,
		types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		types.QueueAttributeNameMessageRetentionPeriod,
		types.QueueAttributeNameMaximumMessageSize,
	)
	if err != nil {
		return count{}, err
	}
	number := func(name types.QueueAttributeName, otherwise int) int {
		if n, err := strconv.Atoi(read[string(name)]); err == nil {
			return n
		}
		return otherwise
	}
	seconds := number(types.QueueAttributeNameMessageRetentionPeriod, int(usualRetention/time.Second))
	q.retention.Store(int64(time.Duration(seconds) * time.Second))
	q.maxBytes.Store(int64(number(types.QueueAttributeNameMaximumMessageSize, usualMaxBytes)))
	n := count{
		visible:  number(types.QueueAttributeNameApproximateNumberOfMessages, 0),
		inFlight: number(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible, 0),
		delayed:  number(types.QueueAttributeNameApproximateNumberOfMessagesDelayed, 0),
	}
	q.lendsAll.Store(n.visible > 0 && n.inFlight >= lendsMost)
	return n, nil
}
