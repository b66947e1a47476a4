package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"

	"rehook/retry"
)

// Client is an engine that runs in another process.
type Client struct {
	dial func(ctx context.Context) (net.Conn, error)
}

// New gives the engine that dial connects to. Nothing is dialled yet.
func New(dial func(ctx context.Context) (net.Conn, error)) *Client { return &Client{dial: dial} }

// Subscribe is [retry.Engine.Subscribe].
func (c *Client) Subscribe(ctx context.Context) (retry.Feed, error) {
	return c.watch(ctx, wantSubscribe)
}

// Follow is [retry.Engine.Follow].
func (c *Client) Follow(ctx context.Context) (retry.Feed, error) { return c.watch(ctx, wantFollow) }

// Do is [retry.Engine.Do]. When ctx ends first, the engine is told, and no results are known here.
func (c *Client) Do(ctx context.Context, command retry.Command) ([]retry.Result, error) {
	text, err := json.Marshal(command)
	if err != nil {
		return nil, fmt.Errorf("ask the engine: %w", err)
	}
	t, err := c.ask(ctx, request{Version: version, Want: nameOf(command), Command: text})
	if err != nil {
		return nil, err
	}
	defer t.close()
	r, err := t.read(ctx)
	return r.Results, err
}

func (c *Client) watch(ctx context.Context, want string) (retry.Feed, error) {
	t, err := c.ask(ctx, request{Version: version, Want: want})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// talk is one conversation.
type talk struct {
	conn  net.Conn
	in    *bufio.Reader
	close func() // hangs up; can be called twice
}

// ask connects and says what is wanted. The conversation ends with ctx.
func (c *Client) ask(ctx context.Context, r request) (*talk, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the engine: %w", err)
	}
	hangUp := func() { _ = conn.Close() } // whoever reads or writes is told
	stop := context.AfterFunc(ctx, hangUp)
	t := &talk{conn: conn, in: bufio.NewReader(conn), close: func() { stop(); hangUp() }}
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		t.close()
		return nil, fmt.Errorf("ask the engine: %w", err)
	}
	return t, nil
}

// Next is [retry.Feed.Next]. An engine whose connection is lost has stopped, as far as can be known here.
func (t *talk) Next(ctx context.Context) (retry.Update, error) {
	defer context.AfterFunc(ctx, t.close)()
	if _, err := t.conn.Write([]byte("\n")); err != nil {
		return retry.Update{}, t.lost(ctx, err)
	}
	r, err := t.read(ctx)
	if err != nil {
		return retry.Update{}, err
	}
	if r.Update == nil {
		return retry.Update{}, errors.New("the engine answered without an update")
	}
	return r.Update.toUpdate()
}

func (t *talk) read(ctx context.Context) (reply, error) {
	line, err := t.in.ReadBytes('\n')
	if err != nil {
		return reply{}, t.lost(ctx, err)
	}
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{}, fmt.Errorf("read the engine's answer: %w", err)
	}
	return r, r.err()
}

// lost says why a conversation broke off.
func (t *talk) lost(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return retry.ErrStopped
	default:
		return fmt.Errorf("%w: %w", retry.ErrStopped, err)
	}
}
