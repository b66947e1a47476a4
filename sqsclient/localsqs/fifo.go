package localsqs

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

const fifoSuffix = ".fifo" // of a FIFO queue's name

func isFIFO(queueName string) bool { return strings.HasSuffix(queueName, fifoSuffix) }

// fifo is what a FIFO queue has besides what every queue has.
type fifo struct {
	groups   groups
	accepted memory[identity, *acceptance]
	attempts memory[string, []taken] // by ReceiveRequestAttemptId
}

func newFIFO() *fifo { return &fifo{groups: groups{byID: map[string]*group{}}} }

// identity is what makes two messages of a FIFO queue the same.
type identity struct {
	group, deduplication string
}

// identify returns the identity of a message that is sent to q, or what it lacks for having one. SQS refuses a whole
// batch for that.
func (q *queue) identify(m outgoing) (identity, error) {
	if q.fifo == nil {
		return identity{}, nil
	}
	id := identity{string(m.MessageGroupId), string(m.MessageDeduplicationId)}
	switch {
	case id.group == "":
		return id, missingParameter("MessageGroupId")
	case id.deduplication != "":
		return id, nil
	case q.setting("ContentBasedDeduplication") != "true":
		return id, invalidParameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	}
	sum := sha256.Sum256([]byte(m.MessageBody))
	id.deduplication = hex.EncodeToString(sum[:])
	return id, nil
}

// refuses says what a queue of this type and definition does not take of a message.
func (q *queue) refuses(m outgoing) error {
	if limit := q.number("MaximumMessageSize"); int64(m.size()) > limit {
		return tooLong(limit)
	}
	if q.fifo == nil && m.MessageDeduplicationId != "" {
		return wrongQueueType("MessageDeduplicationId", string(m.MessageDeduplicationId))
	}
	if q.fifo != nil && m.DelaySeconds != nil && *m.DelaySeconds != 0 {
		return wrongQueueType("DelaySeconds", strconv.Itoa(*m.DelaySeconds))
	}
	return nil
}

// readmit gives a message that was read from disk its place in its group. The earlier ones have theirs.
func (q *queue) readmit(m *message) {
	if q.fifo == nil {
		return
	}
	id := ""
	if m.group != nil {
		id = m.group.id
	}
	q.fifo.groups.join(m, id)
	if m.lease.receives == 0 {
		m.lease = q.unreceived(m)
	}
}

// unreceived is the lease of a FIFO queue's message before its first receive. The delay is the queue's, as it is now.
func (q *queue) unreceived(m *message) lease {
	return lease{visibleAt: m.sent.add(q.duration("DelaySeconds"))}
}

// redefine follows a change of a FIFO queue's definition: its delay and the scope of its deduplication hold for what is
// there, too. s.mu is held.
func (s *Server) redefine(q *queue, t instant) {
	if q.fifo == nil {
		return
	}
	s.liveBytes -= q.acceptedBytes()
	q.rescope()
	s.liveBytes += q.acceptedBytes()
	for _, m := range q.messages {
		if l := q.unreceived(m); m.place != detached && m.lease.receives == 0 && m.lease != l {
			q.move(m, l, t)
		}
	}
}

// forgetOld lets a FIFO queue forget what it need not remember at t. It returns how many bytes on disk that makes
// dead.
func (q *queue) forgetOld(t instant) int64 {
	if q.fifo == nil {
		return 0
	}
	var freed int64
	q.fifo.accepted.forget(t, func(a *acceptance) { freed += a.bytes() })
	q.fifo.attempts.forget(t, func([]taken) {})
	return freed
}

// again returns what an earlier receive with the same ReceiveRequestAttemptId got, with its leases begun anew. It is an
// error if any of that was deleted, changed or has become visible since, and nothing if there was no such receive.
func (q *queue) again(d demand, t instant) ([]taken, error) {
	if d.attempt == "" {
		return nil, nil
	}
	earlier := q.fifo.attempts.get(d.attempt, t)
	for _, g := range earlier {
		m := g.message
		if q.messages[m.seq] != m || m.place != inFlight || m.lease != g.lease {
			return nil, invalidParameter("Value %s for parameter ReceiveRequestAttemptId is invalid. Reason: The receiveRequestAttemptId is not valid anymore since the receive call is not retryable.", d.attempt)
		}
	}
	same := make([]taken, len(earlier))
	for i, g := range earlier {
		l := g.lease
		l.visibleAt = t.add(d.visibility)
		q.move(g.message, l, t)
		same[i] = taken{message: g.message, lease: l, before: g.before}
	}
	q.fifo.attempts.update(d.attempt, same)
	return same, nil
}
