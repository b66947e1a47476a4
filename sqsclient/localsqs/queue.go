package localsqs

import (
	"slices"
	"time"

	"rehook/sqsclient/localsqs/seglog"
)

// queue is a queue in memory. ID, Name and Created never change; Server.mu guards everything else in it, and definition
// and at do not change either while Server.defining is held.
type queue struct {
	definition
	at       seglog.Position // of the definition
	redrive  *redrivePolicy  // as the definition has it; nil if it has none
	ending   bool            // its deletion is on its way to disk: nothing that moves may come here, it would go with it
	deleted  bool
	purgedAt instant

	messages map[uint64]*message // by seq, detached ones too
	due      lineup              // ready, as it is to be received
	fifo     *fifo               // nil in a standard queue
	waiting  pile                // delayed and in flight
	age      line                // all but detached
	counts   [places]int

	tasks []*moveTask // that move messages from here, the oldest first

	waiters []*waiter
	alarm   *time.Timer // wakes waiters when the first of waiting is due; nil before the first waiter
}

func newQueue(d definition) *queue {
	q := &queue{definition: d, redrive: redriveOf(d.Attributes), messages: map[uint64]*message{}, due: &openLine{newLine(byDue)}, waiting: pile{order: byDue}, age: newLine(byAge)}
	if isFIFO(d.Name) {
		q.fifo = newFIFO()
		q.due = &q.fifo.groups
	}
	return q
}

// bytes is what the definition takes on disk, 0 before it is there.
func (q *queue) bytes() int64 {
	if q.at == (seglog.Position{}) {
		return 0
	}
	return q.at.Bytes()
}

// attach puts m to where it belongs at t, and wakes a waiter if that makes it ready.
func (q *queue) attach(m *message, t instant) {
	q.messages[m.seq] = m
	q.age.add(m)
	q.put(m, t)
}

// attachAll attaches messages, each to an order in its turn.
func (q *queue) attachAll(messages []*message, t instant) {
	slices.SortFunc(messages, byAge.compare)
	for _, m := range messages {
		q.messages[m.seq] = m
		q.age.add(m)
	}
	slices.SortFunc(messages, byDue.compare)
	for _, m := range messages {
		q.put(m, t)
	}
}

// put gives m the place that its lease gives it at t.
func (q *queue) put(m *message, t instant) {
	m.place = m.placeAt(t)
	if m.place == ready {
		q.promote(m.lease.visibleAt) // first what is due earlier, so that all come in order
	}
	q.counts[m.place]++
	q.due.add(m)
	if m.place == ready {
		q.wakeNext()
		return
	}
	q.waiting.add(m)
	q.setAlarm(t)
}

// detach takes m out of all orders; it stays in messages. Nothing can receive it until it is attached again.
func (q *queue) detach(m *message) {
	if m.place != detached {
		q.withdraw(m, detached)
		q.age.remove(m)
	}
}

// withdraw takes m out of its place, to one that nothing can receive it from.
func (q *queue) withdraw(m *message, to place) {
	from := m.place
	m.place = to
	q.counts[from]--
	if from == ready {
		q.due.remove(m)
	} else {
		q.waiting.remove(m)
	}
}

// move gives m another lease.
func (q *queue) move(m *message, l lease, t instant) {
	q.withdraw(m, detached)
	m.lease = l
	q.put(m, t)
}

// promote makes ready what is due.
func (q *queue) promote(t instant) {
	for m := q.waiting.first(); m != nil && m.lease.visibleAt <= t; m = q.waiting.first() {
		q.withdraw(m, ready)
		q.counts[ready]++
		q.due.add(m)
		q.wakeNext()
	}
}

// expired detaches the messages that are past the queue's retention and returns them.
func (q *queue) expired(t instant) []*message {
	var old []*message
	retention := q.retention()
	for m := q.age.first(); m != nil && m.sent.add(retention) <= t; m = q.age.first() {
		q.detach(m)
		old = append(old, m)
	}
	return old
}

// give takes for a receive what it asks for, and adds to dead what it must not get any more. dead is nil if q keeps that.
func (q *queue) give(d demand, dead *passage, t instant) ([]taken, error) {
	if same, err := q.again(d, t); len(same) > 0 || err != nil {
		return same, err
	}
	got := q.take(d, dead, t)
	if d.attempt != "" && len(got) > 0 {
		q.fifo.attempts.set(d.attempt, got, t)
	}
	return got, nil
}

// take gives up to d.limit ready messages a lease until t plus d.visibility.
func (q *queue) take(d demand, dead *passage, t instant) []taken {
	var all []taken
	for len(all) < d.limit && q.counts[inFlight]+len(all) < maxInFlight {
		m := q.due.first()
		if m == nil {
			break
		}
		if dead != nil && q.exhausted(m) {
			if dead.full() {
				break
			}
			dead.add(m)
			continue
		}
		got := taken{message: m, before: m.lease}
		got.lease = lease{
			visibleAt:     t.add(d.visibility),
			receivedAt:    t,
			firstReceived: m.lease.firstReceived,
			receives:      m.lease.receives + 1,
			nonce:         newNonce(),
		}
		if got.lease.firstReceived == 0 {
			got.lease.firstReceived = t
		}
		q.withdraw(m, chosen)
		all = append(all, got)
	}
	// Only now, so that a visibility of 0 does not give one receive the same message twice.
	for _, got := range all {
		got.message.lease = got.lease
		q.put(got.message, t)
	}
	return all
}

// taken is a message that a receive has leased.
type taken struct {
	message *message
	lease   lease // what this receive gave it
	before  lease // what it had
}
