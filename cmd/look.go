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
	letters []seen
	others  int // letters that there are besides. Approximate on AWS
}

// seen is one letter, and what is known of it that is not written in it.
type seen struct {
	letter    *deadletter.Letter
	expiresAt time.Time
}

// backWithin is how long giving letters back may take. What is not given back by then returns by itself when
// its short lease ends.
const backWithin = 10 * time.Second

// look receives the letters of a queue, limit at most, and gives all of them back. Nothing is changed by it but
// their count of receives.
func (b *backend) look(ctx context.Context, parked bool, limit int) (glance, error) {
	if err := b.ensure(ctx); err != nil {
		return glance{}, err
	}
	access := b.access
	if parked {
		access = turned(access)
	}
	total, retention, err := facts(ctx, access)
	if err != nil {
		return glance{}, err
	}
	leases, err := borrow(ctx, turned(access), limit)
	if err != nil {
		return glance{}, err
	}
	g := glance{others: max(0, total-len(leases))}
	for _, l := range leases {
		g.letters = append(g.letters, seen{letter: l.Letter, expiresAt: l.SentAt.Add(retention)})
	}
	return g, nil
}

// turned has the two queues in each other's place: a client tells the retention of its waiting queue alone, and
// receives without waiting from its parked queue alone.
func turned(access sqsclient.Config) sqsclient.Config {
	access.Queue, access.Parked = access.Parked, access.Queue
	return access
}

// facts tells how many messages the waiting queue holds, and how long it keeps them.
func facts(ctx context.Context, access sqsclient.Config) (total int, retention time.Duration, err error) {
	client, err := sqsclient.Open(ctx, access)
	if err != nil {
		return 0, 0, unopened(err)
	}
	defer func() { _ = client.Close() }() // all that it asked has been answered
	depth, err := client.Depth(ctx)
	return depth.Total(), client.Retention(), err
}

// borrow leases the letters of the parked queue, and gives them back before it returns.
func borrow(ctx context.Context, access sqsclient.Config, limit int) (leases []deadletter.Lease, err error) {
	client, err := sqsclient.Open(ctx, access)
	if err != nil {
		return nil, unopened(err)
	}
	defer func() { _ = client.Close() }() // all that it asked has been answered
	defer func() { giveBack(ctx, client, leases) }()
	for len(leases) < limit {
		more, err := client.ReceiveParked(ctx)
		if err != nil || len(more) == 0 {
			return leases, err
		}
		leases = append(leases, more...)
	}
	return leases, nil
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
