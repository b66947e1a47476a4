package localsqs

import (
	"slices"

	"rehook/sqsclient/localsqs/seglog"
)

// removal is messages that are being deleted: nobody receives them any more, and they come back if the disk does not
// take it.
type removal struct {
	queue    *queue
	messages []*message
	commit   seglog.Commit
}

// beginRemoval hides messages and appends the record of their deletion. s.landing (for reading) and s.mu are held;
// endRemoval follows with s.landing still held, s.mu not.
func (s *Server) beginRemoval(q *queue, messages ...*message) removal {
	r := removal{queue: q, messages: slices.Clone(messages)}
	for _, m := range r.messages {
		q.detach(m)
	}
	r.commit = s.log.Append(removedRecord(q.ID, r.messages))
	return r
}

// endRemoval waits until the deletion is on disk.
func (s *Server) endRemoval(r removal) error {
	err := r.commit.Wait()
	s.finishRemoval(r, err)
	if err != nil {
		return s.notStored("a deletion", err)
	}
	s.wantTidy()
	return nil
}

func (s *Server) finishRemoval(r removal, failed error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range r.messages {
		switch {
		case r.queue.messages[m.seq] != m: // the queue was deleted meanwhile
		case failed == nil:
			s.forget(r.queue, m)
		case m.place == detached:
			r.queue.attach(m, now())
		}
	}
}

// forget takes a message out of memory.
func (s *Server) forget(q *queue, m *message) {
	q.detach(m)
	delete(q.messages, m.seq)
	q.due.leave(m)
	if q.fifo != nil {
		q.wakeNext() // its group may go on
	}
	s.liveBytes -= m.at.Bytes()
}
