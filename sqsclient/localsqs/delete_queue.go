package localsqs

import "context"

type queueInput struct {
	QueueUrl string
}

// deleteQueue ends a queue and all that is in it, at once. Who waits for its messages hears that it does not exist.
func (s *Server) deleteQueue(_ context.Context, _ *call, in queueInput) (nothing, error) {
	s.defining.Lock()
	defer s.defining.Unlock()
	q, err := s.endQueue(in.QueueUrl, true)
	if err != nil {
		return nothing{}, err
	}
	if err := s.log.Append(queueGoneRecord(q.ID)).Wait(); err != nil {
		_, _ = s.endQueue(in.QueueUrl, false) // it is still there: s.defining is held
		return nothing{}, s.notStored("the deletion of a queue", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discard(q)
	return nothing{}, nil
}

// endQueue says whether a queue is about to be deleted. What moved to it before that has its record before the queue's end.
func (s *Server) endQueue(url string, ending bool) (*queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(url)
	if err == nil {
		q.ending = ending
	}
	return q, err
}

// discard takes a queue whose end is on disk out of memory.
func (s *Server) discard(q *queue) {
	delete(s.queues, q.Name)
	q.deleted = true
	s.liveBytes -= q.bytes() + q.acceptedBytes() + q.taskBytes()
	for _, m := range q.messages {
		s.forget(q, m)
	}
	if q.alarm != nil {
		q.alarm.Stop()
	}
	q.wakeAll()
}
