package localsqs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"rehook/sqsclient/localsqs/seglog"
)

// recovery makes the index from the log. Messages may come before their queue's definition, which is written again
// when the segment that it stood in is removed.
type recovery struct {
	queues  map[uint64]*recovered
	gone    map[uint64]bool
	nextSeq uint64
	nextID  uint64
	opened  instant
}

type recovered struct {
	definition *definition // nil until it is read
	at         seglog.Position
	messages   map[uint64]*message
	tasks      map[uint64]*moveTask // by seq
	lastTask   *moveTask
	accepted   []*acceptance // by a FIFO queue, in the order of their records
}

func newRecovery() *recovery {
	return &recovery{queues: map[uint64]*recovered{}, gone: map[uint64]bool{}, nextSeq: 1, nextID: 1, opened: now()}
}

// record takes the next record of the log.
func (r *recovery) record(at seglog.Position, payload []byte) error {
	if len(payload) == 0 {
		return errMalformed
	}
	f := &fields{rest: payload[1:]}
	switch k := kind(payload[0]); k {
	case kindQueue:
		return r.define(at, payload[1:])
	case kindQueueGone:
		r.end(f.number())
	case kindTask:
		return r.task(at, payload[1:])
	case kindMoved:
		return r.moved(at, payload)
	case kindKept:
		return r.kept(at, f)
	case kindMessage:
		r.message(at, f.envelope(), nil)
	case kindFIFOMessage:
		r.fifoMessage(at, f)
	case kindAccepted:
		r.accepted(at, f)
	case kindNext:
		r.nextSeq, r.nextID = max(r.nextSeq, f.number()), max(r.nextID, f.number())
	case kindLease:
		r.lease(f)
	case kindRemoved:
		r.removed(f)
	default:
		return fmt.Errorf("record of kind %d: written by a later version of this program", k)
	}
	return f.err
}

func (r *recovery) define(at seglog.Position, text []byte) error {
	var d definition
	if err := json.Unmarshal(text, &d); err != nil {
		return fmt.Errorf("queue definition: %w", err)
	}
	if q := r.queue(d.ID); q != nil {
		q.definition, q.at = &d, at
	}
	return nil
}

// end forgets a queue for good: its id is not used again, so nothing that comes later can be meant for it.
func (r *recovery) end(id uint64) {
	r.nextID = max(r.nextID, id+1)
	r.gone[id] = true
	delete(r.queues, id)
}

// queue returns what is known of a queue, nil if it was deleted.
func (r *recovery) queue(id uint64) *recovered {
	r.nextID = max(r.nextID, id+1)
	if r.gone[id] {
		return nil
	}
	q := r.queues[id]
	if q == nil {
		q = &recovered{messages: map[uint64]*message{}, tasks: map[uint64]*moveTask{}}
		r.queues[id] = q
	}
	return q
}

// message returns what is known of the message now, nil if its queue was deleted.
func (r *recovery) message(at seglog.Position, e envelope, in *group) *message {
	q := r.queue(e.queueID)
	r.nextSeq = max(r.nextSeq, e.seq+1)
	if q == nil {
		return nil
	}
	if m := q.messages[e.seq]; m != nil {
		m.at = at // a copy that was made to free the segment of the first
		return m
	}
	m := &message{seq: e.seq, at: at, sent: e.sent, lease: lease{visibleAt: e.visibleAt}, group: in}
	q.messages[e.seq] = m
	return m
}

// moved takes a message out of one queue and puts it into another. A copy of the record says the first again, to no effect:
// sequence numbers are not used twice.
func (r *recovery) moved(at seglog.Position, payload []byte) error {
	f := &fields{rest: payload[1:]}
	from := f.origin()
	if inner := f.rest; f.err != nil || !isMessage(inner) {
		return errMalformed
	}
	fifo := kind(f.rest[0]) == kindFIFOMessage
	f.rest = f.rest[1:]
	e := f.envelope()
	var in *group
	if fifo {
		in = &group{id: f.identity().group}
	}
	if f.err != nil {
		return f.err
	}
	if q := r.queue(from.queueID); q != nil {
		q.left(from)
	}
	m := r.message(at, e, in)
	if m == nil {
		return nil
	}
	m.brought = from.receives
	if m.lease.nonce == 0 { // else this is a copy, and the lease is newer
		m.lease.firstReceived, m.lease.receives = from.firstReceived, from.receives
	}
	return nil
}

// kept takes a message that was written again, with the lease that it had by then.
func (r *recovery) kept(at seglog.Position, f *fields) error {
	l, record := f.lease(), f.rest
	sent := unmoved(record)
	if f.err != nil || !isMessage(sent) {
		return errMalformed
	}
	if err := r.record(at, record); err != nil {
		return err
	}
	key := (&fields{rest: sent[1:]}).envelope()
	if q := r.queue(key.queueID); q != nil && q.messages[key.seq] != nil {
		q.messages[key.seq].lease = l
	}
	return nil
}

// fifoMessage takes a message, and that it was accepted. Its group is put in order when all are known.
func (r *recovery) fifoMessage(at seglog.Position, f *fields) {
	e, id, messageID := f.envelope(), f.identity(), f.text()
	if f.err != nil {
		return
	}
	r.message(at, e, &group{id: id.group})
	r.remember(e.queueID, &acceptance{identity: id, seq: e.seq, sent: e.sent, messageID: messageID, at: at})
}

// accepted takes what is left of a message that may be gone.
func (r *recovery) accepted(at seglog.Position, f *fields) {
	queueID, a := f.number(), &acceptance{seq: f.number(), sent: f.instant(), identity: f.identity(), messageID: f.text(), at: at, own: true}
	r.nextSeq = max(r.nextSeq, a.seq+1)
	if f.err == nil {
		r.remember(queueID, a)
	}
}

func (r *recovery) remember(queueID uint64, a *acceptance) {
	if q := r.queue(queueID); q != nil && r.opened.since(a.sent) < remembering {
		q.accepted = append(q.accepted, a)
	}
}

func (r *recovery) lease(f *fields) {
	q, seq := r.queue(f.number()), f.number()
	l := f.lease()
	r.nextSeq = max(r.nextSeq, seq+1)
	if q == nil {
		return
	}
	if m := q.messages[seq]; m != nil && f.err == nil {
		m.lease = l
	}
}

func (r *recovery) removed(f *fields) {
	q := r.queue(f.number())
	for range f.count() {
		seq := f.number()
		r.nextSeq = max(r.nextSeq, seq+1)
		if q != nil && f.err == nil {
			delete(q.messages, seq)
		}
	}
}

// install gives the server what was found.
func (r *recovery) install(s *Server, t instant) {
	s.nextSeq, s.nextQueueID = r.nextSeq, r.nextID
	for id, found := range r.queues {
		if found.definition == nil {
			if n := len(found.messages); n > 0 {
				s.report.Error("queue store: messages of a queue whose definition was lost or deleted", "queue_id", id, "messages", n)
			}
			continue
		}
		q := newQueue(*found.definition)
		q.at = found.at
		s.queues[q.Name] = q
		s.liveBytes += q.at.Bytes()
		messages := slices.SortedFunc(maps.Values(found.messages), bySeq)
		for _, m := range messages {
			s.liveBytes += m.at.Bytes()
			q.readmit(m)
		}
		q.attachAll(messages, t)
		q.rememberAll(found.accepted)
		q.relist(found, t)
		s.liveBytes += q.acceptedBytes() + q.taskBytes()
	}
}

func bySeq(a, b *message) int { return cmp.Compare(a.seq, b.seq) }
