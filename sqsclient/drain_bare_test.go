//go:build unix

package sqsclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// drainBarely receives, posts and deletes, and does nothing for what fails.
func drainBarely(ctx context.Context, d drain, done func()) error {
	dial := overSocket(d.Socket).DialContext
	raw := sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://localsqs"),
		Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
		HTTPClient:  &http.Client{Transport: wholeBody{&http.Transport{DialContext: dial, MaxIdleConnsPerHost: 64}}},
	})
	queue, err := raw.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(waitingName)})
	if err != nil {
		return err
	}
	received, taken, batches := make(chan types.Message), make(chan *string, 1000), make(chan []types.DeleteMessageBatchRequestEntry)
	var all, posting sync.WaitGroup
	all.Go(func() { bareBatches(ctx, taken, batches) })
	for range 8 {
		all.Go(func() { bareReceives(ctx, raw, queue.QueueUrl, received) })
		all.Go(func() { bareDeletes(ctx, raw, queue.QueueUrl, batches, done) })
	}
	endpoint := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	for range 64 {
		posting.Go(func() { barePosts(endpoint, received, taken) })
	}
	<-ctx.Done()
	all.Wait()
	close(received)
	posting.Wait()
	return nil
}

func bareReceives(ctx context.Context, raw *sqs.Client, queue *string, received chan<- types.Message) {
	for ctx.Err() == nil {
		answer, err := raw.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
		if err != nil {
			return // as it is when all have been deleted
		}
		for _, m := range answer.Messages {
			received <- m
		}
	}
}

func barePosts(endpoint *http.Transport, received <-chan types.Message, taken chan<- *string) {
	for m := range received {
		var letter struct {
			ID       string          `json:"id"`
			Endpoint string          `json:"original_endpoint"`
			Payload  json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal([]byte(*m.Body), &letter); err != nil {
			continue
		}
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, letter.Endpoint, bytes.NewReader(letter.Payload))
		if err != nil {
			continue
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := endpoint.RoundTrip(request)
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		taken <- m.ReceiptHandle
	}
}

// bareBatches gathers ten, or fewer if they do not come within 20 ms.
func bareBatches(ctx context.Context, taken <-chan *string, batches chan<- []types.DeleteMessageBatchRequestEntry) {
	defer close(batches)
	for ctx.Err() == nil {
		var entries []types.DeleteMessageBatchRequestEntry
		linger, late := context.WithTimeout(ctx, 20*time.Millisecond)
		for len(entries) < 10 && linger.Err() == nil {
			select {
			case receipt := <-taken:
				entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(len(entries))), ReceiptHandle: receipt})
			case <-linger.Done():
			}
		}
		late()
		if len(entries) > 0 {
			batches <- entries
		}
	}
}

func bareDeletes(ctx context.Context, raw *sqs.Client, queue *string, batches <-chan []types.DeleteMessageBatchRequestEntry, done func()) {
	for entries := range batches {
		if _, err := raw.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: queue, Entries: entries}); err != nil {
			continue
		}
		for range entries {
			done()
		}
	}
}
