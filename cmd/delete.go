package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
)

func (a *app) deleteCommand() *cobra.Command {
	var parked bool
	op := &operation{verb: "delete", done: retry.DidDelete, asks: true}
	op.command = func(ids []string, why string) retry.Command { return retry.Delete{IDs: ids, By: operator(), Why: why} }
	c := a.command(op.verb, "Delete letters, once each is in the trash", cobra.ArbitraryArgs,
		func(ctx context.Context, cfg *config.Config, words []string) error {
			op.waiting = !parked
			op.parked = parked || len(op.ids) > 0
			return a.operate(ctx, cfg, op, words)
		})
	op.flags(c)
	c.Long = c.Short + `.

FILTER selects as it does for "rehook ls"; without one, and without --id, it is every letter that waits, or with
--parked every parked one. With --id both are looked through. trash.ndjson in the state directory of the engine that
does it keeps the letters for 30 days at least, and "rehook import" brings them back.`
	c.Example = "rehook delete --id 7f3a9c1e\nrehook delete --parked 'age>30d' --why 'customer has left'"
	c.Flags().BoolVar(&parked, "parked", false, "delete parked letters")
	return c
}
