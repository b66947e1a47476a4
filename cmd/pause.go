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

func (a *app) limit() *cobra.Command {
	var rate float64
	var atOnce int
	c := a.order("limit", "Bound what the running engine sends to one endpoint", cobra.ExactArgs(1), func(given []string, why string) retry.Command {
		return retry.Limit{Endpoint: given[0], Rate: rate, AtOnce: atOnce, By: operator(), Why: why}
	})
	c.Use = "limit ENDPOINT"
	c.Long = c.Short + `, until that engine ends or is told otherwise.

ENDPOINT is scheme, host and port, or the URL of a letter. A bound that is not given is that of the settings; without any,
the endpoint is as before.`
	c.Example = "rehook limit https://crm.example.com --rate 5 --at-once 2"
	c.Flags().Float64Var(&rate, "rate", 0, "attempts a second")
	c.Flags().IntVar(&atOnce, "at-once", 0, "attempts at once")
	return c
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
