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
	letters []*deadletter.Letter
	others  int // letters that could not be received: somebody holds them, or they are delayed. Approximate on AWS
}

// backWithin is how long giving letters back may take. What is not given back by then returns by itself when
// its short lease ends.
const backWithin = 10 * time.Second

// look receives the letters of a queue, limit at most, and gives all of them back. Nothing is changed by it but
// the queue's count of receives.
func (b *backend) look(ctx context.Context, parked bool, limit int) (glance, error) {
	client, err := b.openToLook(ctx, parked)
	if err != nil {
		return glance{}, err
	}
	defer func() { _ = client.Close() }() // all that it sent has been answered
	depth, err := client.Depth(ctx)
	if err != nil {
		return glance{}, err
	}
	var leases []deadletter.Lease
	defer func() { giveBack(ctx, client, leases) }()
	for len(leases) < limit {
		more, err := client.ReceiveParked(ctx)
		if err != nil {
			return glance{}, err
		}
		if len(more) == 0 {
			break
		}
		leases = append(leases, more...)
	}
	seen := glance{others: max(0, depth.Parked-len(leases))}
	for _, l := range leases {
		seen.letters = append(seen.letters, l.Letter)
	}
	return seen, nil
}

// openToLook opens the queues with the one to look at in the parked one's place: of that one a client receives
// without waiting for letters.
func (b *backend) openToLook(ctx context.Context, parked bool) (*sqsclient.Client, error) {
	if err := b.ensure(ctx); err != nil {
		return nil, err
	}
	access := b.access
	if !parked {
		access.Queue, access.Parked = access.Parked, access.Queue
	}
	return sqsclient.Open(ctx, access)
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
