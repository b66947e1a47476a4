package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"rehook/cmd/config"
	"rehook/retry"
)

// commanded is the engine that a command works with.
type commanded interface {
	Subscribe(ctx context.Context) (retry.Feed, error)
	Plan(ctx context.Context, c retry.Command) (retry.Plan, error)
	Do(ctx context.Context, c retry.Command) ([]retry.Result, error)
}

// hand is the engine that runs on the state directory or, where none does, one of the command's own. That one is
// paused: it attempts nothing but what the command asks for, and gives the rest back when it is let go.
type hand struct {
	commanded
	own   *station // nil: it runs in another process
	stop  context.CancelFunc
	ended chan error // of the own one, one
}

const (
	reachWithin = 5 * time.Second // for an engine that is just starting, or stopping
	reachAgain  = 50 * time.Millisecond
)

// reach gives the engine. An own one goes on when ctx ends, until it is let go.
func reach(ctx context.Context, cfg *config.Config, command string) (*hand, error) {
	giveUp := time.Now().Add(reachWithin)
	again := time.NewTicker(reachAgain)
	defer again.Stop()
	for {
		if engine, err := attach(ctx, cfg.StateDir); err == nil {
			return &hand{commanded: engine}, nil
		}
		h, err := startOwn(ctx, cfg, command)
		if !is[*heldError](err) || time.Now().After(giveUp) {
			return h, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func startOwn(ctx context.Context, cfg *config.Config, command string) (*hand, error) {
	// What the engine would log is what the command prints.
	s, err := openStation(ctx, cfg, manner{pausedBy: "rehook " + command}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	h := &hand{commanded: s.engine, own: s, stop: stop, ended: make(chan error, 1)}
	go func() { h.ended <- s.run(running) }()
	return h, nil
}

// letGo stops an own engine, and waits until it has given its letters back.
func (h *hand) letGo() error {
	if h.own == nil {
		return nil
	}
	h.stop()
	return errors.Join(<-h.ended, h.own.close())
}

// How long an own engine receives before what it has is taken for all there is.
const (
	quiet      = 2 * time.Second  // nothing has come
	quietFirst = 10 * time.Second // nothing has come at all, though the queue says that there is something
)

// waiting gives the letters that wait, as far as the engine has them. An own engine receives them first, until enough
// says that it has those that matter.
func (h *hand) waiting(ctx context.Context, enough func(map[string]retry.Entry) bool) (glance, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	feed, err := h.Subscribe(ctx)
	if err != nil {
		return glance{}, err
	}
	u, err := feed.Next(ctx)
	if err != nil || h.own == nil {
		return held(u), err
	}
	g := gathering{feed: feed, began: time.Now(), letters: map[string]retry.Entry{}}
	for g.take(u); !g.complete() && !enough(g.letters); g.take(u) {
		if u, err = g.next(ctx); err != nil {
			return glance{}, err
		}
	}
	if g.status.LinkDown {
		return glance{}, &failure{err: fmt.Errorf("the queue could not be reached: %s", g.status.LinkError), hint: g.status.LinkHint, code: Unreachable}
	}
	all := retry.Update{Status: g.status}
	for _, entry := range g.letters {
		all.Letters = append(all.Letters, entry)
	}
	return held(all), nil
}

// gathering is what an engine has received so far.
type gathering struct {
	feed    retry.Feed
	letters map[string]retry.Entry
	status  retry.Status
	began   time.Time
	last    time.Time // when the latest letter came; zero: none has
}

func (g *gathering) take(u retry.Update) {
	g.status = u.Status
	if u.Reset {
		clear(g.letters)
	}
	for _, entry := range u.Letters {
		if _, known := g.letters[entry.Letter.ID]; !known {
			g.last = time.Now()
		}
		g.letters[entry.Letter.ID] = entry
	}
	for _, id := range u.Gone {
		delete(g.letters, id)
	}
}

// in gives the letters of a phase.
func (g *gathering) in(phase retry.Phase) (letters []retry.Entry) {
	for _, entry := range g.letters {
		if entry.Phase == phase {
			letters = append(letters, entry)
		}
	}
	return letters
}

// next waits for a change, but not beyond the moment at which there are enough without one.
func (g *gathering) next(ctx context.Context) (retry.Update, error) {
	ctx, cancel := context.WithDeadline(ctx, g.until())
	defer cancel()
	u, err := g.feed.Next(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return retry.Update{Status: g.status}, nil
	}
	return u, err
}

func (g *gathering) until() time.Time {
	switch {
	case !g.last.IsZero():
		return g.last.Add(quiet)
	case g.status.DepthAt.IsZero() || g.status.Depth.Visible > 0:
		return g.began.Add(quietFirst)
	default:
		return g.began.Add(quiet)
	}
}

// complete reports whether no more letters are to be expected.
func (g *gathering) complete() bool {
	s := g.status
	// More that are lent may be on their way to us, or another engine's.
	nothingLeft := s.Depth.Visible == 0 && s.Depth.InFlight <= len(g.letters) && s.DepthAt.After(g.began) && s.DepthAt.After(g.last)
	return nothingLeft || s.LinkDown || len(g.letters) >= s.HeldMax || !time.Now().Before(g.until())
}
