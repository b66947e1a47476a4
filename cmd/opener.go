package cmd

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"rehook/cmd/config"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/sqsclient"
	"rehook/ui"
)

const (
	openAgain  = 2 * time.Second       // before a queue that did not answer is asked again
	openSlow   = 5 * time.Second       // how long nothing is said of a queue that has not answered yet
	openAtOnce = 20 * time.Millisecond // what fails within that is told without a screen

	// screenPace is how much garbage an engine lets grow that ends with its screen, in percent of what is alive: ten
	// thousand letters of 2 kB stay below 100 MB, for a few hundredths of the processor time.
	screenPace = 40
)

// opener is the engine of a screen that is there before its queues are: whatever they do, the screen is drawn at once.
//
//	build ──▶ the station runs, until the screen ends
//	 ▲  │
//	 │  ├──▶ the queue does not answer: the screen says so
//	 └──┘
//	    └──▶ what only the operator can put right ends the screen
type opener struct {
	cfg   *config.Config
	lock  *lock
	first chan struct{} // closed when the first building has come to something that the screen shows

	mu      sync.Mutex // guards station, err
	station *station   // nil: it is not built yet
	err     error      // why
}

// newOpener takes the state directory, or gives a [*heldError].
func newOpener(cfg *config.Config) (*opener, error) {
	l, err := lockEngine(cfg)
	if err != nil {
		return nil, err
	}
	return &opener{cfg: cfg, lock: l, first: make(chan struct{})}, nil
}

// run builds the station and runs it, until ctx ends.
func (o *opener) run(ctx context.Context) (err error) {
	collect(screenPace)
	defer func() { err = errors.Join(err, o.lock.release()) }()
	first := sync.OnceFunc(func() { close(o.first) })
	for {
		// Lines on standard error would be drawn over the screen, which shows what goes wrong by itself.
		s, err := buildStation(ctx, o.cfg, underScreen(o.cfg), nil, slog.New(slog.DiscardHandler))
		switch {
		case err == nil:
			o.come(s, nil)
			first()
			return errors.Join(s.run(ctx), s.close())
		case ctx.Err() != nil:
			return nil // nobody waits for it any more
		case !is[*sqsclient.UnreachableError](err) && !is[*sqsclient.BusyError](err):
			return err
		}
		_, hint, _ := describe(ctx, err)
		o.come(nil, &ui.UnopenedError{Err: err, Hint: hint})
		first()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(openAgain):
		}
	}
}

func (o *opener) come(s *station, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.station, o.err = s, err
}

// fails waits for what comes at once, and tells whether that is the end.
func (o *opener) fails(ctx context.Context) (ended bool) {
	select {
	case <-o.first:
	case <-ctx.Done():
	case <-time.After(openAtOnce):
	}
	return ctx.Err() != nil
}

// opened gives the station, or why there is none yet.
func (o *opener) opened() (*station, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.station != nil:
		return o.station, nil
	case o.err != nil:
		return nil, o.err
	}
	return nil, &ui.UnopenedError{Err: errors.New("it has not answered yet"), Hint: "check the network, the region and AWS_ENDPOINT_URL_SQS"}
}

// Subscribe waits for the engine, for a while.
func (o *opener) Subscribe(ctx context.Context) (retry.Feed, error) {
	select {
	case <-o.first:
	case <-time.After(openSlow):
	case <-ctx.Done():
	}
	s, err := o.opened()
	if err != nil {
		return nil, err
	}
	return s.engine.Subscribe(ctx)
}

// Do is [ui.Engine].
func (o *opener) Do(ctx context.Context, c retry.Command) ([]retry.Result, error) {
	s, err := o.opened()
	if err != nil {
		return nil, err
	}
	return s.engine.Do(ctx, c)
}

// Plan is [ui.Engine].
func (o *opener) Plan(ctx context.Context, c retry.Command) (retry.Plan, error) {
	s, err := o.opened()
	if err != nil {
		return retry.Plan{}, err
	}
	return s.engine.Plan(ctx, c)
}

// Results is [ui.Engine].
func (o *opener) Results(ctx context.Context, job string) ([]retry.Result, error) {
	s, err := o.opened()
	if err != nil {
		return nil, err
	}
	return s.engine.Results(ctx, job)
}

// payload reads the payload of a letter that only refers to it.
func (o *opener) payload(ctx context.Context, l *deadletter.Letter) ([]byte, error) {
	s, err := o.opened()
	if err != nil {
		return nil, err
	}
	return s.queues.Payload(ctx, l)
}
