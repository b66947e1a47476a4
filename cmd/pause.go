package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

func (a *app) pause() *cobra.Command {
	return a.order("pause", "Have the running engine attempt nothing until it is told to", cobra.NoArgs, func(_ []string, why string) retry.Command {
		return retry.Pause{By: operator(), Why: why}
	})
}

func (a *app) resume() *cobra.Command {
	return a.order("resume", "Have the running engine attempt letters again", cobra.NoArgs, func(_ []string, why string) retry.Command {
		return retry.Resume{By: operator(), Why: why}
	})
}

// order makes a command that is about the engine, not about letters: without one that runs there is nothing to be done.
func (a *app) order(verb, short string, args cobra.PositionalArgs, command func(given []string, why string) retry.Command) *cobra.Command {
	var why string
	c := a.command(verb, short, args, func(ctx context.Context, cfg *config.Config, given []string) error {
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
		results, err := engine.Do(ctx, command(given, why))
		if err != nil {
			return commandError(err)
		}
		for _, r := range results { // of an endpoint, which may be a URL with a secret
			r.ID = deadletter.MaskURL(r.ID)
			if r.Did == retry.DidSkip {
				return &failure{err: fmt.Errorf("%s %q: %s", verb, r.ID, r.Note), code: Partly}
			}
			_, _ = fmt.Fprintf(a.stderr, "%s: %s\n", plain.Line(r.ID), plain.Line(r.Note))
		}
		if len(results) == 0 {
			_, _ = fmt.Fprintf(a.stderr, "%sd\n", verb)
		}
		return nil
	})
	addWhy(c, &why)
	return c
}
