package localsqs_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/sqsclient/localsqs"
)

// overTCP serves a new directory on the loopback and returns a client for it.
func overTCP(b *testing.B) *sqs.Client {
	b.Helper()
	ln, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := open(b, b.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, ln) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", ln.Addr().String())
	}}
	b.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	return client(transport)
}

// spread runs do b.N times, from so many goroutines.
func spread(b *testing.B, goroutines int, do func() error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func fill(b *testing.B, c *sqs.Client, url string, messages int) {
	b.Helper()
	fillGroups(b, c, url, messages, 0)
}

// fillGroups spreads messages over so many groups, 0 for a standard queue.
func fillGroups(b *testing.B, c *sqs.Client, url string, messages, groups int) {
	b.Helper()
	body := strings.Repeat("x", 1024)
	var entries []types.SendMessageBatchRequestEntry
	for i := range 10 {
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &body})
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

func benchmarkEach(b *testing.B, run func(b *testing.B, connections, waiting int)) {
	b.Helper()
	for _, connections := range []int{1, 16, 64} {
		for _, waiting := range []int{0, 100_000} {
			b.Run(fmt.Sprintf("connections=%d/waiting=%d", connections, waiting), func(b *testing.B) { run(b, connections, waiting) })
		}
	}
}

// BenchmarkSend sends single messages of 1 KiB, each synced before it is answered.
func BenchmarkSend(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, connections, waiting int) {
		b.Helper()
		c := overTCP(b)
		url := createBenchQueue(b, c)
		fill(b, c, url, waiting)
		body := strings.Repeat("x", 1024)
		b.ResetTimer()
		spread(b, connections, func() error {
			_, err := c.SendMessage(b.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
			return err
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
	})
}

// BenchmarkReceiveDelete receives and deletes messages of 1 KiB in batches of ten, synced.
func BenchmarkReceiveDelete(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, connections, waiting int) {
		b.Helper()
		c := overTCP(b)
		url := createBenchQueue(b, c)
		fill(b, c, url, waiting+10*b.N)
		b.ResetTimer()
		spread(b, connections, func() error { return receiveDelete(b.Context(), c, url) })
		b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}

// BenchmarkReceiveDeleteFIFO is the same on a FIFO queue, with all that waits in one group and each in its own.
func BenchmarkReceiveDeleteFIFO(b *testing.B) {
	for _, waiting := range []int{0, 100_000} {
		for _, groups := range []int{1, max(100, waiting)} {
			b.Run(fmt.Sprintf("waiting=%d/groups=%d", waiting, groups), func(b *testing.B) {
				c := overTCP(b)
				out, err := c.CreateQueue(b.Context(), &sqs.CreateQueueInput{
					QueueName: aws.String("bench.fifo"), Attributes: map[string]string{"FifoQueue": "true"},
				})
				if err != nil {
					b.Fatal(err)
				}
				fillGroups(b, c, *out.QueueUrl, waiting+10*b.N, groups)
				b.ResetTimer()
				for range b.N {
					if err := receiveDelete(b.Context(), c, *out.QueueUrl); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			})
		}
	}
}

func receiveDelete(ctx context.Context, c *sqs.Client, url string) error {
	out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
	if err != nil {
		return err
	}
	if len(out.Messages) != 10 {
		return fmt.Errorf("received %d messages", len(out.Messages))
	}
	var entries []types.DeleteMessageBatchRequestEntry
	for _, m := range out.Messages {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	_, err = c.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &url, Entries: entries})
	return err
}

func createBenchQueue(b *testing.B, c *sqs.Client) string {
	b.Helper()
	out, err := c.CreateQueue(b.Context(), &sqs.CreateQueueInput{QueueName: aws.String("bench")})
	if err != nil {
		b.Fatal(err)
	}
	return *out.QueueUrl
}

// BenchmarkOpen opens a directory with 100,000 messages of 1 KiB.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	server, err := localsqs.Open(localsqs.Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	c := client(direct{server})
	fill(b, c, createBenchQueue(b, c), 100_000)
	if err := server.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		server, err := localsqs.Open(localsqs.Config{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := server.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
