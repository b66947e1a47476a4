package cmd

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/sqsclient"
)

// watchEvery is how often "queue depth --watch" looks. Each look costs two requests.
const watchEvery = 5 * time.Second

// depth is how many letters there are, as it is printed.
type depth struct {
	At       string `json:"at,omitempty"`
	Queue    string `json:"queue"`
	Where    string `json:"where"`
	Visible  int    `json:"visible"`
	InFlight int    `json:"in_flight"`
	Delayed  int    `json:"delayed"`
	Parked   int    `json:"parked"`
}

func depthHeader() []string {
	return []string{"QUEUE", "WHERE", "VISIBLE", "IN FLIGHT", "DELAYED", "PARKED"}
}

func (d depth) cells() []string {
	return []string{d.Queue, d.Where, strconv.Itoa(d.Visible), strconv.Itoa(d.InFlight), strconv.Itoa(d.Delayed), strconv.Itoa(d.Parked)}
}

func (a *app) depth() *cobra.Command {
	var watch bool
	c := a.command("depth", "Show how many letters there are", cobra.NoArgs,
		a.onQueues(func(ctx context.Context, cfg *config.Config, b *backend) (err error) {
			client, err := b.open(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, client.Close()) }()
			if watch {
				return a.watchDepth(ctx, cfg, client)
			}
			d, err := readDepth(ctx, cfg, client)
			if err != nil {
				return err
			}
			return showOne(a.stdout, cfg.Output, depthHeader(), d)
		}))
	c.Flags().BoolVar(&watch, "watch", false, "Look again every 5 seconds, until interrupted")
	return c
}

func readDepth(ctx context.Context, cfg *config.Config, client *sqsclient.Client) (depth, error) {
	d, err := client.Depth(ctx)
	return depth{
		Queue: cfg.Queue, Where: client.Where(), Visible: d.Visible, InFlight: d.InFlight, Delayed: d.Delayed, Parked: d.Parked,
	}, err
}

// watchDepth prints a line for every look: a row of a table, or an object of JSON.
func (a *app) watchDepth(ctx context.Context, cfg *config.Config, client *sqsclient.Client) error {
	again := time.NewTicker(watchEvery)
	defer again.Stop()
	for first := true; ; first = false {
		d, err := readDepth(ctx, cfg, client)
		if err != nil {
			return err
		}
		if err := a.printLook(cfg.Output, d, time.Now(), first); err != nil {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *app) printLook(format string, d depth, at time.Time, first bool) error {
	if format != "table" {
		d.At = at.UTC().Format(time.RFC3339)
		return show(a.stdout, "ndjson", nil, []depth{d})
	}
	t := table{append([]string{"TIME    "}, depthHeader()...)} // as wide as a time
	t.add(append([]string{at.Format(time.TimeOnly)}, d.cells()...))
	text := t.String()
	if !first {
		_, text, _ = strings.Cut(text, "\n")
	}
	_, err := io.WriteString(a.stdout, text)
	return printed(err)
}
