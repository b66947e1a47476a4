package retry_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"rehook/retry/deadletter"
)

// memQueue is a model of a pair of SQS standard queues: bodies, leases, receipts, receive counts. A call can
// be lost before it takes effect, or its answer after.
type memQueue struct {
	mu        sync.Mutex // guards all below
	rand      *rand.Rand
	faults    float64 // the share of calls that fail
	waiting   map[string]*message
	parked    map[string]*message
	serial    int
	behind    time.Duration // its clock is
	arrival   chan struct{} // closed and renewed when something may have become visible
	calls     map[string]int
	deleted   []string                // ids of letters whose message was deleted, in order
	maxRetry  map[string]int          // highest retry_count written, by letter id
	grants    map[string]string       // message id to its lease's receipt
	lendsMost int                     // messages in flight at most, as SQS has it; 0: any number
	swept     time.Time               // when it last dropped what is too old
	expired   []string                // ids of letters whose message was dropped by retention
	tooLong   int                     // extensions that were refused because a lease lasts no longer than 12 h
	keeps     time.Duration           // retention of both queues, where it is not what it usually is
	order     func(a, b *message) int // in which messages are lent; nil: any
}

type message struct {
	id        string
	body      []byte
	sentAt    time.Time
	lentAt    time.Time // its latest receive
	visibleAt time.Time
	receipt   string
	receives  int
	serial    int
	lot       uint64
}

var (
	errFault   = errors.New("the network failed")
	errTooLong = errors.New("total visibility timeout beyond 12 h")
)

// overLimit is how SQS refuses to lend more.
type overLimit struct{}

func (overLimit) Error() string { return "too many messages are in flight" }

func (overLimit) Hint() string { return "end consumers that do not delete" }

func newMemQueue(seed uint64) *memQueue {
	return &memQueue{
		rand: rand.New(rand.NewPCG(seed, 1)), waiting: map[string]*message{}, parked: map[string]*message{},
		arrival: make(chan struct{}), calls: map[string]int{}, maxRetry: map[string]int{}, grants: map[string]string{},
	}
}

// begin decides a call's fate: it fails before it has an effect, or its answer is lost after.
func (q *memQueue) begin(op string) (before, after error) {
	q.calls[op]++
	if q.rand.Float64() >= q.faults {
		return nil, nil
	}
	if q.rand.IntN(2) == 0 {
		return errFault, nil
	}
	return nil, errFault
}

func (q *memQueue) wakeAll() {
	close(q.arrival)
	q.arrival = make(chan struct{})
}

func (q *memQueue) put(to map[string]*message, l *deadletter.Letter) {
	q.serial++
	m := &message{id: fmt.Sprintf("m%d", q.serial), body: l.Encode(), sentAt: time.Now().Add(-q.behind), serial: q.serial, lot: q.rand.Uint64()}
	to[m.id] = m
	q.maxRetry[l.ID] = max(q.maxRetry[l.ID], l.RetryCount)
	q.wakeAll()
}

// Send puts a letter into the waiting queue, as another program would.
func (q *memQueue) Send(l *deadletter.Letter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.put(q.waiting, l)
}

func (q *memQueue) Receive(ctx context.Context) ([]deadletter.Lease, error) {
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for {
		q.mu.Lock()
		before, after := q.begin("Receive")
		var leases []deadletter.Lease
		if before == nil && q.full() {
			before = overLimit{}
		}
		if before == nil {
			leases = q.lend(q.waiting)
		}
		var next time.Time
		if len(leases) == 0 {
			next = q.nextVisible(q.waiting)
		}
		arrival := q.arrival
		q.mu.Unlock()
		if err := errors.Join(before, after); err != nil {
			return nil, err // letters that were lent are lost until their lease ends
		}
		if len(leases) > 0 {
			return leases, nil
		}
		wake := time.NewTimer(time.Until(next))
		select {
		case <-arrival:
		case <-wake.C:
		case <-deadline.C:
			wake.Stop()
			return nil, nil
		case <-ctx.Done():
			wake.Stop()
			return nil, ctx.Err()
		}
		wake.Stop()
	}
}

func (q *memQueue) ReceiveParked(context.Context) ([]deadletter.Lease, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	before, after := q.begin("ReceiveParked")
	if err := errors.Join(before, after); err != nil {
		return nil, err
	}
	return q.lend(q.parked), nil
}

// full reports whether as many messages are in flight as may be.
func (q *memQueue) full() bool {
	if q.lendsMost == 0 {
		return false
	}
	lent := 0
	for _, m := range q.waiting {
		if m.visibleAt.After(time.Now()) {
			lent++
		}
	}
	return lent >= q.lendsMost
}

// expire drops what is older than its queue's retention, once a second.
func (q *memQueue) expire() {
	if time.Since(q.swept) < time.Second {
		return
	}
	q.swept = time.Now()
	q.sweep(q.waiting, q.Retention())
	q.sweep(q.parked, q.ParkedRetention())
}

func (q *memQueue) sweep(in map[string]*message, keeps time.Duration) {
	for id, m := range in {
		if time.Since(m.sentAt) >= keeps {
			q.expired = append(q.expired, deadletter.Read(m.body, nil, id).ID)
			delete(in, id)
		}
	}
}

// lendAgain makes a message visible while it is leased: SQS delivers at least once.
func (q *memQueue) lendAgain(l deadletter.Lease) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if m := q.waiting[l.MessageID]; m != nil {
		m.visibleAt = time.Now()
		q.wakeAll()
	}
}

// has reports whether a message of either queue carries a letter.
func (q *memQueue) has(id string) bool {
	for _, in := range []map[string]*message{q.waiting, q.parked} {
		for _, m := range in {
			if deadletter.Read(m.body, nil, m.id).ID == id {
				return true
			}
		}
	}
	return false
}

// lendParked receives parked letters for somebody else.
func (q *memQueue) lendParked() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lend(q.parked)
}

func (q *memQueue) lend(from map[string]*message) []deadletter.Lease {
	var leases []deadletter.Lease
	q.expire()
	now := time.Now()
	for m := range q.sequence(from) {
		if len(leases) == 10 {
			break
		}
		if m.visibleAt.After(now) {
			continue
		}
		m.receives++
		m.lentAt = now
		until := now.Add(30 * time.Second)
		if m.visibleAt = until; q.rand.Float64() < q.faults/4 {
			m.visibleAt = now // SQS delivers at least once: somebody else can receive it all the same
		}
		m.receipt = fmt.Sprintf("%s/%d", m.id, m.receives)
		leases = append(leases, deadletter.Lease{
			Letter: deadletter.Read(m.body, nil, m.id), MessageID: m.id, Receipt: m.receipt, Until: until, Receives: m.receives, SentAt: m.sentAt,
		})
	}
	return leases
}

// sequence gives messages as they are lent.
func (q *memQueue) sequence(in map[string]*message) iter.Seq[*message] {
	if q.order == nil {
		return maps.Values(in)
	}
	return slices.Values(slices.SortedFunc(maps.Values(in), q.order))
}

func bySending(a, b *message) int { return cmp.Compare(a.serial, b.serial) }

// byLot is no order of theirs, but the same one every time: a seed is to replay.
func byLot(a, b *message) int { return cmp.Compare(a.lot, b.lot) }

func (q *memQueue) nextVisible(in map[string]*message) time.Time {
	next := time.Now().Add(time.Hour)
	for _, m := range in {
		if m.visibleAt.Before(next) && m.visibleAt.After(time.Now()) {
			next = m.visibleAt
		}
	}
	return next
}

// drop deletes a message as SQS does: only by its latest receipt, and without a word otherwise.
func (q *memQueue) drop(l deadletter.Lease) {
	for _, in := range []map[string]*message{q.waiting, q.parked} {
		if m := in[l.MessageID]; m != nil && m.receipt == l.Receipt {
			delete(in, l.MessageID)
			q.deleted = append(q.deleted, l.Letter.ID)
		}
	}
}

func (q *memQueue) Delete(_ context.Context, l deadletter.Lease) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	before, after := q.begin("Delete")
	if before == nil {
		q.drop(l)
	}
	return errors.Join(before, after)
}

func (q *memQueue) Extend(_ context.Context, d time.Duration, leases ...deadletter.Lease) []error {
	errs := make([]error, len(leases))
	for i, l := range leases {
		errs[i] = q.extend(l, d)
	}
	return errs
}

// each has f called with all leases at once.
func each(leases []deadletter.Lease, f func(deadletter.Lease) error) []error {
	errs := make([]error, len(leases))
	var all sync.WaitGroup
	for i, l := range leases {
		all.Go(func() { errs[i] = f(l) })
	}
	all.Wait()
	return errs
}

func same(leases []deadletter.Lease, err error) []error {
	return slices.Repeat([]error{err}, len(leases))
}

func (q *memQueue) extend(l deadletter.Lease, d time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	before, after := q.begin("Extend")
	if before != nil {
		return before
	}
	for _, in := range []map[string]*message{q.waiting, q.parked} {
		if m := in[l.MessageID]; m != nil && m.receipt == l.Receipt && m.visibleAt.After(time.Now()) {
			if time.Since(m.lentAt)+d > 12*time.Hour {
				q.tooLong++
				return errTooLong
			}
			m.visibleAt = time.Now().Add(d)
			q.wakeAll()
			return after
		}
	}
	return deadletter.ErrLeaseLost
}

func (q *memQueue) move(op string, l deadletter.Lease, to map[string]*message, with *deadletter.Letter) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	before, after := q.begin(op)
	if before != nil {
		return before
	}
	q.put(to, with)
	if after != nil {
		return after // the send was accepted; the caller does not know it, and the old message is still there
	}
	if b, a := q.begin("DeleteAfter" + op); b != nil {
		return fmt.Errorf("%w: %w", deadletter.ErrNotDeleted, b)
	} else if q.drop(l); a != nil {
		return fmt.Errorf("%w: %w", deadletter.ErrNotDeleted, a)
	}
	return nil
}

func (q *memQueue) Replace(_ context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	return q.move("Replace", l, q.waiting, with)
}

func (q *memQueue) Park(_ context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	return q.move("Park", l, q.parked, with)
}

func (q *memQueue) Release(_ context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	return q.move("Release", l, q.waiting, with)
}

func (q *memQueue) Depth(context.Context) (deadletter.Depth, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls["Depth"]++
	d := deadletter.Depth{Parked: len(q.parked)}
	for _, m := range q.waiting {
		if m.visibleAt.After(time.Now()) {
			d.InFlight++
		} else {
			d.Visible++
		}
	}
	return d, nil
}

func (q *memQueue) Retention() time.Duration { return cmp.Or(q.keeps, 14*24*time.Hour) }

func (q *memQueue) ParkedRetention() time.Duration { return cmp.Or(q.keeps, 10*24*time.Hour) }

// called is how often something was asked.
func (q *memQueue) called(op string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.calls[op]
}

// setFaults changes how often calls fail.
func (q *memQueue) setFaults(share float64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.faults = share
}

// letters gives the letters of a queue by id; of copies the one with the highest retry count.
func (q *memQueue) letters(in map[string]*message) map[string]*deadletter.Letter {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := map[string]*deadletter.Letter{}
	for _, m := range in {
		l := deadletter.Read(m.body, nil, m.id)
		if have := all[l.ID]; have == nil || have.RetryCount < l.RetryCount {
			all[l.ID] = l
		}
	}
	return all
}
