package localsqs

import "context"

type queueInput struct {
	QueueUrl string
}

// deleteQueue ends a queue and all that is in it, at once. Who waits for its messages hears that it does not exist.
func (s *Server) deleteQueue(_ context.Context, _ *call, in queueInput) (nothing, error) {
	s.defining.Lock()
	defer s.defining.Unlock()
	s.mu.Lock()
	q, err := s.queueAt(in.QueueUrl)
	s.mu.Unlock()
	if err != nil {
		return nothing{}, err
	}
	if err := s.log.Append(queueGoneRecord(q.ID)).Wait(); err != nil {
		return nothing{}, s.notStored("the deletion of a queue", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discard(q)
	return nothing{}, nil
}

// discard takes a queue whose end is on disk out of memory.
func (s *Server) discard(q *queue) {
	delete(s.queues, q.Name)
	q.deleted = true
	s.liveBytes -= q.bytes() + q.acceptedBytes()
	for _, m := range q.messages {
		s.forget(q, m)
	}
	if q.alarm != nil {
		q.alarm.Stop()
	}
	q.wakeAll()
}
