package cmd

import (
	"github.com/spf13/cobra"

	"rehook/retry"
)

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
