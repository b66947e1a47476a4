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
	q, arrivals, results, err := s.admit(queueURL, messages)
	if err != nil {
		return nil, err
	}
	records := make([][]byte, len(arrivals))
	for i, a := range arrivals {
		records[i] = messageRecord(a.envelope, a.content)
	}
	commit := s.log.Append(records...)
	if err := commit.Wait(); err != nil {
		return nil, s.notStored("a message", err)
	}
	return results, s.enter(q, arrivals, commit)
}

// arrival is a message on its way to disk.
type arrival struct {
	envelope
	content
}

// admit gives messages their numbers and times, or what is wrong with them for this queue.
func (s *Server) admit(queueURL string, messages []outgoing) (*queue, []arrival, []sendResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(queueURL)
	if err != nil {
		return nil, nil, nil, err
	}
	t := now()
	var arrivals []arrival
	results := make([]sendResult, len(messages))
	for i, m := range messages {
		if limit := q.number("MaximumMessageSize"); int64(m.size()) > limit {
			results[i].err = tooLong(limit)
			continue
		}
		id := uuid.NewString()
		e := envelope{queueID: q.ID, seq: s.nextSeq, sent: t, visibleAt: t.add(m.delay(q))}
		s.nextSeq++
		arrivals = append(arrivals, arrival{e, m.content(id, s.account)})
		results[i].out = m.output(id)
	}
	return q, arrivals, results, nil
}

// enter puts messages that are on disk into their queue.
func (s *Server) enter(q *queue, arrivals []arrival, commit seglog.Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.deleted {
		return queueDoesNotExist()
	}
	t := now()
	for i, a := range arrivals {
		m := &message{seq: a.seq, at: commit.Position(i), sent: a.sent, lease: lease{visibleAt: a.visibleAt}}
		s.liveBytes += m.at.Bytes()
		q.attach(m, t)
	}
	return nil
}

// delay is how long the message stays hidden: its own wish, else the queue's.
func (m outgoing) delay(q *queue) time.Duration {
	if m.DelaySeconds == nil {
		return q.duration("DelaySeconds")
	}
	return time.Duration(*m.DelaySeconds) * time.Second
}
