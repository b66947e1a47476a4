package retry

import (
	"cmp"
	"time"

	"rehook/retry/deadletter"
)

// item is a letter in the inventory. The loop owns it; letter and lease are copied to whoever works on it.
type item struct {
	letter *deadletter.Letter
	lease  deadletter.Lease // without a receipt while the queue has the letter on its way back
	lane   *lane
	url    string // the letter's endpoint as it may be shown

	state      state
	due        time.Time // not before
	why        Wait      // ForBackoff or ForRetryAfter, until due
	waitSince  time.Time
	receivedAt time.Time
	lentUntil  time.Time // no extension of its lease goes beyond this: it has to go back before
	backAt     time.Time // when a returning letter can be received again, at the latest
	unchanged  bool      // what returns is the letter as it is here, by its own message or by one that says the same
	unsaved    bool      // its message does not know of its last attempt
	heldBy     string
	parkAs     deadletter.ParkReason // it is to be parked, and that has not worked yet
	parkWhy    string
	forced     bool      // an operator wants it attempted now
	askedAt    time.Time // when it was asked for
	to, home   string    // where that attempt goes instead of to its own endpoint, and the lane of that
	editing    bool      // it is being replaced by what an operator made of it: the old one is still what counts
	extending  bool      // its lease is being extended

	arrived *deadletter.Lease // its replacement, received before we heard that the queue had taken it
	jobs    []*job            // commands that wait for its next attempt

	standing standing // in the figures of all letters

	lookAt time.Time // its lease is not looked at before
	looked int       // its place among those that are, from 1; 0: it is not there

	slot  *slot        // whose deck it is on
	in    *heap[*item] // the heap that holds it: the schedule, or its lane's ready letters
	place int
}

// state is where an item stands in the loop's own terms.
type state int

const (
	idle      state = iota // in the schedule, in its lane, or held
	returning              // replaced, or given back: the queue has it, and will hand it out again
	onDeck                 // next in a slot, as soon as the attempt before it has worked
	inFlight               // being attempted
	settling               // the queue is being told what came of the attempt
)

// states is how many there are.
const states = int(settling) + 1

// byDue orders letters of the schedule.
func byDue(a, b *item) bool { return a.due.Before(b.due) }

// byTurn orders the letters of a lane: by when they became due, then by age. What an operator wants now comes
// first, and the latest wish before a thousand letters of an earlier one; then what has been attempted before, so that an endpoint which fails every letter once is not taken
// to be down for all those that it would take now.
func byTurn(a, b *item) bool {
	if a.forced != b.forced {
		return a.forced
	}
	if a.forced && !a.askedAt.Equal(b.askedAt) {
		return a.askedAt.After(b.askedAt)
	}
	if again := a.letter.RetryCount > 0; again != (b.letter.RetryCount > 0) {
		return again
	}
	return cmp.Or(a.due.Compare(b.due), a.letter.Timestamp.Compare(b.letter.Timestamp)) < 0
}

// turnRank is a letter's rank among those of its lane, as byTurn has it.
func turnRank(it *item) uint64 {
	switch {
	case it.forced:
		return 1<<rankBits - 1 - rankOf(it.askedAt)
	case it.letter.RetryCount > 0:
		return 1<<rankBits | rankOf(it.due)
	}
	return 2<<rankBits | rankOf(it.due)
}

// newReady orders the letters of a lane.
func newReady() *heap[*item] {
	h := newItemHeap(byTurn)
	h.rank = turnRank
	return h
}

func newItemHeap(less func(a, b *item) bool) *heap[*item] {
	return &heap[*item]{less: less, place: func(it *item, i int) { it.place = i }}
}

// leave takes an item out of the heap that holds it.
func (it *item) leave() {
	if it.in != nil {
		it.in.remove(it.place)
		it.in = nil
	}
}

func (it *item) enter(h *heap[*item]) {
	it.in = h
	h.push(it)
}

// leased reports whether the lease still lasts for d.
func (it *item) leased(now time.Time, d time.Duration) bool {
	return it.lease.Receipt != "" && it.lease.Until.Sub(now) >= d
}
