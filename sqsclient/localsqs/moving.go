package localsqs

import (
	"context"
	"errors"
	"time"
)

// retryMove is how long a move task waits when the disk did not take its messages.
const retryMove = 10 * time.Second

var errNoSource = errors.New("the message does not say where it came from")

// keepMoving runs move tasks until ctx ends, each at its own rate. They go on when it is called again, in this process or
// the next.
func (s *Server) keepMoving(ctx context.Context) {
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	defer s.wantMoves() // another Serve may go on
	for {
		select {
		case <-ctx.Done():
			return
		case <-alarm.C:
		case <-s.moves:
		}
		for task := s.nextTask(); task != nil && ctx.Err() == nil; task = s.nextTask() {
			s.step(task)
		}
		if wait, any := s.untilNextTask(); any {
			alarm.Reset(wait)
		}
	}
}

// wantMoves tells keepMoving of a new task.
func (s *Server) wantMoves() {
	select {
	case s.moves <- struct{}{}:
	default: // told already
	}
}

// nextTask returns the task whose turn has come and is longest past, nil if there is none.
func (s *Server) nextTask() *moveTask {
	s.mu.Lock()
	defer s.mu.Unlock()
	if task := s.earliestTask(); task != nil && task.next <= now() {
		return task
	}
	return nil
}

func (s *Server) untilNextTask() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	task := s.earliestTask()
	if task == nil {
		return 0, false
	}
	return max(0, task.next.since(now())), true
}

// earliestTask is the first to have its turn; s.mu is held.
func (s *Server) earliestTask() *moveTask {
	var earliest *moveTask
	for _, q := range s.queues {
		for _, task := range q.tasks {
			if task.running() && (earliest == nil || task.next < earliest.next) {
				earliest = task
			}
		}
	}
	return earliest
}

// step moves the next messages of a task.
func (s *Server) step(task *moveTask) {
	s.moving.Lock()
	defer s.moving.Unlock()
	s.landing.RLock()
	defer s.landing.RUnlock()
	p, mine := s.beginStep(task)
	if !mine {
		return
	}
	moved, err := s.carry(p)
	s.endStep(task, p, moved, err)
}

// beginStep takes as many messages as are due; mine is false if the turn was another's: there may be several to run tasks.
func (s *Server) beginStep(task *moveTask) (p *passage, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, t := task.from, now()
	if !task.running() || task.next > t || q.deleted {
		return nil, false
	}
	p = &passage{from: q, anew: true, where: func(c content) (*queue, error) { return s.returning(task, c) }}
	s.settle(q, t)
	for limit := task.atOnce(); len(p.messages) < limit && !p.full(); {
		m := q.due.first()
		if m == nil {
			break
		}
		p.add(m)
	}
	return p, true
}

// atOnce is how many messages a task may move in one step: a tenth of a second's, of those that it has left.
func (t *moveTask) atOnce() int {
	left := t.ToMove - t.Moved
	if t.Rate == nil {
		return left
	}
	return min(left, max(1, *t.Rate/10))
}

// returning is where a message goes; s.mu is held.
func (s *Server) returning(task *moveTask, c content) (*queue, error) {
	arn := task.Destination
	if arn == "" {
		arn = c.System[deadLetterSource]
	}
	if arn == "" {
		return nil, errNoSource
	}
	if to := s.queueByARN(arn); to != nil && to != task.from && (to.fifo == nil) == (task.from.fifo == nil) {
		return to, nil
	}
	return nil, queueDoesNotExist()
}

// endStep notes what a step has done. If it was the last, nobody is told so before that is on disk.
func (s *Server) endStep(task *moveTask, p *passage, moved int, err error) {
	if as := s.afterStep(task, p, moved, err); !as.running() {
		_ = s.endChange(s.beginChange(task, as)) // reported; it ends with a later step then
	}
}

// afterStep counts what a step has moved, and returns what becomes of the task.
func (s *Server) afterStep(task *moveTask, p *passage, moved int, err error) moveRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	task.Moved += moved
	task.next = now()
	if task.Rate != nil {
		task.next = task.next.add(time.Duration(len(p.messages)) * time.Second / time.Duration(*task.Rate))
	}
	as := task.moveRecord
	var f *fault
	switch {
	case errors.Is(err, errNoSource):
		as.Status, as.Reason = taskFailed, "CouldNotDetermineMessageSource"
	case errors.As(err, &f) && f.sender():
		as.Status, as.Reason = taskFailed, f.query
	case err == nil && (len(p.messages) == 0 || as.Moved >= as.ToMove):
		as.Status = taskCompleted
	}
	if err != nil || !as.running() {
		task.next = now().add(retryMove)
	}
	return as
}
