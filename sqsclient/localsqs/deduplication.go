package localsqs

import (
	"cmp"
	"slices"
	"strconv"

	"rehook/sqsclient/localsqs/seglog"
)

// acceptance is what a FIFO queue has answered to a send, and answers to its duplicates, whatever became of the message.
type acceptance struct {
	identity
	seq       uint64
	sent      instant
	messageID string
	commit    seglog.Commit   // of the message; a duplicate is acknowledged no earlier
	at        seglog.Position // of the record that a recovery would have this from
	own       bool            // whether that is kindAccepted: the message's was in a segment that is gone
}

// bytes is what the acceptance takes on disk beside its message.
func (a *acceptance) bytes() int64 {
	if !a.own {
		return 0
	}
	return a.at.Bytes()
}

func (a *acceptance) sequenceNumber() string { return sequenceNumber(a.seq) }

// sequenceNumber has twenty digits, as SQS's have.
func sequenceNumber(seq uint64) string { return strconv.FormatUint(1e19+seq, 10) }

// accept gives a message its place in its group, and notes how its duplicates are answered.
func (q *queue) accept(m *message, id identity, messageID string) *acceptance {
	q.fifo.groups.join(m, id.group)
	a := &acceptance{identity: id, seq: m.seq, sent: m.sent, messageID: messageID}
	q.remember(a)
	return a
}

// unaccept undoes accept.
func (q *queue) unaccept(m *message, a *acceptance) {
	q.fifo.accepted.drop(q.scope(a.identity))
	q.fifo.groups.leave(m)
	q.wakeNext()
}

// acceptedBefore returns what q has answered to the first of which a message would be a duplicate, nil if there is none.
func (q *queue) acceptedBefore(id identity, t instant) *acceptance {
	if q.fifo == nil {
		return nil
	}
	return q.fifo.accepted.get(q.scope(id), t)
}

func (q *queue) remember(a *acceptance) { q.fifo.accepted.set(q.scope(a.identity), a, a.sent) }

// scope is the part of an identity that deduplication goes by.
func (q *queue) scope(id identity) identity {
	if q.setting("DeduplicationScope") == "queue" {
		id.group = ""
	}
	return id
}

// rescope remembers all by the scope as it is now.
func (q *queue) rescope() {
	before := q.fifo.accepted
	q.fifo.accepted = memory[identity, *acceptance]{}
	for a := range before.all {
		q.remember(a)
	}
}

// rememberAll takes what was read from disk, in the order of the records: the last of a message is the one that stays.
func (q *queue) rememberAll(read []*acceptance) {
	if q.fifo == nil {
		return
	}
	slices.SortStableFunc(read, func(a, b *acceptance) int { return cmp.Compare(a.sent, b.sent) })
	for _, a := range read {
		q.remember(a)
	}
}

// acceptedBytes is what all acceptances take on disk beside their messages.
func (q *queue) acceptedBytes() int64 {
	if q.fifo == nil {
		return 0
	}
	var n int64
	for a := range q.fifo.accepted.all {
		n += a.bytes()
	}
	return n
}

// acceptancesAtOnce is how many are written before requests may write.
const acceptancesAtOnce = 4096

// restoreAcceptances writes what FIFO queues must remember and have on disk in segment only.
func (s *Server) restoreAcceptances(segment uint32) error {
	for _, q := range s.queuesByID() {
		if q.fifo == nil {
			continue
		}
		for {
			found, commit := s.rewriteAcceptances(q, segment)
			if len(found) == 0 {
				break
			}
			if err := commit.Wait(); err != nil {
				return err
			}
			s.relocateAcceptances(q, found, commit)
		}
	}
	return nil
}

func (s *Server) rewriteAcceptances(q *queue, segment uint32) ([]*acceptance, seglog.Commit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*acceptance
	var records [][]byte
	for a := range q.fifo.accepted.all {
		if a.at.Segment == segment && a.at != (seglog.Position{}) && len(found) < acceptancesAtOnce {
			found = append(found, a)
			records = append(records, acceptedRecord(q.ID, a))
		}
	}
	return found, s.log.Append(records...)
}

func (s *Server) relocateAcceptances(q *queue, moved []*acceptance, commit seglog.Commit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := q.acceptedBytes()
	for i, a := range moved {
		a.at, a.own = commit.Position(i), true
	}
	if !q.deleted {
		s.liveBytes += q.acceptedBytes() - before
	}
}
