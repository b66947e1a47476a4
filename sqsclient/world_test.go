package sqsclient_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
	"rehook/sqsclient/localsqs"
)

const (
	waitingName = "letters"
	parkedName  = "letters-parked"
)

// world is the embedded server behind pipes, with a front in which faults are set up.
type world struct {
	*front
	cfg         sqsclient.Config
	raw         *sqs.Client // another tool that uses the queues
	connections func() int  // of the client, open
}

// newWorld is to be called in a bubble of synctest, in which time is fake.
func newWorld(t *testing.T) *world {
	t.Helper()
	server, err := localsqs.Open(localsqs.Config{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	f := newFront(server)
	pipes := newPipes()
	serve(t, pipes, f)
	var open atomic.Int64
	transport := &http.Transport{DialContext: pipes.dial}
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{
		front: f,
		cfg:   sqsclient.Config{Queue: waitingName, DialContext: counted(pipes.dial, &open)},
		connections: func() int {
			synctest.Wait()
			return int(open.Load())
		},
		raw: sqs.New(sqs.Options{
			Region: "us-east-1", BaseEndpoint: aws.String("http://localsqs"),
			Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
			HTTPClient:  &http.Client{Transport: wholeBody{transport}},
		}),
	}
}

// wholeBody keeps the SDK from closing a body that is still read: see caller.go.
type wholeBody struct{ http.RoundTripper }

func (w wholeBody) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return w.RoundTripper.RoundTrip(r)
}

// serve answers until the test ends.
func serve(t *testing.T, ln net.Listener, h http.Handler) {
	t.Helper()
	server := &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(ln) })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
}

// ensure makes both queues.
func (w *world) ensure(t *testing.T) {
	t.Helper()
	if _, err := sqsclient.Ensure(t.Context(), w.cfg); err != nil {
		t.Fatal(err)
	}
}

func (w *world) create(t *testing.T, name string) {
	t.Helper()
	if _, err := w.raw.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) open(t *testing.T) *sqsclient.Client {
	t.Helper()
	c, err := sqsclient.Open(t.Context(), w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	w.forget()
	return c
}

// url is of a queue of the embedded server.
func url(name string) *string { return aws.String("http://localsqs/000000000000/" + name) }

// pipes is a listener without a network, whose connections fake time can wait for.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    func()
}

func newPipes() *pipes {
	p := &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.accepted <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

type dial = func(ctx context.Context, network, addr string) (net.Conn, error)

// counted counts the connections that are open.
func counted(d dial, open *atomic.Int64) dial {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := d(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		open.Add(1)
		return countedConn{c, sync.OnceFunc(func() { open.Add(-1) })}, nil
	}
}

type countedConn struct {
	net.Conn
	gone func()
}

func (c countedConn) Close() error {
	c.gone()
	return c.Conn.Close()
}

func letter(id string) *deadletter.Letter {
	return &deadletter.Letter{ID: id, OriginalEndpoint: "https://crm.example.com/hook", Payload: []byte(`{"n":1.0}`)}
}

func letters(n int) []*deadletter.Letter {
	var all []*deadletter.Letter
	for i := range n {
		all = append(all, letter(fmt.Sprint("letter-", i)))
	}
	return all
}

// atOnce calls f for 0 to n-1, all at the same time, and gives what they return.
func atOnce(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() { errs[i] = f(i) })
	}
	calls.Wait()
	return errs
}

// send gives letters to the waiting queue.
func send(t *testing.T, c *sqsclient.Client, all ...*deadletter.Letter) {
	t.Helper()
	for i, err := range atOnce(len(all), func(i int) error { return c.Send(t.Context(), all[i]) }) {
		if err != nil {
			t.Fatalf("letter %d: %v", i, err)
		}
	}
}

// receive gives n leases of the waiting queue, however many receives that takes.
func receive(t *testing.T, c *sqsclient.Client, n int) []deadletter.Lease {
	t.Helper()
	var all []deadletter.Lease
	for len(all) < n {
		got, err := c.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			t.Fatalf("%d of %d letters came", len(all), n)
		}
		all = append(all, got...)
	}
	if len(all) != n {
		t.Fatalf("%d letters came, want %d", len(all), n)
	}
	return all
}

func receiveParked(t *testing.T, c *sqsclient.Client) deadletter.Lease {
	t.Helper()
	got, err := c.ReceiveParked(t.Context())
	if err != nil || len(got) != 1 {
		t.Fatalf("got %d parked letters, %v; want 1", len(got), err)
	}
	return got[0]
}

func depth(t *testing.T, c *sqsclient.Client) deadletter.Depth {
	t.Helper()
	d, err := c.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}
