package cmd

import (
	"context"
	"errors"
	"time"

	"rehook/cmd/config"
	"rehook/retry"
)

// A running engine looks through the parked queue when somebody watches and there are other letters than it knows of.
const (
	parkedWithin = 5 * time.Second  // for such a look
	depthFresh   = 15 * time.Second // as old as a watched engine's depth may be
)

// parkedBeside gives the parked letters while an engine runs. Who looks through their queue hides them from others
// meanwhile, so that is left to the engine, unless it does not come to know all of them in a while.
func (a *app) parkedBeside(ctx context.Context, cfg *config.Config, engine commanded) (glance, error) {
	known, all, err := parkedBy(ctx, engine)
	if err != nil || all {
		return glance{letters: known}, err
	}
	looked, err := a.lookAtQueues(ctx, cfg, false, true)
	return looked.with(known), err
}

// parkedBy gives the parked letters that an engine knows of, and whether those are all.
func parkedBy(ctx context.Context, engine commanded) (known []retry.Entry, all bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, parkedWithin)
	defer cancel()
	feed, err := engine.Subscribe(ctx)
	if err != nil {
		return nil, false, err
	}
	parked := gathering{letters: map[string]retry.Entry{}}
	for !all {
		u, err := feed.Next(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			return nil, false, err
		}
		parked.take(u)
		known = parked.in(retry.InParked)
		all = u.Status.At.Sub(u.Status.DepthAt) < depthFresh && len(known) >= u.Status.Depth.Parked
	}
	return known, all, nil
}
