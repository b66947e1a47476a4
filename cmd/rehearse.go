package cmd

import (
	"cmp"
	"context"
	"slices"

	"rehook/cmd/config"
	"rehook/retry"
	"rehook/retry/delivery"
)

// rehearse says what an operation would do, and prints the letters as "ls" does. It asks a running engine. Where there
// is none it starts none either: an engine, even a paused one, parks what can never be sent.
func (a *app) rehearse(ctx context.Context, cfg *config.Config, op *operation, sel *selection) error {
	engine, notRunning := attach(ctx, cfg.StateDir)
	var found glance
	var err error
	if notRunning == nil {
		found, err = a.find(ctx, cfg, op, sel, &hand{commanded: engine}, glance{})
	} else {
		found, err = a.lookAtQueues(ctx, cfg, op.waiting, op.parked)
	}
	if err != nil {
		return err
	}
	b, err := a.choose(op, sel, found)
	if err != nil || len(b.ids)+len(b.others) == 0 {
		return err
	}
	var plan retry.Plan
	if notRunning == nil {
		plan, err = engine.Plan(ctx, op.command(b.ids, op.why))
	} else {
		plan, err = planAlone(ctx, cfg, op, &b)
	}
	if err != nil {
		return commandError(err)
	}
	a.printPlan(op, b, plan)
	rows := make([]listed, 0, len(b.letters))
	for _, entry := range b.letters {
		rows = append(rows, newListed(entry.Letter))
	}
	return show(a.stdout, cfg.Output, listedHeader(), rows)
}

// planAlone is what a plan can say without an engine: no endpoint has been asked for anything yet.
func planAlone(ctx context.Context, cfg *config.Config, op *operation, b *chosen) (retry.Plan, error) {
	redrive, isRedrive := op.command(nil, "").(retry.Redrive)
	if isRedrive {
		if err := b.leaveOut(ctx, cfg, redrive); err != nil {
			return retry.Plan{}, err
		}
	}
	p := retry.Plan{Rate: redrive.Rate, Canary: redrive.Canary, Letters: len(b.letters)}
	at := map[string]int{}
	for _, entry := range b.letters {
		endpoint, _ := delivery.EndpointOf(destination(cfg, redrive.To, entry.Letter)) // some name none
		at[endpoint]++
	}
	for endpoint, n := range at {
		p.Endpoints = append(p.Endpoints, retry.Planned{Letters: n, Endpoint: retry.Endpoint{Endpoint: endpoint, State: retry.Closed}})
	}
	slices.SortFunc(p.Endpoints, func(a, b retry.Planned) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Endpoint.Endpoint, b.Endpoint.Endpoint))
	})
	return p, nil
}
