package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"golang.org/x/sync/errgroup"

	"rehook/cmd/config"
	"rehook/genesys/cloud"
	"rehook/genesys/listener"
	"rehook/genesys/simulator"
)

// demonstration is a station between a simulated Genesys Cloud and simulated endpoints.
type demonstration struct {
	*station
	sim      *simulator.Sim
	org      *cloud.Client
	webhooks *listener.Listener
	at       net.Listener
	sender   *http.Client
	events   *events // what is printed in place of the screen; nil with a screen
}

func openDemo(ctx context.Context, cfg *config.Config) (*demonstration, error) {
	sim, err := simulator.New(simulator.Config{Seed: cfg.Seed, Rate: cfg.Rate})
	if err != nil {
		return nil, err
	}
	routes := map[string]string{}
	for _, r := range sim.Routes() {
		routes[r.Path] = r.URL
		cfg.Allow = append(cfg.Allow, r.Host)
	}
	cfg.WebhookSecret = "" // every endpoint has one of its own
	s, err := openStation(ctx, cfg, underScreen(cfg), sim.DialContext, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	d := &demonstration{station: s, sim: sim, sender: &http.Client{Transport: &http.Transport{}}}
	d.org, err = cloud.New(cloud.Config{
		BaseURL: sim.GenesysURL(), ClientID: sim.API().ClientID(), ClientSecret: sim.API().ClientSecret(), DialContext: sim.DialContext,
	})
	if err == nil {
		d.webhooks, err = s.listener("", routes)
	}
	if err == nil {
		d.at, err = listen(ctx, "demo", "127.0.0.1:0")
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return d, nil
}

// give gives the demonstration until its time is up, ctx ends or the screen is quit. Then everything stops in
// the order in which webhooks travel, so that none is between two places when they are counted.
func (d *demonstration) give(ctx context.Context, a *app) error {
	world, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	outside := make(chan error, 1)
	go func() { outside <- d.sim.Serve(world) }()

	err := a.beside(ctx, d.work, func(ctx context.Context) error { return d.front(ctx, a) })
	if err == nil {
		err = d.end(world, a)
	}
	stop()
	return errors.Join(err, <-outside)
}

// work sends, receives and redelivers until ctx ends.
func (d *demonstration) work(ctx context.Context) error {
	// What is under way when the sending stops still finds its listener, and what that captures its engine.
	receiving, stopReceiving := context.WithCancel(context.WithoutCancel(ctx))
	defer stopReceiving()
	redelivering, stopRedelivering := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRedelivering()

	defer context.AfterFunc(ctx, d.sim.Relent)()

	var group errgroup.Group
	group.Go(func() error { return d.run(redelivering) })
	group.Go(func() error {
		defer stopRedelivering()
		return d.webhooks.Run(receiving, d.at)
	})
	group.Go(func() error {
		defer stopReceiving()
		defer d.sender.CloseIdleConnections()
		return d.sim.Send(ctx, d.sender, "http://"+d.at.Addr().String())
	})
	return group.Wait()
}

// front shows what happens, until the time is up.
func (d *demonstration) front(ctx context.Context, a *app) error {
	if d.cfg.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.cfg.For)
		defer cancel()
	}
	if !d.cfg.Headless {
		shown := a.look(d.cfg)
		shown.Engine, shown.OwnsEngine, shown.Webhooks, shown.Payload, shown.Title = d.engine, true, d.org.Webhooks, d.queues.Payload, "demo"
		return a.show(ctx, shown)
	}
	feed, err := d.engine.Follow(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	d.events = &events{feed: feed, to: a.stdout}
	return d.events.print(ctx)
}

// end prints the events of the stopping, and the summary.
func (d *demonstration) end(ctx context.Context, a *app) error {
	if d.events != nil {
		if err := d.events.print(ctx); err != nil {
			return err
		}
	}
	s, err := d.count(ctx)
	if err != nil {
		return err
	}
	if err := s.print(a.stdout, d.cfg.Headless); err != nil {
		return err
	}
	if s.Lost > 0 {
		return fmt.Errorf("%d webhooks were lost", s.Lost)
	}
	return nil
}
