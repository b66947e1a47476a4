package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
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
nothing: a running engine is asked for what it has; where there is none, letters are received for a moment and given
back. How many could not be looked at is said on standard error.`
	c.Example = "rehook ls status:503 endpoint:crm\nrehook ls --parked -o ndjson 'age>2h'"
	// It stands in for the common flag that names the parked queue: that name can come from the environment or
	// the file, or from --queue.
	c.Flags().BoolVar(&parked, "parked", false, "list the parked letters")
	return c
}

// mostListed bounds a listing as an inventory is bounded.
const mostListed = 10_000

func (a *app) list(ctx context.Context, cfg *config.Config, words []string, parked bool) error {
	selected, err := filter.Parse(strings.Join(words, " "))
	if err != nil {
		return &failure{err: err, code: Usage}
	}
	seen, err := a.letters(ctx, cfg, parked)
	if err != nil {
		return err
	}
	if seen.others > 0 {
		_, _ = fmt.Fprintln(a.stderr, notSeen(seen.others))
	}
	var rows []listed
	now := time.Now()
	for _, l := range seen.letters {
		if selected.Match(l.Letter, now, filter.Facts{ExpiresAt: l.ExpiresAt}) {
			rows = append(rows, newListed(l.Letter))
		}
	}
	return show(a.stdout, cfg.Output, listedHeader(), rows)
}

// letters asks the engine, if one runs here, for the letters that wait, since it holds them, and for the parked ones.
func (a *app) letters(ctx context.Context, cfg *config.Config, parked bool) (glance, error) {
	engine, notRunning := attach(ctx, cfg.StateDir)
	switch {
	case notRunning != nil:
		return a.lookAtQueues(ctx, cfg, !parked, parked)
	case parked:
		return a.parkedBeside(ctx, cfg, engine)
	}
	u, err := snapshot(ctx, engine)
	return held(u), err
}

// held is what an engine has of the waiting queue.
func held(u retry.Update) glance {
	var g glance
	for _, entry := range u.Letters {
		if entry.Phase != retry.InParked && entry.Phase != retry.Done {
			g.letters = append(g.letters, entry)
		}
	}
	g.others = max(0, u.Status.Depth.Total()-len(g.letters))
	return g
}
