package localsqs_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS lends 120,000 messages of a standard queue. Beyond that it refuses a receive that does not wait, and one that
// waits gets nothing.
func TestNoMoreThanSoManyMessagesAreInFlight(t *testing.T) {
	if testing.Short() {
		t.Skip("sends and receives 120,010 messages")
	}
	synctest.Test(t, func(t *testing.T) {
		const most, batch, workers = 120_000, 10, 4
		s := serve(t, open(t, t.TempDir()))
		made, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
		if err != nil {
			t.Fatal(err)
		}
		url := made.QueueUrl
		entries := make([]types.SendMessageBatchRequestEntry, batch)
		for i := range entries {
			entries[i] = types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String("m")}
		}
		receive := func(wait, visibility int32) (int, error) {
			got, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
				QueueUrl: url, MaxNumberOfMessages: batch, WaitTimeSeconds: wait, VisibilityTimeout: visibility,
			})
			if err != nil {
				return 0, err
			}
			return len(got.Messages), nil
		}
		var work sync.WaitGroup
		for w := range workers {
			work.Go(func() {
				for i := range most / batch / workers {
					if _, err := s.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries}); err != nil {
						t.Error(err)
						return
					}
					visibility := int32(12 * 60 * 60)
					if w == 0 && i == 0 {
						visibility = 60
					}
					if n, err := receive(0, visibility); n != batch || err != nil {
						t.Errorf("%d received, %v", n, err)
						return
					}
				}
			})
		}
		work.Wait()
		if _, err := s.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries}); err != nil {
			t.Fatal(err)
		}
		_, err = receive(0, 60)
		if over, ok := errors.AsType[*types.OverLimit](err); !ok {
			t.Errorf("a receive that does not wait gets %v", err)
		} else if over.ErrorCode() != "OverLimit" {
			t.Errorf("its code is %s", over.ErrorCode())
		}
		if n, err := receive(5, 60); n != 0 || err != nil {
			t.Errorf("a receive that waits gets %d, %v", n, err)
		}
		time.Sleep(2 * time.Minute)
		if n, err := receive(0, 60); n != batch || err != nil {
			t.Errorf("once the lease of ten has ended: %d, %v", n, err)
		}
	})
}
