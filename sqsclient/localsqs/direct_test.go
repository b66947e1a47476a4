package localsqs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"pgregory.net/rapid"

	"rehook/sqsclient/localsqs"
	"rehook/sqsclient/localsqs/seglog"
)

// This file is about requests that are made without a connection.

// atHand is a server with a queue, and a real client in the same process.
func atHand(t *testing.T) (s served, server *localsqs.Server, url string) {
	t.Helper()
	server = open(t, t.TempDir())
	s = served{Client: client(server)}
	return s, server, s.queue(t, nil)
}

// TestWithoutAConnectionTheSameIsSaid: whatever is asked, be it right or wrong, and in either protocol.
func TestWithoutAConnectionTheSameIsSaid(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			connected := newConversation(t, p)
			directly := &conversation{t: t, protocol: p, http: &http.Client{Transport: open(t, t.TempDir())}}
			runs := 0
			rapid.Check(t, func(rt *rapid.T) {
				runs++
				url := connected.queue(fmt.Sprint("q", runs), nil)
				directly.queue(fmt.Sprint("q", runs), nil)
				same := func(operation string, in params) {
					in["QueueUrl"] = url
					a, b := connected.ask(operation, in), directly.ask(operation, in)
					if a.status != b.status || a.code != b.code || !reflect.DeepEqual(lasting(a.output), lasting(b.output)) && a.code == "" ||
						a.header.Get("Content-Type") != b.header.Get("Content-Type") || (a.header.Get("X-Amzn-Requestid") == "") != (b.header.Get("X-Amzn-Requestid") == "") {
						rt.Fatalf("%s %v: over a connection\n%d %v %s\nwithout one\n%d %v %s", operation, in, a.status, a.header, a.text, b.status, b.header, b.text)
					}
				}
				for range rapid.IntRange(1, 3).Draw(rt, "requests") {
					operation := rapid.SampledFrom([]string{
						"SendMessage", "SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", "SetQueueAttributes", "Unheard",
					}).Draw(rt, "operation")
					same(operation, anyInput(rt, operation))
				}
				same("ReceiveMessage", params{"MaxNumberOfMessages": 10, "AttributeNames": list{"All"}, "MessageAttributeNames": list{"All"}})
			})
		})
	}
}

func TestPollWithoutAConnectionWakesAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, url := atHand(t)
		result := s.goPoll(t.Context(), url)
		time.Sleep(3 * time.Second)
		s.send(t, url, "m")
		if got := <-result; got.err != nil || len(got.messages) != 1 || got.after != 3*time.Second {
			t.Errorf("%+v", got)
		}
		if got := s.poll(t.Context(), url, 20); got.err != nil || len(got.messages) != 0 || got.after != 20*time.Second {
			t.Errorf("%+v", got)
		}
	})
}

func TestPollerWithoutAConnectionThatHasGoneTakesNoMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, server, url := atHand(t)
		gone, leave := context.WithCancel(t.Context())
		result := s.goPoll(gone, url)
		leave()
		if got := <-result; !errors.Is(got.err, context.Canceled) {
			t.Errorf("it left, and was told %+v", got)
		}
		synctest.Wait()
		s.send(t, url, "m")
		isThere(t, server)
	})
}

// TestClientWithoutAConnectionThatLeavesWhileTheDiskHangsIsGivenNothing: it need not wait for the disk, and what it was
// to get is there for the next.
func TestClientWithoutAConnectionThatLeavesWhileTheDiskHangsIsGivenNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung := make(chan struct{})
		close(hung)
		server, err := localsqs.OpenOn(localsqs.Config{Dir: t.TempDir()}, func(name string, flag int, perm fs.FileMode) (seglog.File, error) {
			file, err := os.OpenFile(name, flag, perm)
			return hanging{file, &hung}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() }) // what it syncs is looked at no more
		s := served{Client: client(server)}
		url := s.queue(t, nil)
		s.send(t, url, "m")

		hung = make(chan struct{})
		ctx, leave := context.WithCancel(t.Context())
		result := s.goPoll(ctx, url)
		leave()
		if got := <-result; !errors.Is(got.err, context.Canceled) {
			t.Errorf("it left, and was told %+v", got)
		}
		close(hung)
		synctest.Wait()
		isThere(t, server)
	})
}

// hanging is a file whose syncs wait until a channel is closed.
type hanging struct {
	*os.File
	until *chan struct{}
}

func (h hanging) Sync() error {
	<-*h.until
	return h.File.Sync()
}

func TestClosingAnswersPollsWithoutAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, server, url := atHand(t)
		began := time.Now()
		result := s.goPoll(t.Context(), url)
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if got := <-result; got.err != nil || len(got.messages) != 0 || time.Since(began) != 0 {
			t.Errorf("after %v: %+v", time.Since(began), got)
		}
		if got := s.poll(t.Context(), url, 0); !errors.Is(got.err, http.ErrServerClosed) {
			t.Errorf("a server that is closed answers %+v", got)
		}
	})
}

// TestPanicWithoutAConnectionIsAnError: it does not end the process, in which a screen may have the terminal.
func TestPanicWithoutAConnectionIsAnError(t *testing.T) {
	_, server, url := atHand(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, panicking{})
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
	answer, err := server.RoundTrip(r) //nolint:bodyclose // there is to be none
	if err == nil || !strings.Contains(err.Error(), "out of ink") {
		t.Errorf("it answers %v, %v", answer, err)
	}
}

type panicking struct{ io.Reader }

func (panicking) Read([]byte) (int, error) { panic("out of ink") }

// BenchmarkWithoutAConnection asks small things with the real client, over a Unix socket and without one.
func BenchmarkWithoutAConnection(b *testing.B) {
	server, err := localsqs.Open(localsqs.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "s")
	ln, err := new(net.ListenConfig).Listen(b.Context(), "unix", path)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, ln) }()
	b.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, server.Close()); err != nil {
			b.Error(err)
		}
	})
	socket := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	b.Cleanup(socket.CloseIdleConnections)
	for name, transport := range map[string]http.RoundTripper{"socket": socket, "direct": server} {
		b.Run(name, func(b *testing.B) {
			c := client(transport)
			before := cpuTime(b)
			for b.Loop() {
				if _, err := c.ListQueues(b.Context(), &sqs.ListQueuesInput{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}
