package cmd

import (
	"context"
	"errors"
	"net"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"rehook/cmd/config"
	"rehook/genesys/listener"
	"rehook/retry/deadletter"
)

// servePace is how much garbage a serving engine lets grow, in percent of what is alive. Against Go's own 100 it saves
// half of what collecting costs, and takes 40 MB of memory with a full inventory of letters of 1 KiB: 140 to 148 MB in all.
const servePace = 200

func (a *app) serve() *cobra.Command {
	c := a.command("serve", "Run the engine without a screen, and on request the listener", cobra.NoArgs, a.runServe)
	c.Long = c.Short + `.

It logs to standard error. SIGTERM ends it in order: it stops receiving, lets attempts in flight end, and gives
the letters that it holds back to the queue.`
	return c
}

func (a *app) runServe(ctx context.Context, cfg *config.Config, _ []string) (err error) {
	if cfg.ReadOnly {
		return &failure{
			err:  errors.New("serve delivers letters, and --read-only is set"),
			hint: `leave --read-only out; "rehook ls" and "rehook queue depth" only look`, code: Usage,
		}
	}
	collect(servePace)
	report := a.logger(cfg)
	s, err := openStation(ctx, cfg, manner{pausedBy: pausedBy(cfg)}, nil, report)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	webhooks, at, err := s.front(ctx)
	if err != nil {
		return err
	}
	report.Info("serving", "version", version(), "queue", cfg.Queue, "where", s.queues.Where())
	if webhooks != nil {
		warnRefused(ctx, cfg, report)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.run(ctx) })
	if webhooks != nil {
		report.Info("listening", "address", at.Addr().String(), "forward_to", deadletter.MaskURL(cfg.ForwardTo))
		group.Go(func() error { return webhooks.Run(ctx, at) })
	}
	err = group.Wait()
	report.Info("stopped")
	return err
}

// collect lets so much garbage grow, unless the operator has said how much.
func collect(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// front opens the listener, if one is asked for.
func (s *station) front(ctx context.Context) (*listener.Listener, net.Listener, error) {
	cfg := s.cfg
	switch {
	case cfg.Listen == "" && cfg.ForwardTo == "":
		return nil, nil, nil
	case cfg.Listen == "":
		return nil, nil, &failure{err: errors.New("--forward-to is given, but no address to listen on"), hint: "add --listen ADDR", code: Usage}
	case cfg.ForwardTo == "":
		return nil, nil, &failure{err: errors.New("--listen is given, but nowhere to forward to"), hint: "add --forward-to URL", code: Usage}
	}
	webhooks, err := s.listener(cfg.ForwardTo, nil)
	if err != nil {
		return nil, nil, &failure{err: err, hint: "give --forward-to the URL of the endpoint, like https://crm.example.com/hook", code: Usage}
	}
	at, err := listen(ctx, "serve", cfg.Listen)
	if err != nil {
		return nil, nil, err
	}
	return webhooks, at, nil
}
