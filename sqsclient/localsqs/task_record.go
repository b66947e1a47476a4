package localsqs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"rehook/sqsclient/localsqs/seglog"
)

// moveRecord is a move task as it is stored: when it starts, when it ends, and when a segment is given back that its count
// was read from. In between, the records of the messages that it moves say how far it is.
type moveRecord struct {
	ID          string     `json:"id"`
	Seq         uint64     `json:"seq"`                   // orders tasks; never used twice
	Queue       uint64     `json:"queue"`                 // that it moves from
	Destination string     `json:"destination,omitempty"` // its ARN; "" if each message goes to where it came from
	Rate        *int       `json:"rate,omitempty"`        // messages a second; nil for as fast as it goes
	ToMove      int        `json:"toMove"`
	Started     instant    `json:"started"`
	Status      taskStatus `json:"status"`
	Moved       int        `json:"moved"` // by the records before this one
	Reason      string     `json:"reason,omitempty"`
}

func (m moveRecord) record() []byte {
	text, _ := json.Marshal(m) // strings and numbers
	return append([]byte{byte(kindTask)}, text...)
}

// parseMoveRecord reads what record wrote, without its kind.
func parseMoveRecord(text []byte) (moveRecord, error) {
	var m moveRecord
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("move task: %w", err)
	}
	known := slices.Contains([]taskStatus{taskRunning, taskCompleted, taskCancelled, taskFailed}, m.Status)
	if !known || m.ToMove < 0 || m.Moved < 0 || m.Rate != nil && (*m.Rate < 1 || *m.Rate > maxMoveRate) {
		return m, errMalformed
	}
	return m, nil
}

// taskChange is a move task on its way to disk as it is to be from then on.
type taskChange struct {
	task   *moveTask
	as     moveRecord
	commit seglog.Commit
}

// beginChange appends the record of a change. s.moving and s.landing (for reading) are held; endChange follows with both
// still held, s.mu not.
func (s *Server) beginChange(task *moveTask, as moveRecord) taskChange {
	return taskChange{task, as, s.log.Append(as.record())}
}

// endChange waits until the change is on disk, and makes it in memory. A new task is listed then.
func (s *Server) endChange(c taskChange) error {
	if err := c.commit.Wait(); err != nil {
		return s.notStored("a move task", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := c.task.from
	before := q.taskBytes()
	if c.task.at == (seglog.Position{}) {
		q.tasks = newest(append(q.tasks, c.task))
	}
	c.task.moveRecord, c.task.at = c.as, c.commit.Position(0)
	if !q.deleted { // else with all its tasks
		s.liveBytes += q.taskBytes() - before
	}
	return nil
}

// newest are as many tasks as are listed.
func newest(tasks []*moveTask) []*moveTask {
	return slices.Delete(tasks, 0, max(0, len(tasks)-maxTasksListed))
}

// taskBytes is what the records of the tasks that are listed take on disk.
func (q *queue) taskBytes() int64 {
	var n int64
	for _, task := range q.tasks {
		n += task.at.Bytes()
	}
	return n
}

// restoreTasks writes the tasks again that stand in segment, and those that run: the messages that they have moved may
// have been counted from it.
func (s *Server) restoreTasks(segment uint32) error {
	s.moving.Lock()
	defer s.moving.Unlock()
	s.landing.RLock()
	defer s.landing.RUnlock()
	for _, c := range s.rewriteTasks(segment) {
		if err := s.endChange(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) rewriteTasks(segment uint32) []taskChange {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []taskChange
	for _, q := range s.queues {
		for _, task := range q.tasks {
			if task.running() || task.at.Segment == segment {
				changes = append(changes, s.beginChange(task, task.moveRecord))
			}
		}
	}
	return changes
}

// task takes a move task as it was from this record on.
func (r *recovery) task(at seglog.Position, text []byte) error {
	m, err := parseMoveRecord(text)
	if err != nil {
		return err
	}
	r.nextSeq = max(r.nextSeq, m.Seq+1)
	q := r.queue(m.Queue)
	if q == nil {
		return nil
	}
	task := &moveTask{moveRecord: m, at: at}
	q.tasks[m.Seq] = task
	if q.lastTask == nil || q.lastTask.Seq <= m.Seq {
		q.lastTask = task
	}
	return nil
}

// left takes a message out of a queue that it moved from. A move task makes it one that was never received; a redrive policy
// moves none such. Of a copy of the record the message is there no more, and does not count again.
func (q *recovered) left(from origin) {
	if q.messages[from.seq] != nil && from.receives == 0 && q.lastTask != nil && q.lastTask.running() {
		q.lastTask.Moved++
	}
	delete(q.messages, from.seq)
}

// relist gives q the tasks that were read from disk. Those that run go on at t. There is one at most, the last: of an
// earlier one the end was lost to damage.
func (q *queue) relist(found *recovered, t instant) {
	for _, seq := range slices.Sorted(maps.Keys(found.tasks)) {
		task := found.tasks[seq]
		if task.running() && task != found.lastTask {
			continue
		}
		task.from, task.next = q, t
		q.tasks = append(q.tasks, task)
	}
	q.tasks = newest(q.tasks)
}
