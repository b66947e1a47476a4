package localsqs

import (
	"context"
	"fmt"
	"time"
)

const (
	// tidyEvery is how often messages past their retention are looked for when nobody asks for any.
	tidyEvery = time.Minute
	// garbageSlack is how many bytes may lie dead on disk whatever the live ones are.
	garbageSlack = 4 << 20
)

// keepTidy expires messages and gives disk space back until ctx ends. What cannot be given back now, on a full disk for
// example, is tried again with the next tick.
func (s *Server) keepTidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for asked := s.tidy; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			asked = s.tidy
			s.expireAll()
		case <-asked:
		}
		if err := s.reclaim(ctx); err != nil {
			s.report.Warn("queue store: could not give disk space back yet", "error", err)
			asked = nil
		}
	}
}

// wantTidy asks keepTidy to look for space to give back, if there is enough of it.
func (s *Server) wantTidy() {
	if !s.wasteful() {
		return
	}
	select {
	case s.tidy <- struct{}{}:
	default: // asked already
	}
}

// wasteful reports whether more than half of what is on disk is dead. Freeing a byte then costs the writing of one,
// at most.
func (s *Server) wasteful() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Bytes() > 2*s.liveBytes+garbageSlack
}

func (s *Server) expireAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := now()
	for _, q := range s.queues {
		s.settle(q, t)
	}
}

// settle brings q up to date with the time: what is past its retention goes, what is due is ready.
func (s *Server) settle(q *queue, t instant) {
	if old := q.expired(t); len(old) > 0 {
		// Nobody waits for this record: were it lost, the messages would expire again.
		s.log.Append(removedRecord(q.ID, old))
		for _, m := range old {
			s.forget(q, m)
		}
	}
	s.liveBytes -= q.forgetOld(t)
	q.promote(t)
}

// reclaim removes segments from the oldest on, until little enough on disk is dead.
func (s *Server) reclaim(ctx context.Context) error {
	for ctx.Err() == nil && s.wasteful() {
		segment, sealed := s.log.Oldest()
		if !sealed {
			s.log.Seal() // the active one is all there is
			continue
		}
		if err := s.evacuate(segment); err != nil {
			return fmt.Errorf("segment %d: %w", segment, err)
		}
	}
	return nil
}
