package sqsclient

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// batchWithin is how long a batch may take with all the repetitions of the SDK: as long as a lease.
const batchWithin = 30 * time.Second

var errNoAnswer = errors.New("no answer within 30 s")

// ask makes one request for some entries: one outcome each, in their order, or why there is none.
type ask[E any] func(ctx context.Context, entries []E) (outcomes, error)

// batch asks for entries together, and gives one outcome each, in their order.
func batch[E any](ctx context.Context, q *queue, entries []E, ask ask[E]) []error {
	ctx, cancel := context.WithTimeoutCause(ctx, batchWithin, errNoAnswer)
	defer cancel()
	return inHalves(ctx, q, entries, ask)
}

// inHalves asks for the halves of what SQS refuses whole: one entry that it does not take, or a server whose batches
// are smaller, must not cost the others.
func inHalves[E any](ctx context.Context, q *queue, entries []E, ask ask[E]) outcomes {
	all, err := ask(ctx, entries)
	if err == nil {
		return q.withAnswers(all)
	}
	n := len(entries)
	if ctx.Err() != nil {
		return same(n, &UnreachableError{Where: q.where, Err: context.Cause(ctx)})
	}
	err = q.explain(err, q.name)
	if _, refused := errors.AsType[*refusal](err); refused && n > 1 {
		return append(inHalves(ctx, q, entries[:n/2], ask), inHalves(ctx, q, entries[n/2:], ask)...)
	}
	return same(n, err)
}

// withAnswers gives entries of which an answer says nothing their error.
func (q *queue) withAnswers(all outcomes) outcomes {
	for i, err := range all {
		if errors.Is(err, errUnanswered) {
			all[i] = &UnreachableError{Where: q.where, Err: err}
		}
	}
	return all
}

func (q *queue) askSend(ctx context.Context, messages []message) (outcomes, error) {
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.SendMessageBatchRequestEntry{Id: entryID(i), MessageBody: &m.body, MessageAttributes: m.attributes}
	}
	answer, err := q.calls.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return nil, err
	}
	all := same(len(messages), errUnanswered)
	for _, e := range answer.Successful {
		if i, ok := all.at(e.Id); ok {
			all.learn(e.Id, checkMD5([]byte(messages[i].body), e.MD5OfMessageBody))
		}
	}
	all.refuse(answer.Failed)
	return all, nil
}

func (q *queue) askDelete(ctx context.Context, receipts []string) (outcomes, error) {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(receipts))
	for i := range receipts {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: entryID(i), ReceiptHandle: &receipts[i]}
	}
	answer, err := q.calls.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return nil, err
	}
	all := same(len(receipts), errUnanswered)
	for _, e := range answer.Successful {
		all.learn(e.Id, nil)
	}
	all.refuse(answer.Failed)
	return all, nil
}

func (q *queue) askVisibility(ctx context.Context, changes []visibility) (outcomes, error) {
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(changes))
	for i, c := range changes {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: entryID(i), ReceiptHandle: &c.receipt, VisibilityTimeout: c.seconds}
	}
	answer, err := q.calls.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return nil, err
	}
	all := same(len(changes), errUnanswered)
	for _, e := range answer.Successful {
		all.learn(e.Id, nil)
	}
	all.refuse(answer.Failed)
	return all, nil
}

// entryID names the entries of a batch 0 to 9.
func entryID(i int) *string { return aws.String(strconv.Itoa(i)) }

// outcomes are what became of the entries of a batch, one each, in their order.
type outcomes []error

// errUnanswered is what holds for entries that an answer names neither as done nor as failed.
var errUnanswered = errors.New("the answer does not say what became of it")

// same are n outcomes of one kind.
func same(n int, err error) outcomes {
	all := make(outcomes, n)
	for i := range all {
		all[i] = err
	}
	return all
}

// at finds the entry with an id. An answer may name any.
func (o outcomes) at(id *string) (int, bool) {
	i, err := strconv.Atoi(aws.ToString(id))
	return i, err == nil && i >= 0 && i < len(o)
}

// learn takes what an answer says of an entry. An entry that is named twice has failed if it did once.
func (o outcomes) learn(id *string, err error) {
	if i, ok := o.at(id); ok && (o[i] == nil || errors.Is(o[i], errUnanswered)) {
		o[i] = err
	}
}

func (o outcomes) refuse(failed []types.BatchResultErrorEntry) {
	for _, e := range failed {
		o.learn(e.Id, newRefusal(aws.ToString(e.Code), aws.ToString(e.Message), e.SenderFault))
	}
}
