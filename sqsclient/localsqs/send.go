package localsqs

import (
	"context"
	"time"

	"github.com/google/uuid"

	"rehook/sqsclient/localsqs/seglog"
)

type sendMessageInput struct {
	QueueUrl string
	outgoing
}

type sendMessageOutput struct {
	MessageId                    string
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
	SequenceNumber               string `json:",omitempty"` // of FIFO queues
}

// sendMessage answers when the message is synced.
func (s *Server) sendMessage(_ context.Context, _ *call, in sendMessageInput) (sendMessageOutput, error) {
	if err := in.check(); err != nil {
		return sendMessageOutput{}, err
	}
	if in.size() > maxMessageBytes {
		return sendMessageOutput{}, tooLong(maxMessageBytes)
	}
	results, err := s.send(in.QueueUrl, []outgoing{in.outgoing})
	if err != nil {
		return sendMessageOutput{}, err
	}
	return results[0].out, results[0].err
}

type sendMessageBatchInput struct {
	QueueUrl string
	Entries  []sendBatchEntry
}

type sendBatchEntry struct {
	batchID
	outgoing
}

type sendBatchSuccess struct {
	batchID
	sendMessageOutput
}

// sendMessageBatch sends the entries that can be sent, with one sync.
func (s *Server) sendMessageBatch(_ context.Context, _ *call, in sendMessageBatchInput) (batchOutput[sendBatchSuccess], error) {
	var out batchOutput[sendBatchSuccess]
	if err := checkBatch(in.Entries); err != nil {
		return out, err
	}
	size := 0
	var sound []outgoing
	var ids []batchID
	for _, entry := range in.Entries {
		size += entry.size()
		if err := entry.check(); err != nil {
			out.fail(entry.batchID, err)
			continue
		}
		sound, ids = append(sound, entry.outgoing), append(ids, entry.batchID)
	}
	if size > maxMessageBytes {
		return batchOutput[sendBatchSuccess]{}, prefixed("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessageBytes, size)
	}
	results, err := s.send(in.QueueUrl, sound)
	if err != nil {
		return batchOutput[sendBatchSuccess]{}, err
	}
	for i, r := range results {
		out.add(ids[i], sendBatchSuccess{ids[i], r.out}, r.err)
	}
	return out, nil
}

// sendResult is what became of one message.
type sendResult struct {
	out sendMessageOutput
	err error
}

// send brings messages to disk and then into their queue. The error is about all of them.
func (s *Server) send(queueURL string, messages []outgoing) ([]sendResult, error) {
	s.landing.RLock()
	defer s.landing.RUnlock()
	x, err := s.admit(queueURL, messages)
	if err != nil {
		return nil, err
	}
	if err := x.commit.Wait(); err != nil {
		s.abandon(x)
		return nil, s.notStored("a message", err)
	}
	for i, original := range x.originals {
		if err := original.commit.Wait(); err != nil {
			x.results[i] = sendResult{err: s.notStored("a message", err)}
		}
	}
	return x.results, s.enter(x)
}

// shipment is messages on their way to disk and into their queue.
type shipment struct {
	queue     *queue
	arrivals  []arrival
	originals map[int]*acceptance // by the index of their duplicates among the results
	results   []sendResult
	commit    seglog.Commit // of arrivals
}

type arrival struct {
	id       string // of the message, as the client sees it
	message  *message
	accepted *acceptance // by a FIFO queue, else nil
}

func (a arrival) sequenceNumber() string {
	if a.accepted == nil {
		return ""
	}
	return a.accepted.sequenceNumber()
}

// admit gives messages their numbers and times, or what is wrong with them for this queue, and appends them to the log in
// that order.
func (s *Server) admit(queueURL string, messages []outgoing) (*shipment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(queueURL)
	if err != nil {
		return nil, err
	}
	ids := make([]identity, len(messages))
	for i, m := range messages {
		if ids[i], err = q.identify(m); err != nil {
			return nil, err
		}
	}
	t := now()
	s.liveBytes -= q.forgetOld(t)
	x := &shipment{queue: q, results: make([]sendResult, len(messages)), originals: map[int]*acceptance{}}
	var records [][]byte
	for i, m := range messages {
		r := &x.results[i]
		if r.err = q.refuses(m); r.err != nil {
			continue
		}
		if original := q.acceptedBefore(ids[i], t); original != nil {
			x.originals[i] = original
			r.out = m.output(original.messageID, original.sequenceNumber())
			continue
		}
		a, record := s.arrive(q, m, ids[i], t)
		r.out = m.output(a.id, a.sequenceNumber())
		x.arrivals, records = append(x.arrivals, a), append(records, record)
	}
	x.commit = s.log.Append(records...)
	for _, a := range x.arrivals {
		if a.accepted != nil {
			a.accepted.commit = x.commit
		}
	}
	return x, nil
}

// arrive gives a message its number, and its place in its group if there is one, and returns its record.
func (s *Server) arrive(q *queue, m outgoing, id identity, t instant) (arrival, []byte) {
	e := envelope{queueID: q.ID, seq: s.nextSeq, sent: t, visibleAt: t.add(m.delay(q))}
	s.nextSeq++
	c := m.content(uuid.NewString(), s.account, q.fifo != nil)
	a := arrival{id: c.ID, message: &message{seq: e.seq, sent: e.sent, lease: lease{visibleAt: e.visibleAt}}}
	if q.fifo == nil {
		return a, messageRecord(e, c)
	}
	a.accepted = q.accept(a.message, id, c.ID)
	return a, fifoRecord(e, id, c)
}

// enter puts messages that are on disk into their queue.
func (s *Server) enter(x *shipment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.queue.deleted {
		return queueDoesNotExist()
	}
	t := now()
	for i, a := range x.arrivals {
		a.message.at = x.commit.Position(i)
		if a.accepted != nil {
			a.accepted.at = a.message.at
		}
		s.liveBytes += a.message.at.Bytes()
		x.queue.attach(a.message, t)
	}
	return nil
}

// abandon forgets messages that did not reach the disk.
func (s *Server) abandon(x *shipment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range x.arrivals {
		if a.accepted != nil {
			x.queue.unaccept(a.message, a.accepted)
		}
	}
}

// delay is how long the message stays hidden: its own wish, else the queue's, which alone counts in a FIFO queue.
func (m outgoing) delay(q *queue) time.Duration {
	if m.DelaySeconds == nil || q.fifo != nil {
		return q.duration("DelaySeconds")
	}
	return time.Duration(*m.DelaySeconds) * time.Second
}
