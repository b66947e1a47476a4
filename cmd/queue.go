package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/sqsclient"
)

func (a *app) queue() *cobra.Command {
	return group("queue", "Create the queues, or look at them",
		a.command("ensure", "Create the queues where they are missing, and check them", cobra.NoArgs, a.onQueues(a.ensureQueues)),
		a.depth(),
		a.command("ls", "List the queues that there are", cobra.NoArgs, a.onQueues(a.listQueues)),
	)
}

// onQueues makes an action of what is done with the queues.
func (a *app) onQueues(do func(context.Context, *config.Config, *backend) error) action {
	return func(ctx context.Context, cfg *config.Config, _ []string) error {
		b, err := findBackend(cfg, a.logger(cfg))
		if err != nil {
			return err
		}
		return errors.Join(do(ctx, cfg, b), b.close())
	}
}

// ensured is what "queue ensure" says of a queue, or of an attribute that is not as it would have made it.
type ensured struct {
	Queue     string `json:"queue"`
	Found     string `json:"found"` // created, as wanted, or other
	Attribute string `json:"attribute,omitempty"`
	Has       string `json:"has,omitempty"`
	Wanted    string `json:"wanted,omitempty"`
}

func (e ensured) cells() []string { return []string{e.Queue, e.Found, e.Attribute, e.Has, e.Wanted} }

func (a *app) ensureQueues(ctx context.Context, cfg *config.Config, b *backend) error {
	if cfg.ReadOnly {
		return &failure{err: errors.New("queue ensure creates queues, and --read-only is set"), hint: "leave --read-only out", code: Usage}
	}
	report, err := sqsclient.Ensure(ctx, b.access)
	if err == nil {
		err = sqsclient.CheckClaims(ctx, b.access)
	}
	if err != nil {
		return b.unopened(err)
	}
	return show(a.stdout, cfg.Output, []string{"QUEUE", "FOUND", "ATTRIBUTE", "HAS", "WANTED"}, ensuredRows(cfg, report))
}

func ensuredRows(cfg *config.Config, report sqsclient.Ensured) []ensured {
	var rows []ensured
	other := map[string]bool{}
	for _, d := range report.Differences {
		other[d.Queue] = true
		rows = append(rows, ensured{Queue: d.Queue, Found: "other", Attribute: d.Attribute, Has: d.Has, Wanted: d.Wanted})
	}
	for _, name := range report.Created {
		other[name] = true
		rows = append(rows, ensured{Queue: name, Found: "created"})
	}
	for _, name := range []string{cfg.Queue, cfg.Parked} {
		if !other[name] {
			rows = append(rows, ensured{Queue: name, Found: "as wanted"})
		}
	}
	return rows
}

// namedQueue is one queue as it is printed.
type namedQueue struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func (q namedQueue) cells() []string { return []string{q.Name, q.URL} }

func (a *app) listQueues(ctx context.Context, cfg *config.Config, b *backend) error {
	found, err := sqsclient.List(ctx, b.access)
	if err != nil {
		return b.unopened(err)
	}
	var rows []namedQueue
	for _, q := range found {
		rows = append(rows, namedQueue(q))
	}
	if len(rows) == 0 {
		_, _ = fmt.Fprintln(a.stderr, `there are no queues: "rehook queue ensure" creates them`)
	}
	return show(a.stdout, cfg.Output, []string{"NAME", "URL"}, rows)
}
