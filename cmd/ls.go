package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
)

func (a *app) ls() *cobra.Command {
	var parked bool
	c := a.command("ls", "List the letters that wait, or those that are parked", cobra.ArbitraryArgs,
		func(ctx context.Context, cfg *config.Config, words []string) error {
			return a.list(ctx, cfg, words, parked)
		})
	c.Use = "ls [FILTER]..."
	c.Long = c.Short + `.

FILTER is words: a letter is listed if each of them occurs in its id, endpoint, error, reason or payload. Looking
changes nothing: letters are received for a moment and given back. Those that an engine holds at the time cannot be
received and are not in the list; how many they are is said on standard error.`
	// It stands in for the common flag that names the parked queue: that name can come from the environment or
	// the file, or from --queue.
	c.Flags().BoolVar(&parked, "parked", false, "list the parked letters")
	return c
}

// mostListed bounds a listing as an inventory is bounded.
const mostListed = 10_000

func (a *app) list(ctx context.Context, cfg *config.Config, words []string, parked bool) (err error) {
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	seen, err := b.look(ctx, parked, mostListed)
	if err != nil {
		return err
	}
	t := table{header: listedHeader()}
	var rows []listed
	for _, l := range seen.letters {
		if matches(l, words) {
			row := newListed(l)
			rows = append(rows, row)
			t.add(row.cells()...)
		}
	}
	if seen.others > 0 {
		_, _ = fmt.Fprintf(a.stderr, "%d more could not be received: an engine holds them, or they are delayed\n", seen.others)
	}
	return show(a.stdout, cfg.Output, t, rows)
}
