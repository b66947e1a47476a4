package retry_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/record"
)

// bin is a trash that keeps letters in memory, and an audit log beside it.
type bin struct {
	mu   sync.Mutex // guards all below
	kept []*deadletter.Letter
	acts []record.Act
	full error // what keeping comes to, unless nil
	mute error // what writing an act comes to, unless nil
}

func (b *bin) Keep(l *deadletter.Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full != nil {
		return b.full
	}
	kept, err := deadletter.Decode(l.Encode())
	b.kept = append(b.kept, kept)
	return err
}

func (b *bin) Add(a record.Act) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mute == nil {
		b.acts = append(b.acts, a)
	}
	return b.mute
}

func (b *bin) payloads() map[string]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string]bool{}
	for _, l := range b.kept {
		all[string(l.Payload)] = true
	}
	return all
}

// into has an engine keep what is deleted and asked for in a bin.
func into(b *bin) func(*retry.Config) {
	return func(c *retry.Config) { c.Trash, c.Audit = b, b }
}

// do carries out a command that must be begun.
func do(t *testing.T, r *run, c retry.Command) []retry.Result {
	t.Helper()
	results, err := r.Do(t.Context(), c)
	if err != nil {
		t.Fatalf("%T: %v", c, err)
	}
	return results
}

// tally counts results.
func tally(results []retry.Result) map[retry.Did]int {
	n := map[retry.Did]int{}
	for _, r := range results {
		n[r.Did]++
	}
	return n
}

// later are n letters that wait for an hour, and their ids.
func later(q *memQueue, n int) []string {
	var ids []string
	for i := range n {
		l := letter(i)
		l.NextAttemptAt = time.Now().Add(time.Hour).UTC()
		q.Send(l)
		ids = append(ids, l.ID)
	}
	return ids
}

// status asks an engine for its state.
func status(t *testing.T, r *run) retry.Status {
	t.Helper()
	return look(t, r).Status
}

var errFull = errors.New("no space left on device")

func failing(delivery.Request, int) delivery.Result { return unavailable() }

// delivered is how many letters have been.
func (ep *endpoints) delivered() int {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return len(ep.accepted)
}

// attempted is how many letters have been.
func (ep *endpoints) attempted() int {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return len(ep.attempts)
}

// count is how many messages a queue has.
func (q *memQueue) count(in map[string]*message) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(in)
}

// count is how many letters were kept.
func (b *bin) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.kept)
}

// gone are the letters whose messages were deleted.
func (q *memQueue) gone() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.deleted)
}

// late sends a copy of a letter that nobody receives for a while.
func (q *memQueue) late(l *deadletter.Letter, after time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.put(q.waiting, l)
	q.waiting[fmt.Sprint("m", q.serial)].visibleAt = time.Now().Add(after)
}
