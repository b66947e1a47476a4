package localsqs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"rehook/sqsclient/localsqs/seglog"
)

const (
	maxMoveRate    = 500
	maxTasksListed = 10 // and kept of a queue
)

// taskStatus is how far a move task is, as SQS says it.
type taskStatus string

const (
	taskRunning   taskStatus = "RUNNING"
	taskCancelled taskStatus = "CANCELLED"
	taskCompleted taskStatus = "COMPLETED"
	taskFailed    taskStatus = "FAILED"
)

// moveTask brings what was ready in a dead letter queue when it started to where it came from, or to another queue. Who
// changes it holds Server.moving and Server.mu; to read it, one of them is enough.
type moveTask struct {
	moveRecord
	from *queue
	at   seglog.Position // of the latest record of it; zero before there is one
	next instant         // when it may move messages again
}

func (m moveRecord) running() bool { return m.Status == taskRunning }

// taskHandle is what a task handle holds.
type taskHandle struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func (s *Server) handle(t *moveTask) string {
	text, _ := json.Marshal(taskHandle{t.ID, s.arn(t.from.Name)}) // two strings
	return base64.StdEncoding.EncodeToString(text)
}

type startMoveTaskInput struct {
	SourceArn                    string
	DestinationArn               string
	MaxNumberOfMessagesPerSecond *int
}

type startMoveTaskOutput struct {
	TaskHandle string
}

// startMessageMoveTask has the messages of a dead letter queue moved while Serve runs, after a restart too.
func (s *Server) startMessageMoveTask(_ context.Context, _ *call, in startMoveTaskInput) (startMoveTaskOutput, error) {
	if in.SourceArn == "" {
		return startMoveTaskOutput{}, missingParameter("SourceArn")
	}
	if n := in.MaxNumberOfMessagesPerSecond; n != nil && (*n < 1 || *n > maxMoveRate) {
		return startMoveTaskOutput{}, invalidParameter("Value %d for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and %d.", *n, maxMoveRate)
	}
	s.moving.Lock()
	defer s.moving.Unlock()
	s.landing.RLock()
	defer s.landing.RUnlock()
	start, err := s.beginMoveTask(in)
	if err != nil {
		return startMoveTaskOutput{}, err
	}
	if err := s.endChange(start); err != nil {
		return startMoveTaskOutput{}, err
	}
	s.wantMoves()
	return startMoveTaskOutput{s.handle(start.task)}, nil
}

// beginMoveTask makes the task that is asked for. Its record stands before that of the end of its queue.
func (s *Server) beginMoveTask(in startMoveTaskInput) (taskChange, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.movable(in)
	if err != nil {
		return taskChange{}, err
	}
	t := now()
	s.settle(q, t)
	started := moveRecord{
		ID: uuid.NewString(), Seq: s.nextSeq, Queue: q.ID, Destination: in.DestinationArn, Rate: in.MaxNumberOfMessagesPerSecond,
		ToMove: q.counts[ready], Started: t, Status: taskRunning,
	}
	s.nextSeq++
	return s.beginChange(&moveTask{from: q, next: t}, started), nil
}

// movable returns the queue that a task moves from, or why there can be no such task; s.mu is held.
func (s *Server) movable(in startMoveTaskInput) (*queue, error) {
	q := s.queueByARN(in.SourceArn)
	switch {
	case q == nil:
		return nil, noResource("SourceArn")
	case !s.hasSources(q):
		return nil, invalidParameter("Source queue must be configured as a Dead Letter Queue.")
	case slices.ContainsFunc(q.tasks, func(t *moveTask) bool { return t.running() }):
		return nil, invalidParameter("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	case in.DestinationArn == "":
		return q, nil
	}
	to := s.queueByARN(in.DestinationArn)
	switch {
	case to == nil:
		return nil, noResource("DestinationArn")
	case to == q:
		return nil, invalidParameter("Source queue arn and destination queue arn cannot be the same.")
	case (to.fifo == nil) != (q.fifo == nil):
		return nil, invalidParameter("Source queue and destination queue must be of the same type.")
	}
	return q, nil
}

func (s *Server) hasSources(q *queue) bool {
	for _, source := range s.queues {
		if s.deadLetterQueue(source) == q {
			return true
		}
	}
	return false
}

func noResource(parameter string) *fault {
	f := resourceNotFound()
	f.message = "The resource that you specified for the " + parameter + " parameter doesn't exist."
	return f
}

func resourceNotFound() *fault {
	f := plain("ResourceNotFoundException", "Task does not exist.")
	f.status = http.StatusNotFound
	return f
}

type listMoveTasksInput struct {
	SourceArn  string
	MaxResults *int
}

type listMoveTasksOutput struct {
	Results []moveTaskResult
}

type moveTaskResult struct {
	TaskHandle                        string `json:",omitempty"`
	Status                            string
	SourceArn                         string
	DestinationArn                    string `json:",omitempty"`
	MaxNumberOfMessagesPerSecond      *int   `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int64
}

// listMessageMoveTasks returns the tasks of a dead letter queue, the newest first.
func (s *Server) listMessageMoveTasks(_ context.Context, _ *call, in listMoveTasksInput) (listMoveTasksOutput, error) {
	limit := 1
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	switch {
	case in.SourceArn == "":
		return listMoveTasksOutput{}, missingParameter("SourceArn")
	case limit < 1 || limit > maxTasksListed:
		return listMoveTasksOutput{}, invalidParameter("Value %d for parameter MaxResults is invalid. Reason: Must be between 1 and %d.", limit, maxTasksListed)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queueByARN(in.SourceArn)
	if q == nil {
		return listMoveTasksOutput{}, noResource("SourceArn")
	}
	out := listMoveTasksOutput{[]moveTaskResult{}}
	for _, task := range slices.Backward(q.tasks) {
		if len(out.Results) < limit {
			out.Results = append(out.Results, s.describe(task))
		}
	}
	return out, nil
}

func (s *Server) describe(t *moveTask) moveTaskResult {
	r := moveTaskResult{
		Status: string(t.Status), SourceArn: s.arn(t.from.Name), DestinationArn: t.Destination, MaxNumberOfMessagesPerSecond: t.Rate,
		ApproximateNumberOfMessagesMoved: t.Moved, ApproximateNumberOfMessagesToMove: t.ToMove,
		FailureReason: t.Reason, StartedTimestamp: t.Started.unixMilli(),
	}
	if t.running() {
		r.TaskHandle = s.handle(t)
	}
	return r
}

type cancelMoveTaskInput struct {
	TaskHandle string
}

type cancelMoveTaskOutput struct {
	ApproximateNumberOfMessagesMoved int
}

// cancelMessageMoveTask ends a task that is running. What it has moved stays where it is.
func (s *Server) cancelMessageMoveTask(_ context.Context, _ *call, in cancelMoveTaskInput) (cancelMoveTaskOutput, error) {
	if in.TaskHandle == "" {
		return cancelMoveTaskOutput{}, missingParameter("TaskHandle")
	}
	var h taskHandle
	text, err := base64.StdEncoding.DecodeString(in.TaskHandle)
	if err != nil || json.Unmarshal(text, &h) != nil || h.TaskID == "" || h.SourceARN == "" {
		return cancelMoveTaskOutput{}, invalidParameter("Value for parameter TaskHandle is invalid.")
	}
	s.moving.Lock() // after the messages that are on their way
	defer s.moving.Unlock()
	s.landing.RLock()
	defer s.landing.RUnlock()
	task, err := s.runningTask(h)
	if err != nil {
		return cancelMoveTaskOutput{}, err
	}
	cancelled := task.moveRecord
	cancelled.Status = taskCancelled
	return cancelMoveTaskOutput{cancelled.Moved}, s.endChange(s.beginChange(task, cancelled))
}

// runningTask finds the task of a handle.
func (s *Server) runningTask(h taskHandle) (*moveTask, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queueByARN(h.SourceARN)
	if q == nil {
		return nil, noResource("SourceArn")
	}
	i := slices.IndexFunc(q.tasks, func(t *moveTask) bool { return t.ID == h.TaskID && t.running() })
	if i < 0 {
		return nil, resourceNotFound()
	}
	return q.tasks[i], nil
}
