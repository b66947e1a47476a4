package cmd

import (
	"context"
	"errors"
	"slices"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

// glance is what a look at a queue has seen.
type glance struct {
	letters []retry.Entry // of a look: without what only an engine knows
	others  int           // letters that there are besides. Approximate on AWS
}

// and is what both have seen.
func (g glance) and(other glance) glance {
	return glance{slices.Concat(g.letters, other.letters), g.others + other.others}
}

// with adds letters that are known besides, each id once: they are among those that could not be looked at.
func (g glance) with(known []retry.Entry) glance {
	seen := map[string]bool{}
	for _, entry := range g.letters {
		seen[entry.Letter.ID] = true
	}
	for _, entry := range known {
		if !seen[entry.Letter.ID] {
			g.letters = append(g.letters, entry)
			g.others = max(0, g.others-1)
		}
	}
	return g
}

// backWithin is how long giving letters back may take. What is not given back by then returns by itself when
// its short lease ends.
const backWithin = 10 * time.Second

// look receives the letters of a queue, limit at most, and gives all of them back. Nothing is changed by it but
// their count of receives.
func (b *backend) look(ctx context.Context, parked bool, limit int) (g glance, err error) {
	g.others, err = b.visit(ctx, parked, limit, func(_ context.Context, _ *sqsclient.Client, entry retry.Entry) error {
		g.letters = append(g.letters, entry)
		return nil
	})
	return g, err
}

// visit is look for who needs no letter any longer than one after the other. It says how many others there are.
func (b *backend) visit(ctx context.Context, parked bool, limit int, each func(context.Context, *sqsclient.Client, retry.Entry) error) (others int, err error) {
	client, err := b.open(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = client.Close() }() // all that it asked has been answered
	depth, err := client.Depth(ctx)
	if err != nil {
		return 0, err
	}
	total, retention, receive, phase := depth.Total(), client.Retention(), client.Glance, retry.Waiting
	if parked {
		total, retention, receive, phase = depth.Parked, client.ParkedRetention(), client.ReceiveParked, retry.InParked
	}
	leases, err := borrow(ctx, receive, limit, func(l deadletter.Lease) error {
		return each(ctx, client, retry.Entry{Letter: l.Letter, Phase: phase, ExpiresAt: l.SentAt.Add(retention), Receives: l.Receives})
	})
	giveBack(ctx, client, leases)
	return max(0, total-len(leases)), err
}

// borrow leases letters until no other ones come or there are enough. Of each it keeps no more than giving it back
// takes.
func borrow(ctx context.Context, receive func(context.Context) ([]deadletter.Lease, error), limit int, each func(deadletter.Lease) error) (leases []deadletter.Lease, err error) {
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
			err = errors.Join(err, each(l))
			l.Letter = &deadletter.Letter{ID: l.Letter.ID}
			leases = append(leases, l)
		}
		if err != nil {
			return leases, err
		}
	}
	return leases, nil
}

func giveBack(ctx context.Context, client *sqsclient.Client, leases []deadletter.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), backWithin)
	defer cancel()
	_ = client.Extend(ctx, 0, leases...) // else they end by themselves
}
