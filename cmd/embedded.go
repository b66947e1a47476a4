package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"rehook/sqsclient/localsqs"
)

const (
	startWithin = 5 * time.Second       // how long another process may take to serve what it has opened
	lookAgain   = 20 * time.Millisecond // between looks whether it does
)

// embedded is the embedded queue of a state directory. The first process that needs it serves it on a Unix
// socket, where the others connect; it needs no connection itself. When it ends, in order or not, whoever dials
// next takes its place; so every command works beside every other, and none has to be running.
type embedded struct {
	dir    string // of the queues
	socket socket
	report *slog.Logger

	mu      sync.Mutex              // guards closed, and changes of serving
	serving atomic.Pointer[serving] // nil while this process does not
	closed  bool
}

// serving is the server while this process runs it.
type serving struct {
	*localsqs.Server
	stop  context.CancelFunc
	ended chan error // of Serve, one
}

func newEmbedded(stateDir string, report *slog.Logger) *embedded {
	return &embedded{
		dir:    filepath.Join(stateDir, "queue"),
		socket: socket{path: filepath.Join(stateDir, "sqs.sock")},
		report: report,
	}
}

// dial connects to the server, whatever address is asked for, and becomes the server if there is none.
func (e *embedded) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		conn, err := e.connect(ctx)
		if _, starting := errors.AsType[*localsqs.InUseError](err); !starting {
			return conn, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, servedElsewhere(err)
		}
	}
}

// connect gives a [*localsqs.InUseError] while another process has opened the queues and does not serve them
// yet, or no longer.
func (e *embedded) connect(ctx context.Context) (net.Conn, error) {
	conn, err := e.socket.dial(ctx)
	if err == nil {
		return conn, nil
	}
	if _, err := e.serve(); err != nil {
		return nil, err
	}
	return e.socket.dial(ctx)
}

// servedElsewhere says who has the queues open, if that is why they cannot be.
func servedElsewhere(err error) error {
	used, ok := errors.AsType[*localsqs.InUseError](err)
	if !ok {
		return err
	}
	return &failure{
		err:  fmt.Errorf("the embedded queue is already served by process %d", used.PID),
		hint: "stop that one, or give this one another --state-dir",
		code: Configuration,
	}
}

// serve makes this process the server, if it is not. The error is a [*localsqs.InUseError] when another one is, and
// else says that the state directory cannot be used.
func (e *embedded) serve() (*localsqs.Server, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		return nil, net.ErrClosed
	case e.serving.Load() != nil:
		return e.serving.Load().Server, nil
	}
	server, err := localsqs.Open(localsqs.Config{Dir: e.dir, Logger: e.report})
	if is[*localsqs.InUseError](err) {
		return nil, err
	}
	if err != nil {
		return nil, unusableState(err)
	}
	listener, err := e.socket.listen()
	if err != nil {
		return nil, errors.Join(unusableState(err), server.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &serving{Server: server, stop: stop, ended: make(chan error, 1)}
	go func() { s.ended <- s.Serve(ctx, listener) }()
	e.serving.Store(s)
	return server, nil
}

// direct is the server if this process is it, else nil.
func (e *embedded) direct() http.RoundTripper {
	if s := e.serving.Load(); s != nil {
		return s.Server
	}
	return nil
}

// close ends the serving, if this process did it, once requests under way are answered.
func (e *embedded) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	s := e.serving.Swap(nil)
	if s == nil {
		return nil
	}
	s.stop()
	err := <-s.ended
	return errors.Join(err, e.socket.remove(), s.Close())
}
