package localsqs

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"rehook/sqsclient/localsqs/seglog"
)

type receivedMessage struct {
	MessageId              string
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"`
}

// storeLeases brings leases to disk. If the disk does not take them, the receive goes on: the messages are only
// received again after a restart, as a standard queue may do.
func (s *Server) storeLeases(q *queue, got []taken) {
	records := make([][]byte, len(got))
	for i, g := range got {
		records[i] = leaseRecord(q.ID, g.message.seq, g.lease)
	}
	if err := s.log.Append(records...).Wait(); err != nil {
		s.report.Warn("queue store: leases were not written", "queue", q.Name, "error", err)
	}
	s.wantTidy()
}

// handBack undoes a receive whose answer did not arrive.
func (s *Server) handBack(d demand, got []taken) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := d.queue
	if d.attempt != "" {
		q.fifo.attempts.drop(d.attempt)
	}
	for _, g := range got {
		m := g.message
		if q.deleted || m.place == detached || m.lease.nonce != g.lease.nonce {
			continue // deleted, or received by somebody else
		}
		q.move(m, g.before, now())
		s.log.Append(leaseRecord(q.ID, m.seq, m.lease))
	}
}

// read makes the answer of a receive. A message that the disk does not give back is left out; the loss is reported. If it
// is damaged, its group goes on without it.
func (s *Server) read(q *queue, got []taken, in receiveMessageInput) []receivedMessage {
	messages := make([]receivedMessage, 0, len(got))
	for _, g := range got {
		c, err := s.content(g.message)
		if err != nil {
			s.report.Error("queue store: a message cannot be read", "queue", q.Name, "error", err)
			if errors.Is(err, seglog.ErrDamaged) {
				s.lose(q, g.message)
			}
			continue
		}
		messages = append(messages, received(q, g, c, in))
	}
	return messages
}

// lose takes a message that is damaged out of the index. Nothing is written: the next recovery looks again.
func (s *Server) lose(q *queue, m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.messages[m.seq] == m && m.place != detached {
		s.forget(q, m)
	}
}

// content reads a message from disk. Its record may be moved meanwhile; then it is read where it is now.
func (s *Server) content(m *message) (content, error) {
	for {
		at := s.position(m)
		record, err := s.log.Read(at)
		if errors.Is(err, seglog.ErrRemoved) && s.position(m) != at {
			continue
		}
		if err != nil {
			return content{}, err
		}
		return parseContent(record)
	}
}

func (s *Server) position(m *message) seglog.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return m.at
}

func received(q *queue, g taken, c content, in receiveMessageInput) receivedMessage {
	attributes := selectAttributes(c.Attributes, in.MessageAttributeNames)
	return receivedMessage{
		MessageId:              c.ID,
		ReceiptHandle:          receipt{queue: q.ID, seq: g.message.seq, nonce: g.lease.nonce}.handle(),
		Body:                   c.Body,
		MD5OfBody:              digestBody(c.Body),
		Attributes:             in.systemAttributes(g, c),
		MessageAttributes:      attributes,
		MD5OfMessageAttributes: digestAttributes(attributes),
	}
}

// systemAttributes returns those that were asked for, under either name of the parameter.
func (in receiveMessageInput) systemAttributes(g taken, c content) map[string]string {
	wanted := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	if len(wanted) == 0 {
		return nil
	}
	all := map[string]string{
		"SentTimestamp":                    g.message.sent.millis(),
		"ApproximateReceiveCount":          strconv.FormatUint(g.lease.receives, 10),
		"ApproximateFirstReceiveTimestamp": g.lease.firstReceived.millis(),
	}
	maps.Copy(all, c.System)
	if slices.Contains(wanted, "All") {
		return all
	}
	for name := range all {
		if !slices.Contains(wanted, name) {
			delete(all, name)
		}
	}
	return all
}
