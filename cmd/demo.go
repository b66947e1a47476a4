package cmd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
)

func (a *app) demo() *cobra.Command {
	c := a.command("demo", "Show it all against a simulator: no AWS, no Genesys Cloud", cobra.NoArgs, a.runDemo)
	c.Long = c.Short + `.

Webhooks arrive, endpoints fail, heal and throttle, and the queue is an embedded one, in a temporary state
directory unless one is given. At the end it counts at the endpoints and in the queues what became of every webhook.`
	return c
}

func (a *app) runDemo(ctx context.Context, cfg *config.Config, _ []string) (err error) {
	if !cfg.Given("state-dir") {
		if cfg.StateDir, err = os.MkdirTemp("", "rehook-demo-"); err != nil {
			return fmt.Errorf("make a state directory for the demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.StateDir)) }()
	}
	cfg.Local = true
	if cfg.Seed == 0 {
		cfg.Seed = rand.Uint64() //nolint:gosec // it only makes one demo differ from the next
	}
	d, err := openDemo(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	return d.give(ctx, a)
}
