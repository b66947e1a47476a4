package cmd

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
)

func (a *app) events() *cobra.Command {
	return a.command("events", "Print what the running engine does, as NDJSON", cobra.NoArgs, a.printEvents)
}

func (a *app) printEvents(ctx context.Context, cfg *config.Config, _ []string) error {
	if err := makeState(cfg); err != nil {
		return err
	}
	engine, err := attach(ctx, cfg.StateDir)
	if err != nil {
		return err
	}
	feed, err := engine.Follow(ctx)
	if err != nil {
		return err
	}
	e := events{feed: feed, to: a.stdout}
	return e.print(ctx)
}

// events prints what an engine says, one JSON object a line.
type events struct {
	feed retry.Feed
	to   io.Writer
}

// print goes on until ctx ends or the engine has stopped; it can be called again, to go on.
func (e *events) print(ctx context.Context) error {
	var lines []byte
	for !ended(ctx) {
		u, err := e.feed.Next(ctx)
		if errors.Is(err, retry.ErrStopped) || err != nil && ended(ctx) {
			break
		}
		if err != nil {
			return err
		}
		lines = retry.AppendUpdate(lines[:0], u)
		if _, err := e.to.Write(lines); err != nil {
			return printed(err)
		}
	}
	return nil
}

func ended(ctx context.Context) bool { return ctx.Err() != nil }
