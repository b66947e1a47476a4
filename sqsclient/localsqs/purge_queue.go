package localsqs

import (
	"context"
	"time"
)

// purgePause is how long SQS refuses another purge of a queue.
const purgePause = time.Minute

// purgeQueue deletes what is in a queue: ready, delayed and in flight.
func (s *Server) purgeQueue(_ context.Context, _ *call, in queueInput) (nothing, error) {
	s.landing.RLock()
	defer s.landing.RUnlock()
	s.mu.Lock()
	q, err := s.queueAt(in.QueueUrl)
	if err != nil {
		s.mu.Unlock()
		return nothing{}, err
	}
	t := now()
	if q.purgedAt != 0 && t.since(q.purgedAt) < purgePause {
		s.mu.Unlock()
		return nothing{}, purgeInProgress(q.Name)
	}
	removal := s.beginRemoval(q, q.age.all()...)
	s.mu.Unlock()
	if err := s.endRemoval(removal); err != nil {
		return nothing{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q.purgedAt = t
	return nothing{}, nil
}
