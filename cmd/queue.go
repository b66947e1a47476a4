package cmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/sqsclient"
)

func (a *app) queue() *cobra.Command {
	return a.group("queue", "Create the queues, or look at them",
		a.command("ensure", "Create the queues where they are missing, and check them", cobra.NoArgs, a.ensureQueues),
		a.command("depth", "Show how many letters there are", cobra.NoArgs, a.showDepth),
		a.command("ls", "List the queues that there are", cobra.NoArgs, a.listQueues),
	)
}

// ensured is what "queue ensure" says of a queue, or of an attribute that is not as it would have made it.
type ensured struct {
	Queue     string `json:"queue"`
	Found     string `json:"found"` // created, as wanted, or other
	Attribute string `json:"attribute,omitempty"`
	Has       string `json:"has,omitempty"`
	Wanted    string `json:"wanted,omitempty"`
}

func (a *app) ensureQueues(ctx context.Context, cfg *config.Config, _ []string) (err error) {
	if cfg.ReadOnly {
		return &failure{err: errors.New("queue ensure creates queues, and --read-only is set"), hint: "leave --read-only out", code: Usage}
	}
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	report, err := sqsclient.Ensure(ctx, b.access)
	if err != nil {
		return err
	}
	rows := ensuredRows(cfg, report)
	t := table{header: []string{"QUEUE", "FOUND", "ATTRIBUTE", "HAS", "WANTED"}}
	for _, r := range rows {
		t.add(r.Queue, r.Found, r.Attribute, r.Has, r.Wanted)
	}
	return show(a.stdout, cfg.Output, t, rows)
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

// depth is how many letters there are, as it is printed.
type depth struct {
	Queue    string `json:"queue"`
	Where    string `json:"where"`
	Visible  int    `json:"visible"`
	InFlight int    `json:"in_flight"`
	Delayed  int    `json:"delayed"`
	Parked   int    `json:"parked"`
}

func (a *app) showDepth(ctx context.Context, cfg *config.Config, _ []string) (err error) {
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	client, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	read, err := client.Depth(ctx)
	if err != nil {
		return err
	}
	d := depth{Queue: cfg.Queue, Where: client.Where(), Visible: read.Visible, InFlight: read.InFlight, Delayed: read.Delayed, Parked: read.Parked}
	t := table{header: []string{"QUEUE", "WHERE", "VISIBLE", "IN FLIGHT", "DELAYED", "PARKED"}}
	t.add(d.Queue, d.Where, strconv.Itoa(d.Visible), strconv.Itoa(d.InFlight), strconv.Itoa(d.Delayed), strconv.Itoa(d.Parked))
	return show(a.stdout, cfg.Output, t, []depth{d})
}

// namedQueue is one queue as it is printed.
type namedQueue struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

func (a *app) listQueues(ctx context.Context, cfg *config.Config, _ []string) (err error) {
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	found, err := sqsclient.List(ctx, b.access)
	if err != nil {
		return err
	}
	t := table{header: []string{"NAME", "URL"}}
	var rows []namedQueue
	for _, q := range found {
		rows = append(rows, namedQueue(q))
		t.add(q.Name, q.URL)
	}
	if len(rows) == 0 {
		_, _ = fmt.Fprintln(a.stderr, `there are no queues: "rehook queue ensure" creates them`)
	}
	return show(a.stdout, cfg.Output, t, rows)
}
