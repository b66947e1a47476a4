package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
	"rehook/retry/filter"
	"rehook/sqsclient"
)

func (a *app) export() *cobra.Command {
	var parked bool
	c := a.command("export", "Write whole letters as NDJSON, for rehook import and other tools", cobra.ArbitraryArgs,
		func(ctx context.Context, cfg *config.Config, words []string) error {
			return a.runExport(ctx, cfg, words, parked)
		})
	c.Use = "export [FILTER]..."
	c.Long = c.Short + `.

FILTER selects as it does for "rehook ls". Nothing is changed: the letters stay where they are. Each is one line, with
its headers and its payload byte for byte, also where that is kept outside of the queue: treat the file as a secret.
How many letters could not be looked at is said on standard error.`
	c.Example = "rehook export > waiting.ndjson\nrehook export --parked reason:timeout | jq .original_endpoint"
	c.Flags().BoolVar(&parked, "parked", false, "write the parked letters")
	return c
}

func (a *app) runExport(ctx context.Context, cfg *config.Config, words []string, parked bool) (err error) {
	selected, err := filter.Parse(strings.Join(words, " "))
	if err != nil {
		return &failure{err: err, code: Usage}
	}
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	to := bufio.NewWriter(a.stdout)
	e := &retry.Exporter{To: to}
	others, err := a.visitAll(ctx, cfg, b, parked, selecting(selected, e))
	if err = errors.Join(err, to.Flush()); err != nil {
		return printed(err)
	}
	if others > 0 {
		_, _ = fmt.Fprintln(a.stderr, notSeen(others))
	}
	if e.Light == nil {
		return nil
	}
	return &failure{
		err:  fmt.Errorf("%d letters were written without their payload: %w", len(e.Light), e.Light[0]),
		hint: "their payload_ref says where that is", code: Partly,
	}
}

// visitAll gives the letters of the running engine or of a queue, one after the other.
func (a *app) visitAll(ctx context.Context, cfg *config.Config, b *backend, parked bool, each func(context.Context, *sqsclient.Client, retry.Entry) error) (others int, err error) {
	engine, notRunning := attach(ctx, cfg.StateDir)
	if parked || notRunning != nil {
		return b.visit(ctx, parked, everything, each)
	}
	u, err := snapshot(ctx, engine)
	if err != nil {
		return 0, err
	}
	client, err := b.open(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = client.Close() }() // all that it asked has been answered
	g := held(u)
	for _, entry := range g.letters {
		if err := each(ctx, client, entry); err != nil {
			return 0, err
		}
	}
	return g.others, nil
}

// selecting writes the letters that a filter selects.
func selecting(selected *filter.Filter, e *retry.Exporter) func(context.Context, *sqsclient.Client, retry.Entry) error {
	now := time.Now()
	return func(ctx context.Context, client *sqsclient.Client, entry retry.Entry) error {
		if !selected.Match(entry.Letter, now, filter.Facts{ExpiresAt: entry.ExpiresAt}) {
			return nil
		}
		e.Payload = client.Payload
		return e.Write(ctx, entry.Letter)
	}
}
