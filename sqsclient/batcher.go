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

const (
	// batchesAtOnce is how many batches of one kind may be under way. Past it entries wait, so that under load every
	// batch is full.
	batchesAtOnce = 8
	// restMost is how many workers wait for a batch when there is none. The SDK's calls are deep, and a goroutine's
	// stack has grown to them when it has made one.
	restMost = 2
)

// errClosed is what callers get who come after Close.
var errClosed = errors.New("the queue client is closed")

// batcher gathers entries of one kind into requests. A batch goes when it is full, as soon as fewer than
// batchesAtOnce are under way. One that is not full goes when no entry has come for the linger and no request is under
// way, during which others may come; or when its first entry has waited for the longest that any does. So one entry
// by itself waits for one linger, and a stream of them fills its batches at any rate that can. It has no goroutine of
// its own until there is something to do.
type batcher[E any] struct {
	send    func([]E) []error // one request; one outcome an entry, in their order
	bytes   func(E) int       // what an entry counts of batchBytes
	linger  time.Duration
	longest time.Duration

	workers sync.WaitGroup

	mu      sync.Mutex // guards what follows
	waiting []call[E]  // oldest first
	timer   *time.Timer
	running int // workers that have a batch
	resting int // and those that wait for one
	handed  chan []call[E]
	closed  bool
}

// call is one caller's entry and where its outcome goes.
type call[E any] struct {
	entry   E
	came    time.Time
	outcome chan<- error // buffered for one
}

func newBatcher[E any](linger, longest time.Duration, bytes func(E) int, send func([]E) []error) *batcher[E] {
	return &batcher[E]{send: send, bytes: bytes, linger: linger, longest: longest, handed: make(chan []call[E])}
}

// do hands an entry on and waits for what becomes of it. When ctx ends, only the waiting does: the entry goes its
// way, and its outcome is not known.
func (b *batcher[E]) do(ctx context.Context, entry E) error { return await(ctx, b.begin(ctx, entry)) }

// begin hands an entry on, unless ctx has ended, and says where its outcome will be.
func (b *batcher[E]) begin(ctx context.Context, entry E) <-chan error {
	outcome := make(chan error, 1)
	switch err := ctx.Err(); {
	case err != nil:
		outcome <- err
	case !b.add(call[E]{entry, time.Now(), outcome}):
		outcome <- errClosed
	}
	return outcome
}

// await waits for an outcome, as long as its caller does.
func await(ctx context.Context, outcome <-chan error) error {
	select {
	case err := <-outcome:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-outcome: // it may have come while another was waited for
		return err
	default:
		return ctx.Err()
	}
}

// close sends what waits and returns when every outcome is known.
func (b *batcher[E]) close() {
	b.mu.Lock()
	b.closed = true
	for b.startWorker(time.Now()) {
	}
	if b.handed != nil {
		close(b.handed)
		b.handed = nil // nobody takes anything from it any more
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
	b.startWorker(c.came)
	if len(b.waiting) == 1 {
		b.startLinger(c.came)
	}
	return true
}

// startLinger has the batch looked at when it may have waited long enough. It is called with mu held.
func (b *batcher[E]) startLinger(now time.Time) {
	quiet, latest := b.ends()
	wait := latest.Sub(now)
	if now.Before(quiet) { // else a request under way holds it up
		wait = min(wait, quiet.Sub(now))
	}
	if b.timer == nil {
		b.timer = time.AfterFunc(wait, b.lingered)
		return
	}
	b.timer.Reset(wait)
}

func (b *batcher[E]) lingered() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.startWorker(now)
	if len(b.waiting) > 0 && !b.overdue(now) { // an overdue one waits for a worker
		b.startLinger(now)
	}
}

// ends are the moments at which no other entry is to be expected, if none comes before, and at which the first has
// waited for as long as any does. Entries that came one by one let more be expected for thrice as long as they were
// apart, at least for the linger. It is called with mu held.
func (b *batcher[E]) ends() (quiet, latest time.Time) {
	first, last := b.waiting[0].came, b.waiting[len(b.waiting)-1].came
	patience := b.linger
	if n := len(b.waiting); n > 1 {
		patience = max(patience, 3*last.Sub(first)/time.Duration(n-1))
	}
	return last.Add(patience), first.Add(b.longest)
}

// due says whether a batch that is not full is to go.
func (b *batcher[E]) due(now time.Time, others int) bool {
	quiet, _ := b.ends()
	return others == 0 && !now.Before(quiet) || b.overdue(now)
}

func (b *batcher[E]) overdue(now time.Time) bool {
	_, latest := b.ends()
	return !now.Before(latest)
}

// startWorker sets one to work if there is a batch to send and it may be sent now. It is called with mu held.
func (b *batcher[E]) startWorker(now time.Time) bool {
	if b.running == batchesAtOnce {
		return false
	}
	batch := b.next(now, b.running)
	if batch == nil {
		return false
	}
	b.running++
	select {
	case b.handed <- batch:
	default:
		b.workers.Go(func() { b.work(batch) })
	}
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

// nextOrRest gives a worker its next batch, for which it may have to rest; nil if it is not needed.
func (b *batcher[E]) nextOrRest() []call[E] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if batch := b.next(time.Now(), b.running-1); batch != nil {
		return batch
	}
	b.running--
	if b.closed || b.resting == restMost {
		return nil
	}
	b.resting++
	handed := b.handed
	b.mu.Unlock()
	batch := <-handed
	b.mu.Lock()
	b.resting--
	return batch
}

// next takes the batch that is to be sent now, beside others that are under way; nil if none is. It is called with mu
// held.
func (b *batcher[E]) next(now time.Time, others int) []call[E] {
	n, full := b.fill()
	if n == 0 || !full && !b.closed && !b.due(now, others) {
		return nil
	}
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	if len(b.waiting) > 0 {
		b.startLinger(now)
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
