package cmd

import (
	"context"
	"slices"
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
	client, err := b.open(ctx)
	if err != nil {
		return glance{}, err
	}
	defer func() { _ = client.Close() }() // all that it asked has been answered
	depth, err := client.Depth(ctx)
	if err != nil {
		return glance{}, err
	}
	total, retention, receive := depth.Total(), client.Retention(), client.Glance
	if parked {
		total, retention, receive = depth.Parked, client.ParkedRetention(), client.ReceiveParked
	}
	leases, err := borrow(ctx, receive, limit)
	giveBack(ctx, client, leases)
	if err != nil {
		return glance{}, err
	}
	g := glance{others: max(0, total-len(leases))}
	for _, l := range leases {
		g.letters = append(g.letters, seen{letter: l.Letter, expiresAt: l.SentAt.Add(retention)})
	}
	return g, nil
}

// borrow leases letters until no other ones come or there are enough.
func borrow(ctx context.Context, receive func(context.Context) ([]deadletter.Lease, error), limit int) (leases []deadletter.Lease, err error) {
	known := map[string]bool{} // messages: the first ones come again if this takes longer than their lease
	for len(leases) < limit {
		more, err := receive(ctx)
		if err != nil {
			return leases, err
		}
		others := slices.DeleteFunc(more, func(l deadletter.Lease) bool { return known[l.MessageID] })
		if len(others) == 0 {
			return leases, nil
		}
		for _, l := range others {
			known[l.MessageID] = true
		}
		leases = append(leases, others...)
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
