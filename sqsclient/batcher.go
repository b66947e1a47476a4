package sqsclient

import (
	"context"
	"errors"
	"sync"
	"time"
)

// SQS's limits on a batch.
const (
	batchEntries = 10
	batchBytes   = 1 << 20 // of all messages with their attributes
)

// batchesAtOnce is how many batches of one kind may be under way. Past it entries wait, so that under load every
// batch is full.
const batchesAtOnce = 8

// errClosed is what callers get who come after Close.
var errClosed = errors.New("the queue client is closed")

// batcher gathers entries of one kind into requests. A batch goes when it is full, or when its first entry has
// waited for the linger, as soon as fewer than batchesAtOnce are under way. It has no goroutine of its own while
// there is nothing to do.
type batcher[E any] struct {
	send   func([]E) []error // one request; one outcome an entry, in their order
	bytes  func(E) int       // what an entry counts of batchBytes
	linger time.Duration

	workers sync.WaitGroup

	mu      sync.Mutex // guards what follows
	waiting []call[E]  // oldest first
	due     bool       // the oldest has waited for the linger
	timer   *time.Timer
	running int // workers
	closed  bool
}

// call is one caller's entry and where its outcome goes.
type call[E any] struct {
	entry   E
	outcome chan<- error // buffered for one
}

func newBatcher[E any](linger time.Duration, bytes func(E) int, send func([]E) []error) *batcher[E] {
	return &batcher[E]{send: send, bytes: bytes, linger: linger}
}

// do hands an entry on and waits for what becomes of it. When ctx ends, only the waiting does: the entry goes its
// way, and its outcome is not known.
func (b *batcher[E]) do(ctx context.Context, entry E) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	outcome := make(chan error, 1)
	if !b.add(call[E]{entry, outcome}) {
		return errClosed
	}
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close sends what waits and returns when every outcome is known.
func (b *batcher[E]) close() {
	b.mu.Lock()
	b.closed = true
	for b.startWorker() {
	}
	b.mu.Unlock()
	b.workers.Wait()
}

func (b *batcher[E]) add(c call[E]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.waiting = append(b.waiting, c)
	if len(b.waiting) == 1 {
		b.startLinger()
	}
	b.startWorker()
	return true
}

// startLinger is called with mu held.
func (b *batcher[E]) startLinger() {
	b.due = false
	if b.timer == nil {
		b.timer = time.AfterFunc(b.linger, b.lingered)
		return
	}
	b.timer.Reset(b.linger)
}

func (b *batcher[E]) lingered() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.due = true
	b.startWorker()
}

// startWorker starts one if there is a batch to send and it may be sent now. It is called with mu held.
func (b *batcher[E]) startWorker() bool {
	if b.running == batchesAtOnce {
		return false
	}
	batch := b.next()
	if batch == nil {
		return false
	}
	b.running++
	b.workers.Go(func() { b.work(batch) })
	return true
}

// work sends a batch, and after it those that have become full or due in the meantime.
func (b *batcher[E]) work(batch []call[E]) {
	for batch != nil {
		entries := make([]E, len(batch))
		for i, c := range batch {
			entries[i] = c.entry
		}
		for i, err := range b.send(entries) {
			batch[i].outcome <- err
		}
		batch = b.nextOrRest()
	}
}

func (b *batcher[E]) nextOrRest() []call[E] {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch := b.next()
	if batch == nil {
		b.running--
	}
	return batch
}

// next takes the batch that is to be sent now, nil if none is. It is called with mu held.
func (b *batcher[E]) next() []call[E] {
	n, full := b.fill()
	if n == 0 || !full && !b.due && !b.closed {
		return nil
	}
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	if len(b.waiting) > 0 {
		b.startLinger()
	}
	return batch
}

// fill counts the entries that go into the next batch, and says whether more would not fit.
func (b *batcher[E]) fill() (n int, full bool) {
	bytes := 0
	for n < len(b.waiting) && n < batchEntries {
		bytes += b.bytes(b.waiting[n].entry)
		if bytes > batchBytes && n > 0 {
			return n, true
		}
		n++
	}
	return n, n == batchEntries
}
