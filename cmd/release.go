package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
)

func (a *app) release() *cobra.Command {
	op := &operation{verb: "release", done: retry.DidRelease, parked: true}
	op.command = func(ids []string, why string) retry.Command { return retry.Release{IDs: ids, By: operator(), Why: why} }
	c := a.command(op.verb, "Bring parked letters back, with all their attempts before them", cobra.ArbitraryArgs,
		func(ctx context.Context, cfg *config.Config, words []string) error {
			return a.operate(ctx, cfg, op, words)
		})
	op.flags(c)
	c.Long = c.Short + `.

FILTER selects as it does for "rehook ls --parked"; without one, and without --id, it is every parked letter. They are
attempted by the engine that runs, or by the next one.`
	c.Example = "rehook release endpoint:crm reason:exhausted"
	return c
}
