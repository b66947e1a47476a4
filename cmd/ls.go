package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry/filter"
)

func (a *app) ls() *cobra.Command {
	var parked bool
	c := a.command("ls", "List the letters that wait, or those that are parked", cobra.ArbitraryArgs,
		func(ctx context.Context, cfg *config.Config, words []string) error {
			return a.list(ctx, cfg, words, parked)
		})
	c.Use = "ls [FILTER]..."
	c.Long = c.Short + `.

FILTER selects among them: words that occur anywhere in a letter, status:503 status:5xx endpoint:crm
reason:timeout retries>=3 age>2h expires<1d id:7f3a, jq:EXPR; a minus before a word negates it. Looking changes
nothing: letters are received for a moment and given back. Those that an engine holds at the time cannot be received
and are not in the list; how many they are is said on standard error.`
	c.Example = "rehook ls status:503 endpoint:crm\nrehook ls --parked -o ndjson 'age>2h'"
	// It stands in for the common flag that names the parked queue: that name can come from the environment or
	// the file, or from --queue.
	c.Flags().BoolVar(&parked, "parked", false, "list the parked letters")
	return c
}

// mostListed bounds a listing as an inventory is bounded.
const mostListed = 10_000

func (a *app) list(ctx context.Context, cfg *config.Config, words []string, parked bool) (err error) {
	selected, err := filter.Parse(strings.Join(words, " "))
	if err != nil {
		return &failure{err: err, code: Usage}
	}
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	seen, err := b.look(ctx, parked, mostListed)
	if err != nil {
		return err
	}
	if seen.others > 0 {
		_, _ = fmt.Fprintf(a.stderr, "%d more could not be received: an engine holds them, or they are delayed\n", seen.others)
	}
	return show(a.stdout, cfg.Output, listedHeader(), seen.listed(selected))
}

// listed are the letters that a filter selects.
func (g glance) listed(selected *filter.Filter) []listed {
	var rows []listed
	now := time.Now()
	for _, l := range g.leases {
		if selected.Match(l.Letter, now, filter.Facts{ExpiresAt: l.SentAt.Add(g.retention)}) {
			rows = append(rows, newListed(l.Letter))
		}
	}
	return rows
}
