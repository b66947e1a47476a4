package cmd

import (
	"context"
	"fmt"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"rehook/retry"
	"rehook/retry/remote"
)

// control is the socket at which the engine of a state directory answers other screens and commands.
func control(stateDir string) socket {
	return socket{path: filepath.Join(stateDir, "control.sock")}
}

// run runs the engine, and offers it to others, until ctx ends and the engine has stopped.
func (s *station) run(ctx context.Context) error {
	// Those who watch are told of what happens while the engine stops.
	offering, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var group errgroup.Group
	group.Go(func() error { return remote.Serve(offering, s.offered, s.engine) })
	group.Go(func() error {
		defer stop()
		return s.engine.Run(ctx)
	})
	return group.Wait()
}

// attach gives the engine that runs on a state directory. The error says that there is none.
func attach(ctx context.Context, stateDir string) (*remote.Client, error) {
	at := control(stateDir)
	conn, err := at.dial(ctx)
	if err != nil {
		return nil, &failure{
			err:  fmt.Errorf("no engine runs on %q: %w", stateDir, err),
			hint: `start one with "rehook" or "rehook serve", or name its --state-dir`,
			code: Unreachable,
		}
	}
	return remote.New(at.dial), conn.Close()
}

// snapshot asks an engine for all that it has.
func snapshot(ctx context.Context, engine commanded) (retry.Update, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	feed, err := engine.Subscribe(ctx)
	if err != nil {
		return retry.Update{}, err
	}
	return feed.Next(ctx)
}
