package listener_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys/listener"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// pipes is a listener whose connections are pipes: in a bubble, time does not wait for sockets.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }

func (p *pipes) dial(t *testing.T) net.Conn {
	t.Helper()
	near, far := net.Pipe()
	select {
	case p.conns <- far:
	case <-p.closed:
		t.Fatal("the listener is closed")
	}
	return near
}

// running is a listener that runs in a bubble, before an endpoint that never answers.
type running struct {
	pipes *pipes
	stop  context.CancelFunc
	ended chan error
}

func run(t *testing.T, cfg listener.Config) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	client, err := delivery.New(delivery.Config{DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, far) }()
		return near, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	cfg.ForwardTo, cfg.Client = "http://8.8.8.8", client
	l, err := listener.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := running{newPipes(), cancel, make(chan error, 1)}
	go func() { r.ended <- l.Run(ctx, r.pipes) }()
	return r
}

func (r running) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}

func post(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
		t.Error(err)
	}
}

// status waits for an answer.
func status(t *testing.T, conn net.Conn) int {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// captureFunc is a capture that is a function.
type captureFunc func(ctx context.Context, l *deadletter.Letter) error

func (f captureFunc) Send(ctx context.Context, l *deadletter.Letter) error { return f(ctx, l) }

var hanging captureFunc = func(ctx context.Context, _ *deadletter.Letter) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAnswerComesBeforeTheSendersPatienceEnds(t *testing.T) {
	for _, tc := range []struct {
		name    string
		capture listener.Capture
		status  int
		after   time.Duration
	}{
		{"endpoint hangs", &queue{}, 202, 5 * time.Second},
		{"endpoint and queue hang", hanging, 503, 9 * time.Second},
		{"queue is down", &queue{fail: errors.New("down")}, 503, 5 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, listener.Config{Capture: tc.capture})
				conn := r.pipes.dial(t)
				start := time.Now()
				post(t, conn)
				if got := status(t, conn); got != tc.status || time.Since(start) != tc.after {
					t.Errorf("answer %d after %v, want %d after %v", got, time.Since(start), tc.status, tc.after)
				}
				r.end(t)
			})
		})
	}
}

func TestSlowSendersAreCutOff(t *testing.T) {
	for _, sent := range []string{"", "POST / HTTP/1.1\r\nHost:", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{"} {
		synctest.Test(t, func(t *testing.T) {
			q := &queue{}
			r := run(t, listener.Config{Capture: q})
			conn := r.pipes.dial(t)
			start := time.Now()
			if _, err := io.WriteString(conn, sent); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, conn) // until it is closed
			if took := time.Since(start); took > 5*time.Second || len(q.kept()) != 0 {
				t.Errorf("after %q the connection lived for %v, and %d letters were captured", sent, took, len(q.kept()))
			}
			r.end(t)
		})
	}
}

func TestSlowBodyLeavesTimeToCapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var captureTime time.Duration
		start := time.Now()
		r := run(t, listener.Config{Timeout: 6 * time.Second, Capture: captureFunc(func(ctx context.Context, _ *deadletter.Letter) error {
			deadline, _ := ctx.Deadline()
			captureTime = time.Until(deadline)
			return nil
		})})
		conn := r.pipes.dial(t)
		if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
		<-time.After(3 * time.Second)
		if _, err := io.WriteString(conn, "}"); err != nil {
			t.Fatal(err)
		}
		if got := status(t, conn); got != 202 || time.Since(start) != 6*time.Second || captureTime != 3*time.Second {
			t.Errorf("answer %d after %v, with %v to capture", got, time.Since(start), captureTime)
		}
		r.end(t)
	})
}

func TestStoppingEndsWhatIsInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		r := run(t, listener.Config{Capture: q})
		conn := r.pipes.dial(t)
		post(t, conn)
		synctest.Wait()
		r.stop()
		if got := status(t, conn); got != 202 || len(q.kept()) != 1 {
			t.Errorf("answer %d, %d letters", got, len(q.kept()))
		}
		if err := <-r.ended; err != nil {
			t.Error(err)
		}
	})
}

func TestListenerThatFailsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, listener.Config{Capture: &queue{}})
		synctest.Wait()
		if err := r.pipes.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-r.ended; err == nil || !strings.Contains(err.Error(), "pipes") {
			t.Errorf("error %v", err)
		}
		r.stop()
	})
}

func TestSenderThatGoesAwayChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		r := run(t, listener.Config{Capture: q})
		conn := r.pipes.dial(t)
		post(t, conn)
		synctest.Wait()
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		<-time.After(6 * time.Second)
		if l := q.only(t); l.Error != "timeout after 5s" {
			t.Errorf("letter %+v", l)
		}
		r.end(t)
	})
}

func TestWebhooksBeyondTheTurnsAreCapturedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		r := run(t, listener.Config{Capture: q, MaxForwards: 2, MaxRequests: 3})
		var conns []net.Conn
		for range 2 {
			conn := r.pipes.dial(t)
			post(t, conn)
			conns = append(conns, conn)
		}
		synctest.Wait()
		start := time.Now()
		third := r.pipes.dial(t)
		post(t, third)
		if got := status(t, third); got != 202 || time.Since(start) != 0 {
			t.Errorf("the third was answered with %d after %v", got, time.Since(start))
		}
		l := q.only(t)
		if l.Error != "not forwarded: too many others were being forwarded" || len(l.Attempts) != 0 || l.ErrorCode != 0 || l.Timestamp.IsZero() {
			t.Errorf("letter %+v", l)
		}
		for _, conn := range conns {
			if got := status(t, conn); got != 202 {
				t.Errorf("one that had a turn was answered with %d", got)
			}
		}
		start = time.Now()
		post(t, third)
		if got := status(t, third); got != 202 || time.Since(start) != 5*time.Second {
			t.Errorf("with turns free again, the answer was %d after %v", got, time.Since(start))
		}
		r.end(t)
	})
}

func TestRequestsBeyondTheBoundAreAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, listener.Config{Capture: &queue{}, MaxRequests: 1})
		first, second := r.pipes.dial(t), r.pipes.dial(t)
		post(t, first)
		synctest.Wait()
		post(t, second)
		if got := status(t, second); got != 503 {
			t.Errorf("the second was answered with %d", got)
		}
		if got := status(t, first); got != 202 {
			t.Errorf("the first was answered with %d", got)
		}
		post(t, second)
		if got := status(t, second); got != 202 {
			t.Errorf("after that, the second was answered with %d", got)
		}
		r.end(t)
	})
}
