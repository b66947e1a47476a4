package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
	"rehook/retry/delivery"
)

func (a *app) redrive() *cobra.Command {
	var to string
	var rate float64
	var canary bool
	op := &operation{verb: "redrive", done: retry.DidDeliver, waiting: true}
	op.command = func(ids []string, why string) retry.Command {
		return retry.Redrive{IDs: ids, To: to, Rate: rate, Canary: canary, By: operator(), Why: why}
	}
	c := a.command(op.verb, "Deliver letters that wait now", cobra.ArbitraryArgs,
		func(ctx context.Context, cfg *config.Config, words []string) error {
			if err := checkRedrive(to, rate); err != nil {
				return err
			}
			return a.operate(ctx, cfg, op, words)
		})
	op.flags(c)
	c.Long = c.Short + `, whatever their backoff or the endpoint's breaker says.

FILTER selects as it does for "rehook ls"; without one, and without --id, it is every letter that waits. What an
endpoint does not take waits again as before, or is parked when that was the last attempt.`
	c.Example = "rehook redrive endpoint:crm status:503 --canary\nrehook redrive --id 7f3a9c1e --to https://staging.example.com/hook"
	c.Flags().StringVar(&to, "to", "", "send them to this URL in place of their own, this once")
	c.Flags().Float64Var(&rate, "rate", 0, "begin so many a second, evenly (default: as fast as the endpoints' bounds let them)")
	c.Flags().BoolVar(&canary, "canary", false, "one first, then ten, then the rest, and stop when too many fail")
	return c
}

// slowest is the lowest rate: a letter an hour.
const slowest = 1.0 / 3600

func checkRedrive(to string, rate float64) error {
	if rate != 0 && !(rate >= slowest) { // nor anything that is no number
		return &failure{err: fmt.Errorf("--rate: %v letters a second is too slow", rate), hint: "give a number like 5, or 0.1 for one in ten seconds", code: Usage}
	}
	if to == "" {
		return nil
	}
	if _, err := delivery.EndpointOf(to); err != nil {
		return &failure{err: fmt.Errorf("--to: %w", err), hint: "give the URL of an endpoint, like https://crm.example.com/hook", code: Usage}
	}
	return nil
}
