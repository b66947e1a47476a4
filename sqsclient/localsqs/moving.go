package localsqs

import (
	"context"
	"errors"
	"time"
)

// retryMove is how long a move task waits when the disk did not take its messages.
const retryMove = 10 * time.Second

var errNoSource = errors.New("the message does not say where it came from")

// keepMoving runs move tasks until ctx ends, each at its own rate. The tasks go no further then, unless it is called
// again.
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

// earliestTask is the first to have its turn of those that nobody is busy with; s.mu is held.
func (s *Server) earliestTask() *moveTask {
	var earliest *moveTask
	for _, q := range s.queues {
		for _, task := range q.tasks {
			if task.status == taskRunning && !task.busy && (earliest == nil || task.next < earliest.next) {
				earliest = task
			}
		}
	}
	return earliest
}

// step moves the next messages of a task.
func (s *Server) step(task *moveTask) {
	s.landing.RLock()
	defer s.landing.RUnlock()
	p, mine := s.beginStep(task)
	if !mine {
		return
	}
	moved, err := s.carry(p)
	s.endStep(task, p, moved, err)
}

// beginStep takes as many messages as are due; mine is false if there is nothing to do for the task.
func (s *Server) beginStep(task *moveTask) (p *passage, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if task.status != taskRunning || task.busy {
		return nil, false
	}
	task.busy = true
	q := task.from
	p = &passage{from: q, anew: true, where: func(c content) (*queue, error) { return s.returning(task, c) }}
	t := now()
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
	left := t.toMove - t.moved
	if t.rate == nil {
		return left
	}
	return min(left, max(1, *t.rate/10))
}

// returning is where a message goes; s.mu is held.
func (s *Server) returning(task *moveTask, c content) (*queue, error) {
	arn := task.destination
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

// endStep notes what a step has done, and whether it was the last.
func (s *Server) endStep(task *moveTask, p *passage, moved int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	task.busy = false
	task.moved += moved
	task.next = now()
	if task.rate != nil {
		task.next = task.next.add(time.Duration(len(p.messages)) * time.Second / time.Duration(*task.rate))
	}
	var f *fault
	switch {
	case errors.Is(err, errNoSource):
		task.status, task.reason = taskFailed, "CouldNotDetermineMessageSource"
	case errors.As(err, &f) && f.sender():
		task.status, task.reason = taskFailed, f.query
	case task.status == taskCancelling:
		task.status = taskCancelled
	case err != nil:
		task.next = now().add(retryMove)
	case len(p.messages) == 0 || task.moved >= task.toMove:
		task.status = taskCompleted
	}
}
