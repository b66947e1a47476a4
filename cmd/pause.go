package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
)

func (a *app) pause() *cobra.Command {
	return a.order("pause", "Have the running engine attempt nothing until it is told to", func(why string) retry.Command {
		return retry.Pause{By: operator(), Why: why}
	})
}

func (a *app) resume() *cobra.Command {
	return a.order("resume", "Have the running engine attempt letters again", func(why string) retry.Command {
		return retry.Resume{By: operator(), Why: why}
	})
}

// order makes a command that is about the engine, not about letters: without one that runs there is nothing to be done.
func (a *app) order(verb, short string, command func(why string) retry.Command) *cobra.Command {
	var why string
	c := a.command(verb, short, cobra.NoArgs, func(ctx context.Context, cfg *config.Config, _ []string) error {
		if err := refuseReadOnly(cfg, verb+" changes what the engine does"); err != nil {
			return err
		}
		if err := makeState(cfg); err != nil {
			return err
		}
		engine, err := attach(ctx, cfg.StateDir)
		if err != nil {
			return err
		}
		if _, err := engine.Do(ctx, command(why)); err != nil {
			return commandError(err)
		}
		_, err = fmt.Fprintf(a.stderr, "%sd\n", verb)
		return printed(err)
	})
	addWhy(c, &why)
	return c
}
