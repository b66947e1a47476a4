package localsqs

import "rehook/sqsclient/localsqs/seglog"

// copyBytes is how much an evacuation writes before it lets requests write.
const copyBytes = 1 << 20

// evacuate writes what is still needed of the oldest segment again, at the end of the log, and removes it.
func (s *Server) evacuate(segment uint32) error {
	s.awaitLanding()
	e := evacuation{server: s, queues: s.queuesByID()}
	if err := s.log.Walk(segment, e.record); err != nil {
		return err
	}
	if err := e.flush(); err != nil {
		return err
	}
	if err := s.restoreDefinitions(segment); err != nil {
		return err
	}
	if err := s.restoreAcceptances(segment); err != nil {
		return err
	}
	if err := s.restoreTasks(segment); err != nil {
		return err
	}
	if err := s.keepNext(); err != nil {
		return err
	}
	if n := s.dropUnreadable(segment); n > 0 {
		s.report.Error("queue store: messages lost to damage on disk", "segment", segment, "messages", n)
	}
	return s.log.RemoveOldest(segment)
}

// awaitLanding returns when the index knows the outcome of all that was being appended.
func (s *Server) awaitLanding() {
	s.landing.Lock()
	defer s.landing.Unlock()
}

func (s *Server) queuesByID() map[uint64]*queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	byID := make(map[uint64]*queue, len(s.queues))
	for _, q := range s.queues {
		byID[q.ID] = q
	}
	return byID
}

// evacuation copies live records, some at a time.
type evacuation struct {
	server *Server
	queues map[uint64]*queue
	copies []relocation
	bytes  int64
}

// relocation is a message whose record is being copied.
type relocation struct {
	queue   *queue
	message *message
	commit  seglog.Commit
}

// record copies a record of the segment, if it is a message that is needed. Leases and deletions overrule what came
// before them, and nothing that came before the oldest segment is left. A message that is copied takes its lease along.
func (e *evacuation) record(at seglog.Position, payload []byte) error {
	inner := unmoved(unkept(payload))
	if !isMessage(inner) {
		return nil
	}
	f := &fields{rest: inner[1:]}
	key := f.envelope()
	q := e.queues[key.queueID]
	if q == nil {
		return f.err
	}
	for !e.copyMessage(q, key.seq, at, payload) {
		// It is being deleted. A copy behind the record that says so would bring it back.
		e.server.awaitLanding()
	}
	if e.bytes < copyBytes {
		return nil
	}
	return e.flush()
}

// copyMessage appends a copy of a message with its lease, if the message is live. It is false if that cannot be said yet.
func (e *evacuation) copyMessage(q *queue, seq uint64, at seglog.Position, payload []byte) bool {
	s := e.server
	s.mu.Lock()
	defer s.mu.Unlock()
	m := q.messages[seq]
	if m == nil || m.at != at {
		return true
	}
	if m.place == detached {
		return false
	}
	e.copies = append(e.copies, relocation{q, m, s.log.Append(keptRecord(m.lease, payload))})
	e.bytes += at.Bytes()
	return true
}

// flush syncs the copies and points the index to them.
func (e *evacuation) flush() error {
	for _, c := range e.copies {
		if err := c.commit.Wait(); err != nil {
			return err
		}
	}
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	for _, c := range e.copies {
		m, at := c.message, c.commit.Position(0)
		if c.queue.messages[m.seq] == m {
			e.server.liveBytes += at.Bytes() - m.at.Bytes()
		}
		m.at = at
	}
	e.copies, e.bytes = nil, 0
	return nil
}

// restoreDefinitions writes the definitions that stand in segment again. Memory has them, whatever became of the disk's.
func (s *Server) restoreDefinitions(segment uint32) error {
	s.defining.Lock()
	defer s.defining.Unlock()
	for _, q := range s.queuesByID() {
		if q.at.Segment != segment {
			continue
		}
		if err := s.store(q, q.definition, func() {}); err != nil {
			return err
		}
	}
	return nil
}

// keepNext notes which numbers were used: the records that show it may all be given back.
func (s *Server) keepNext() error {
	s.mu.Lock()
	commit := s.log.Append(nextRecord(s.nextSeq, s.nextQueueID))
	s.mu.Unlock()
	return commit.Wait()
}

// dropUnreadable forgets messages whose record stood in segment and was not found there any more.
func (s *Server) dropUnreadable(segment uint32) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := 0
	for _, q := range s.queues {
		for _, m := range q.messages {
			if m.at.Segment == segment && m.place != detached {
				s.forget(q, m)
				lost++
			}
		}
	}
	return lost
}
