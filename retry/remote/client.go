package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

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

// Do is [retry.Engine.Do]. The engine goes on with the command when the connection is lost, and then no results are
// known here.
func (c *Client) Do(ctx context.Context, command retry.Command) ([]retry.Result, error) {
	text, err := json.Marshal(command)
	if err != nil {
		return nil, fmt.Errorf("ask the engine: %w", err)
	}
	t, err := c.connect(ctx, request{Version: version, Want: nameOf(command), Command: text})
	if err != nil {
		return nil, err
	}
	defer t.close()
	defer context.AfterFunc(ctx, func() { t.cancel(context.Cause(ctx)) })()
	r, err := t.read(ctx)
	switch {
	case ctx.Err() != nil && err == nil:
		err = context.Cause(ctx)
	case errors.Is(err, retry.ErrStopped) && !r.Stopped:
		err = fmt.Errorf("%w, or the line to it has dropped: it may be going on with the command", err)
	}
	return r.Results, err
}

// Plan is [retry.Engine.Plan].
func (c *Client) Plan(ctx context.Context, command retry.Command) (retry.Plan, error) {
	text, err := json.Marshal(command)
	if err != nil {
		return retry.Plan{}, fmt.Errorf("ask the engine: %w", err)
	}
	r, err := c.once(ctx, request{Version: version, Want: nameOf(command), Plan: true, Command: text})
	if err == nil && r.Plan == nil {
		err = errors.New("the engine answered without a plan")
	}
	if err != nil {
		return retry.Plan{}, err
	}
	return *r.Plan, nil
}

// Results is [retry.Engine.Results].
func (c *Client) Results(ctx context.Context, job string) ([]retry.Result, error) {
	r, err := c.once(ctx, request{Version: version, Want: wantResults, Job: job})
	return r.Results, err
}

// once asks for what is answered with one line.
func (c *Client) once(ctx context.Context, r request) (reply, error) {
	t, err := c.ask(ctx, r)
	if err != nil {
		return reply{}, err
	}
	defer t.close()
	return t.read(ctx)
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
	t, err := c.connect(ctx, r)
	if err != nil {
		return nil, err
	}
	hangUp := t.close
	stop := context.AfterFunc(ctx, hangUp)
	t.close = func() { stop(); hangUp() }
	return t, nil
}

// connect connects and says what is wanted, for as long as ctx lets it.
func (c *Client) connect(ctx context.Context, r request) (*talk, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the engine: %w", err)
	}
	hangUp := func() { _ = conn.Close() } // whoever reads or writes is told
	defer context.AfterFunc(ctx, hangUp)()
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		hangUp()
		return nil, fmt.Errorf("ask the engine: %w", err)
	}
	return &talk{conn: conn, in: bufio.NewReader(conn), close: hangUp}, nil
}

// cancelWithin is how long an engine may take to say what a command that is cancelled has come to.
const cancelWithin = 5 * time.Second

// cancel has the engine cancel the command that it was asked for, unless whoever asked has only gone.
func (t *talk) cancel(cause error) {
	if errors.Is(cause, retry.ErrGone) {
		t.close()
		return
	}
	_ = t.conn.SetDeadline(time.Now().Add(cancelWithin)) // whoever reads is told
	_, _ = t.conn.Write([]byte("\n"))
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
