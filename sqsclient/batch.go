package sqsclient

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/retry/deadletter"
)

// batchWithin is how long a batch may take with all the repetitions of the SDK: as long as a lease.
const batchWithin = 30 * time.Second

var errNoAnswer = errors.New("no answer within 30 s")

func (q *queue) sendBatch(ctx context.Context, messages []message) []error {
	ctx, cancel := context.WithTimeoutCause(ctx, batchWithin, errNoAnswer)
	defer cancel()
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.SendMessageBatchRequestEntry{Id: entryID(i), MessageBody: &m.body, MessageAttributes: m.attributes}
	}
	answer, err := q.calls.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return q.allFailed(ctx, len(messages), err)
	}
	outcomes := unanswered(len(messages))
	for _, e := range answer.Successful {
		if i, ok := outcomes.at(e.Id); ok {
			outcomes[i] = checkMD5(messages[i].body, e.MD5OfMessageBody)
		}
	}
	outcomes.refuse(answer.Failed)
	return outcomes
}

func (q *queue) deleteBatch(ctx context.Context, receipts []string) []error {
	ctx, cancel := context.WithTimeoutCause(ctx, batchWithin, errNoAnswer)
	defer cancel()
	entries := make([]types.DeleteMessageBatchRequestEntry, len(receipts))
	for i := range receipts {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: entryID(i), ReceiptHandle: &receipts[i]}
	}
	answer, err := q.calls.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return q.allFailed(ctx, len(receipts), err)
	}
	outcomes := unanswered(len(receipts))
	for _, e := range answer.Successful {
		outcomes.accept(e.Id)
	}
	outcomes.refuse(answer.Failed)
	return outcomes
}

func (q *queue) visibilityBatch(ctx context.Context, changes []visibility) []error {
	ctx, cancel := context.WithTimeoutCause(ctx, batchWithin, errNoAnswer)
	defer cancel()
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(changes))
	for i, c := range changes {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: entryID(i), ReceiptHandle: &c.receipt, VisibilityTimeout: c.seconds}
	}
	answer, err := q.calls.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return q.allFailed(ctx, len(changes), err)
	}
	outcomes := unanswered(len(changes))
	for _, e := range answer.Successful {
		outcomes.accept(e.Id)
	}
	outcomes.refuse(answer.Failed)
	return outcomes
}

// entryID names the entries of a batch 0 to 9.
func entryID(i int) *string { return aws.String(strconv.Itoa(i)) }

// allFailed is the outcome of a request that was refused whole, or got no answer.
func (q *queue) allFailed(ctx context.Context, n int, err error) outcomes {
	if ctx.Err() != nil {
		err = &UnreachableError{Where: q.where, Err: context.Cause(ctx)}
	} else {
		err = explain(err, q.name, q.where)
	}
	all := make(outcomes, n)
	for i := range all {
		all[i] = err
	}
	return all
}

// outcomes are what became of the entries of a batch, one each, in their order.
type outcomes []error

var errUnanswered = errors.New("the answer does not say what became of it")

// unanswered is what holds for entries that an answer names neither as done nor as failed.
func unanswered(n int) outcomes {
	all := make(outcomes, n)
	for i := range all {
		all[i] = errUnanswered
	}
	return all
}

// at finds the entry with an id. An answer may name any.
func (o outcomes) at(id *string) (int, bool) {
	i, err := strconv.Atoi(aws.ToString(id))
	return i, err == nil && i >= 0 && i < len(o)
}

func (o outcomes) accept(id *string) {
	if i, ok := o.at(id); ok {
		o[i] = nil
	}
}

func (o outcomes) refuse(failed []types.BatchResultErrorEntry) {
	for _, e := range failed {
		if i, ok := o.at(e.Id); ok {
			o[i] = newRefusal(e)
		}
	}
}

// refusal is what SQS said of one entry.
type refusal struct {
	code    string
	message string
	final   bool  // it would say the same again
	means   error // what it comes to for the letter, nil if nothing that is known
}

func (e *refusal) Error() string {
	if e.means != nil {
		return fmt.Sprintf("%v (%s)", e.means, e.code)
	}
	return fmt.Sprintf("SQS refused it: %s: %s", e.code, e.message)
}

func (e *refusal) Unwrap() error { return e.means }

func newRefusal(e types.BatchResultErrorEntry) *refusal {
	r := &refusal{code: aws.ToString(e.Code), message: aws.ToString(e.Message), final: e.SenderFault}
	switch {
	case strings.HasSuffix(r.code, "ReceiptHandleIsInvalid"), strings.HasSuffix(r.code, "MessageNotInflight"):
		r.means = deadletter.ErrLeaseLost
	case r.code != "InvalidParameterValue":
	case strings.Contains(r.message, "not available for visibility timeout change"):
		r.means = deadletter.ErrLeaseLost
	case strings.Contains(r.message, "must be shorter than"):
		r.means = deadletter.ErrTooLarge
	}
	return r
}
