package localsqs_test

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/sqsclient/localsqs"
	"rehook/sqsclient/localsqs/seglog"
)

const (
	benchQueue = "http://queues/000000000000/bench"
	backlog    = 100_000
)

// benchBody is 1 KiB.
var benchBody = strings.Repeat("x", 1024)

// bench is a server on the loopback with the queue benchQueue.
type bench struct {
	address string
	ctx     context.Context //nolint:containedctx // the benchmark's, for its requests
}

// onTCP serves a new directory. Without syncs it is as fast as the server is whatever the disk.
func onTCP(b *testing.B, waiting int, synced bool) bench {
	b.Helper()
	var open seglog.OpenFile
	if !synced {
		open = openUnsynced
	}
	server, err := localsqs.OpenOn(localsqs.Config{Dir: b.TempDir()}, open)
	if err != nil {
		b.Fatal(err)
	}
	ln, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, ln) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		if err := server.Close(); err != nil {
			b.Error(err)
		}
	})
	s := bench{ln.Addr().String(), b.Context()}
	s.create(b)
	s.fill(b, waiting)
	return s
}

func openUnsynced(name string, flag int, perm fs.FileMode) (seglog.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	return unsynced{file}, err
}

// unsynced is a file whose Sync does nothing, to see what syncs cost.
type unsynced struct{ *os.File }

func (unsynced) Sync() error { return nil }

func (s bench) create(b *testing.B) {
	b.Helper()
	if _, err := s.sdk(b).CreateQueue(b.Context(), &sqs.CreateQueueInput{QueueName: aws.String("bench")}); err != nil {
		b.Fatal(err)
	}
}

// sdk is the client that programs in Go have. It takes a good deal more of the machine than the server does.
func (s bench) sdk(b *testing.B) *sqs.Client {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", s.address)
	}}
	b.Cleanup(transport.CloseIdleConnections)
	return client(transport)
}

// fill sends messages in batches of ten.
func (s bench) fill(b *testing.B, messages int) {
	b.Helper()
	batch := wireRequest("SendMessageBatch", batchOf(slices.Repeat([]string{`"MessageBody":"` + benchBody + `"`}, 10)))
	s.spread(b, messages/10, 16, func(w *wire) error { return w.ask(batch) })
}

// spread runs do so often, from so many connections.
func (s bench) spread(b *testing.B, times, connections int, do func(*wire) error) {
	b.Helper()
	share(b, times, connections, func() (func() error, error) {
		w, err := dialWire(s.ctx, s.address)
		if err != nil {
			return nil, err
		}
		b.Cleanup(func() { _ = w.Close() })
		return func() error { return do(w) }, nil
	})
}

// share runs what begin returns so often, from so many goroutines that each call begin once.
func share(b *testing.B, times, goroutines int, begin func() (func() error, error)) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(times))
	var all sync.WaitGroup
	for range goroutines {
		do, err := begin()
		if err != nil {
			b.Fatal(err)
		}
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

// work is one operation of a benchmark, for both clients.
type work struct {
	bare func(*wire) error
	sdk  func(context.Context, *sqs.Client) error
}

// benchmarkEach measures w in each situation. Each call of w is of so many messages; consumes says that it needs them.
func benchmarkEach(b *testing.B, w work, messages int, consumes bool) {
	b.Helper()
	for _, synced := range []bool{true, false} {
		for _, waiting := range []int{0, backlog} {
			b.Run(fmt.Sprintf("synced=%v/waiting=%d", synced, waiting), func(b *testing.B) {
				s := onTCP(b, waiting, synced)
				for _, connections := range []int{1, 16} {
					for _, bare := range []bool{true, false} {
						b.Run(fmt.Sprintf("connections=%d/bare=%v", connections, bare), func(b *testing.B) {
							if consumes {
								s.fill(b, messages*b.N+10)
							}
							before := cpuTime(b)
							b.ResetTimer()
							s.run(b, connections, bare, w)
							b.ReportMetric(float64(messages*b.N)/b.Elapsed().Seconds(), "messages/s")
							b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(messages*b.N), "cpu-µs/message")
						})
					}
				}
			})
		}
	}
}

// cpuTime is what server and client have used of the processors so far. Work beside them changes it less than how long
// they take.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func (s bench) run(b *testing.B, connections int, bare bool, w work) {
	b.Helper()
	if bare {
		s.spread(b, b.N, connections, w.bare)
		return
	}
	c := s.sdk(b)
	share(b, b.N, connections, func() (func() error, error) {
		return func() error { return w.sdk(s.ctx, c) }, nil
	})
}

// BenchmarkSend sends single messages of 1 KiB.
func BenchmarkSend(b *testing.B) {
	send := wireRequest("SendMessage", `"MessageBody":"`+benchBody+`"`)
	benchmarkEach(b, work{
		bare: func(w *wire) error { return w.ask(send) },
		sdk: func(ctx context.Context, c *sqs.Client) error {
			_, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(benchQueue), MessageBody: &benchBody})
			return err
		},
	}, 1, false)
}

// BenchmarkReceiveDelete receives and deletes messages of 1 KiB, one by one.
func BenchmarkReceiveDelete(b *testing.B) {
	benchmarkEach(b, work{
		bare: func(w *wire) error { return w.receiveDelete(1) },
		sdk:  func(ctx context.Context, c *sqs.Client) error { return receiveDelete(ctx, c, benchQueue, 1) },
	}, 1, true)
}

// BenchmarkReceiveDeleteTen receives and deletes messages of 1 KiB in batches of ten.
func BenchmarkReceiveDeleteTen(b *testing.B) {
	benchmarkEach(b, work{
		bare: func(w *wire) error { return w.receiveDelete(10) },
		sdk:  func(ctx context.Context, c *sqs.Client) error { return receiveDelete(ctx, c, benchQueue, 10) },
	}, 10, true)
}

func receiveDelete(ctx context.Context, c *sqs.Client, queue string, limit int32) error {
	url := &queue
	out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: limit})
	if err != nil {
		return err
	}
	if len(out.Messages) != int(limit) {
		return fmt.Errorf("received %d messages", len(out.Messages))
	}
	if limit == 1 {
		_, err = c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: out.Messages[0].ReceiptHandle})
		return err
	}
	var entries []types.DeleteMessageBatchRequestEntry
	for _, m := range out.Messages {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	_, err = c.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: entries})
	return err
}

// BenchmarkLongPoll measures from a send to the answer of a long poll that waits for it.
func BenchmarkLongPoll(b *testing.B) {
	s := onTCP(b, 0, true)
	poller, err := dialWire(b.Context(), s.address)
	if err != nil {
		b.Fatal(err)
	}
	sender, err := dialWire(b.Context(), s.address)
	if err != nil {
		b.Fatal(err)
	}
	poll := wireRequest("ReceiveMessage", `"WaitTimeSeconds":20`)
	send := wireRequest("SendMessage", `"MessageBody":"`+benchBody+`"`)
	var took []time.Duration
	pause := time.NewTicker(2 * time.Millisecond) // in which the poll comes to wait
	defer pause.Stop()
	b.ResetTimer()
	for range b.N {
		answered := make(chan error, 1)
		go func() { answered <- poller.ask(poll) }()
		<-pause.C
		began := time.Now()
		if err := sender.ask(send); err != nil {
			b.Fatal(err)
		}
		if err := <-answered; err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs/median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs/p99")
}

// BenchmarkOpen opens a directory with 100,000 messages of 1 KiB, and says what memory they take.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	server, err := localsqs.Open(localsqs.Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	c := client(direct{server})
	fillGroups(b, c, createQueue(b, c), backlog, 0)
	if err := server.Close(); err != nil {
		b.Fatal(err)
	}
	var index uint64
	for b.Loop() {
		before := heapBytes(b)
		server, err := localsqs.Open(localsqs.Config{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		index = heapBytes(b) - before
		if err := server.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/open")
	b.ReportMetric(float64(index)/backlog, "memory-bytes/message")
}

// heapBytes is what the heap holds, while the benchmark's clock stands.
func heapBytes(b *testing.B) uint64 {
	b.Helper()
	b.StopTimer()
	defer b.StartTimer()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
