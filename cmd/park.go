package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
)

func (a *app) park() *cobra.Command {
	op := &operation{verb: "park", done: retry.DidPark, waiting: true}
	op.command = func(ids []string, why string) retry.Command { return retry.Park{IDs: ids, By: operator(), Why: why} }
	c := a.command(op.verb, "Put letters that wait aside, until they are released", cobra.ArbitraryArgs,
		func(ctx context.Context, cfg *config.Config, words []string) error {
			return a.operate(ctx, cfg, op, words)
		})
	op.flags(c)
	c.Long = c.Short + `.

FILTER selects as it does for "rehook ls"; without one, and without --id, it is every letter that waits.`
	c.Example = "rehook park endpoint:crm --why 'CRM is being migrated'"
	return c
}
