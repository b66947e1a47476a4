package localsqs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// BenchmarkReceiveDeleteFIFO receives and deletes in tens from a FIFO queue, with all that waits in one group and each in its own.
func BenchmarkReceiveDeleteFIFO(b *testing.B) {
	for _, waiting := range []int{0, backlog} {
		for _, groups := range []int{1, max(100, waiting)} {
			b.Run(fmt.Sprintf("waiting=%d/groups=%d", waiting, groups), func(b *testing.B) {
				c := onTCP(b, 0, true).sdk(b)
				out, err := c.CreateQueue(b.Context(), &sqs.CreateQueueInput{
					QueueName: aws.String("bench.fifo"), Attributes: map[string]string{"FifoQueue": "true"},
				})
				if err != nil {
					b.Fatal(err)
				}
				fillGroups(b, c, *out.QueueUrl, waiting+10*b.N, groups)
				b.ResetTimer()
				for range b.N {
					if err := receiveDelete(b.Context(), c, *out.QueueUrl, 10); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			})
		}
	}
}

// fillGroups spreads messages over so many groups, 0 for a standard queue.
func fillGroups(b *testing.B, c *sqs.Client, url string, messages, groups int) {
	b.Helper()
	var entries []types.SendMessageBatchRequestEntry
	for i := range 10 {
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &benchBody})
	}
	for sent := 0; sent < messages; sent += 10 {
		for i := range entries {
			if groups > 0 {
				entries[i].MessageGroupId = aws.String(fmt.Sprint((sent + i) % groups))
				entries[i].MessageDeduplicationId = aws.String(fmt.Sprint(sent + i))
			}
		}
		if _, err := c.SendMessageBatch(b.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries}); err != nil {
			b.Fatal(err)
		}
	}
}
