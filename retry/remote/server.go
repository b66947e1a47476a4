package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"rehook/retry"
)

// maxRequest bounds a client's line: a command over all letters that an inventory can hold, or an edit of the largest
// payload.
const maxRequest = 16 << 20

// writeWithin is how long a client may take to read a line before it is hung up on.
const writeWithin = 30 * time.Second

// acceptAgain is the pause after a connection could not be accepted.
const acceptAgain = 100 * time.Millisecond

// Engine is what is offered. [retry.Engine] is one, and so is a [Client].
type Engine interface {
	Subscribe(ctx context.Context) (retry.Feed, error)
	Follow(ctx context.Context) (retry.Feed, error)
	Do(ctx context.Context, c retry.Command) ([]retry.Result, error)
	Plan(ctx context.Context, c retry.Command) (retry.Plan, error)
	Results(ctx context.Context, job string) ([]retry.Result, error)
}

// Serve offers an engine until ctx ends. It closes the listener, and returns once every conversation has
// ended. Whoever can connect has full control: keep the socket to its owner.
func Serve(ctx context.Context, l net.Listener, e Engine) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = l.Close() })() // Accept ends with it, and says so
	var conversations sync.WaitGroup
	defer conversations.Wait()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("accept a connection to the engine: %w", err)
		}
		if err != nil { // too many open files, say: that passes
			rest(ctx, acceptAgain)
			continue
		}
		conversations.Go(func() { converse(ctx, conn, e) })
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// converse answers one client.
func converse(serving context.Context, conn net.Conn, e Engine) {
	ctx, hangUp := context.WithCancel(serving)
	defer hangUp()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	lines := make(chan []byte)
	var reader sync.WaitGroup
	reader.Go(func() {
		defer hangUp()
		listen(ctx, conn, lines)
	})
	defer reader.Wait()
	defer func() { _ = conn.Close() }() // ends the reader
	w := &writer{conn: conn}
	select {
	case first := <-lines:
		if err := answer(ctx, serving, w, e, first, lines); err != nil && ctx.Err() == nil {
			_ = w.send(reply{Error: err.Error(), Stopped: errors.Is(err, retry.ErrStopped), Refused: errors.Is(err, retry.ErrRefused)}) // a client that has gone needs no reason
		}
	case <-ctx.Done():
	}
}

// listen passes on what the client writes, until it hangs up.
func listen(ctx context.Context, conn net.Conn, lines chan<- []byte) {
	s := bufio.NewScanner(conn)
	s.Buffer(nil, maxRequest)
	for s.Scan() {
		select {
		case lines <- append([]byte(nil), s.Bytes()...):
		case <-ctx.Done():
			return
		}
	}
}

func answer(ctx, serving context.Context, w *writer, e Engine, first []byte, lines <-chan []byte) error {
	var r request
	if err := json.Unmarshal(first, &r); err != nil {
		return fmt.Errorf("not a request: %w", err)
	}
	if r.Version != version {
		return fmt.Errorf("the engine speaks version %d, and was asked in version %d: use the same rehook for both", version, r.Version)
	}
	switch r.Want {
	case wantSubscribe:
		return watch(ctx, w, e.Subscribe, lines)
	case wantFollow:
		return watch(ctx, w, e.Follow, lines)
	case wantResults:
		results, err := e.Results(ctx, r.Job)
		if err != nil {
			return err
		}
		return w.send(reply{Results: results})
	}
	c, err := readCommand(r.Want, r.Command)
	if err != nil {
		return err
	}
	if r.Plan {
		p, err := e.Plan(ctx, c)
		if err != nil {
			return err
		}
		return w.send(reply{Plan: &p})
	}
	return carryOut(ctx, serving, w, e, c, lines)
}

// carryOut runs a command until it has ended, or the client cancels it with another line. A client that hangs up has
// cancelled nothing: its line may have dropped.
func carryOut(ctx, serving context.Context, w *writer, e Engine, c retry.Command, lines <-chan []byte) error {
	doing, cancel := context.WithCancel(serving)
	defer cancel()
	var listening sync.WaitGroup
	defer listening.Wait()
	answered := make(chan struct{})
	defer close(answered)
	listening.Go(func() {
		select {
		case <-lines:
			cancel()
		case <-ctx.Done():
		case <-answered:
		}
	})
	results, err := e.Do(doing, c)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return w.send(reply{Results: results})
}

// watch sends an update for every line of the client.
func watch(ctx context.Context, w *writer, subscribe func(context.Context) (retry.Feed, error), lines <-chan []byte) error {
	feed, err := subscribe(ctx)
	if err != nil {
		return err
	}
	for {
		select {
		case <-lines:
		case <-ctx.Done():
			return nil
		}
		u, err := feed.Next(ctx)
		if err != nil {
			return err
		}
		if err := w.send(reply{Update: fromUpdate(u)}); err != nil {
			return err
		}
	}
}

// writer writes lines, and does not wait for ever.
type writer struct{ conn net.Conn }

func (w *writer) send(r reply) error {
	if err := w.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return json.NewEncoder(w.conn).Encode(r)
}
