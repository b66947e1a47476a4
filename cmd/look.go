package cmd

import (
	"context"
	"sync"
	"time"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

// glance is what a look at a queue has seen.
type glance struct {
	leases    []deadletter.Lease // given back already
	retention time.Duration      // of the queue
	others    int                // messages that could not be received: leased to somebody, or delayed. Approximate on AWS
}

// backWithin is how long giving letters back may take. What is not given back by then returns by itself when
// its short lease ends.
const backWithin = 10 * time.Second

// look receives the letters of a queue, limit at most, and gives all of them back. Nothing is changed by it but
// their count of receives.
func (b *backend) look(ctx context.Context, parked bool, limit int) (seen glance, err error) {
	if err := b.ensure(ctx); err != nil {
		return glance{}, err
	}
	access := b.access
	if parked {
		access = turned(access)
	}
	if err := seen.ask(ctx, access); err != nil {
		return glance{}, err
	}
	if err := seen.receive(ctx, turned(access), limit); err != nil {
		return glance{}, err
	}
	seen.others = max(0, seen.others-len(seen.leases))
	return seen, nil
}

// turned has the two queues in each other's place: a client tells the retention of its waiting queue alone, and
// receives without waiting from its parked queue alone.
func turned(access sqsclient.Config) sqsclient.Config {
	access.Queue, access.Parked = access.Parked, access.Queue
	return access
}

func (g *glance) ask(ctx context.Context, access sqsclient.Config) error {
	client, err := sqsclient.Open(ctx, access)
	if err != nil {
		return unopened(err)
	}
	defer func() { _ = client.Close() }() // all that it asked has been answered
	depth, err := client.Depth(ctx)
	g.retention, g.others = client.Retention(), depth.Total()
	return err
}

func (g *glance) receive(ctx context.Context, access sqsclient.Config, limit int) error {
	client, err := sqsclient.Open(ctx, access)
	if err != nil {
		return unopened(err)
	}
	defer func() { _ = client.Close() }() // all that it asked has been answered
	defer func() { giveBack(ctx, client, g.leases) }()
	for len(g.leases) < limit {
		more, err := client.ReceiveParked(ctx)
		if err != nil || len(more) == 0 {
			return err
		}
		g.leases = append(g.leases, more...)
	}
	return nil
}

func giveBack(ctx context.Context, client *sqsclient.Client, leases []deadletter.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), backWithin)
	defer cancel()
	var back sync.WaitGroup
	for _, l := range leases {
		back.Go(func() { _ = client.Extend(ctx, l, 0) })
	}
	back.Wait()
}
