package simulator

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// pipeListener accepts connections that are made in memory.
type pipeListener struct {
	addr   pipeAddr
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener(addr string) *pipeListener {
	return &pipeListener{addr: pipeAddr(addr), conns: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects, and waits until the connection has been accepted.
func (l *pipeListener) dial(ctx context.Context, network string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	var cause error
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		cause = syscall.ECONNREFUSED
	case <-ctx.Done():
		cause = ctx.Err()
	}
	_ = ours.Close()
	_ = theirs.Close()
	return nil, &net.OpError{Op: "dial", Net: network, Addr: l.addr, Err: cause}
}

// Accept waits for the next connection.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept, and refuses who dials from now on.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is the name and port that is dialled.
func (l *pipeListener) Addr() net.Addr { return l.addr }

type pipeAddr string

func (pipeAddr) Network() string  { return "tcp" }
func (a pipeAddr) String() string { return string(a) }
