package ui

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
)

const (
	// attachAgain is how long the screen waits before it asks an engine again that did not answer.
	attachAgain = 2 * time.Second
	// webhooksEvery is how often the configurations are read.
	webhooksEvery = 5 * time.Minute
	// obeyWithin bounds a command to the engine itself.
	obeyWithin = 10 * time.Second
	// webhooksWithin bounds one reading of them.
	webhooksWithin = time.Minute
	// The least time between two updates: a tenth of a second, more for each event that the last one told of,
	// and never more than a second. What happens alone is seen at once; of a flood, a frame a second tells as
	// much as ten, and costs a slow line a tenth.
	pace         = 100 * time.Millisecond
	pacePerEvent = 500 * time.Millisecond
	paceAtMost   = time.Second
	// restFor is how long the cursor stays on a letter before its detail is shown: while a key is held, the
	// detail of every letter on the way would cost more than the list.
	restFor = 120 * time.Millisecond
)

// outside is the way to engine and Genesys: it runs commands until the screen ends, and knows which still run.
type outside struct {
	ctx    context.Context //nolint:containedctx // the screen's life: commands outlive the Update that made them
	cancel context.CancelFunc

	mu      sync.Mutex // guards closed, and running against Wait
	closed  bool
	running sync.WaitGroup
}

func newOutside(ctx context.Context) *outside {
	ctx, cancel := context.WithCancel(ctx)
	return &outside{ctx: ctx, cancel: cancel}
}

// cmd makes a command of work that ends with its context. A panic in it comes back as a message: the library would
// print it while the screen is still there, and nobody would see it.
func (o *outside) cmd(work func(ctx context.Context) tea.Msg) tea.Cmd {
	return func() (came tea.Msg) {
		o.mu.Lock()
		if o.closed {
			o.mu.Unlock()
			return nil
		}
		o.running.Add(1)
		o.mu.Unlock()
		defer o.running.Done()
		defer func() {
			if why := recover(); why != nil {
				came = failed{why, debug.Stack()}
			}
		}()
		return work(o.ctx)
	}
}

// close ends all commands and waits for them.
func (o *outside) close() {
	o.cancel()
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.running.Wait()
}

// wait lets time pass; false: the screen has ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// attach asks the engine for a feed, after a while if it has just failed.
func (m *Model) attach(after time.Duration) tea.Cmd {
	engine := m.s.cfg.Engine
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		if !wait(ctx, after) {
			return nil
		}
		feed, err := engine.Subscribe(ctx)
		return attached{feed, err}
	})
}

// pull waits for the next update of a feed.
func (m *Model) pull(feed retry.Feed, after time.Duration) tea.Cmd {
	watcher, line := m.watcher, m.pen.backlog
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		if !watcher.wait(ctx, after, paceUnseen) || !line.afford(ctx) {
			return nil
		}
		u, err := feed.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		return updated{feed, u, err}
	})
}

// tickAt wakes the screen at a moment.
func (m *Model) tickAt(at time.Time) tea.Cmd {
	watcher := m.watcher
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		if !watcher.wait(ctx, time.Until(at), paceUnseen) {
			return nil
		}
		return ticked{at}
	})
}

// rest waits for the cursor to stay where it is.
func (m *Model) rest(id string) tea.Cmd {
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		if !wait(ctx, restFor) {
			return nil
		}
		return rested{id}
	})
}

// ask runs a command over letters, until it is cancelled. A screen that ends, as when its line drops, cancels nothing.
func (m *Model) ask(cancelled context.Context, number int, v verb, command retry.Command) tea.Cmd {
	engine := m.s.cfg.Engine
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		asking, end := context.WithCancelCause(context.WithoutCancel(ctx))
		defer end(nil)
		defer context.AfterFunc(cancelled, func() { end(context.Canceled) })()
		defer context.AfterFunc(ctx, func() { end(retry.ErrGone) })()
		results, err := engine.Do(asking, command)
		return answered{number, v, results, err}
	})
}

// order runs a command to the engine itself.
func (m *Model) order(command retry.Command, done string) tea.Cmd {
	engine := m.s.cfg.Engine
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, obeyWithin)
		defer cancel()
		results, err := engine.Do(ctx, command)
		return obeyed{done, results, err}
	})
}

// readWebhooks reads the configurations, after a while or by hand.
func (m *Model) readWebhooks(after time.Duration, byHand bool) tea.Cmd {
	read := m.s.cfg.Webhooks
	if read == nil {
		return nil
	}
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		if !wait(ctx, after) {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, webhooksWithin)
		defer cancel()
		listing, err := read(ctx)
		return webhooksRead{listing, err, byHand}
	})
}
