package retry_test

import (
	"context"
	"testing"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// endless is a queue that always has more letters, and an endpoint that takes them all at once: what is left
// is the engine.
type endless struct {
	memQueue
	serial, left int
	deleted      chan struct{}
}

func (q *endless) Receive(ctx context.Context) ([]deadletter.Lease, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.left == 0 {
		q.mu.Unlock()
		<-ctx.Done()
		q.mu.Lock()
		return nil, ctx.Err()
	}
	now := time.Now()
	leases := make([]deadletter.Lease, min(10, q.left))
	for i := range leases {
		q.serial++
		l := letter(q.serial)
		leases[i] = deadletter.Lease{Letter: l, MessageID: l.ID, Receipt: "r", Until: now.Add(30 * time.Second), SentAt: now}
	}
	q.left -= len(leases)
	return leases, nil
}

func (q *endless) Delete(context.Context, deadletter.Lease) error {
	q.deleted <- struct{}{}
	return nil
}

// Extend takes what a busy machine has the engine ask for: letters that wait there for longer than their lease.
func (q *endless) Extend(_ context.Context, _ time.Duration, leases ...deadletter.Lease) []error {
	return make([]error, len(leases))
}

func (q *endless) Attempt(context.Context, delivery.Request) delivery.Result { return ok() }

// BenchmarkLetter is what the engine itself costs a letter, from received to deleted.
func BenchmarkLetter(b *testing.B) {
	q := &endless{left: b.N, deleted: make(chan struct{}, 1024)}
	e, err := retry.New(retry.Config{Queue: q, Deliver: q})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	b.ReportAllocs()
	b.ResetTimer()
	go func() { ended <- e.Run(ctx) }()
	for range b.N {
		<-q.deleted
	}
	b.StopTimer()
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}
