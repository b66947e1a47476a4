package localsqs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

const (
	maxMoveRate    = 500
	maxTasksListed = 10 // and kept of a queue
)

// taskStatus is how far a move task is, as SQS says it.
type taskStatus string

const (
	taskRunning    taskStatus = "RUNNING"
	taskCancelling taskStatus = "CANCELLING" // its last messages are being moved
	taskCancelled  taskStatus = "CANCELLED"
	taskCompleted  taskStatus = "COMPLETED"
	taskFailed     taskStatus = "FAILED"
)

// moveTask brings what was ready in a dead letter queue when it started to where it came from, or to another queue.
type moveTask struct {
	id          string
	from        *queue
	destination string // its ARN; "" if each message goes to where it came from
	rate        *int   // messages a second; nil for as fast as it goes
	toMove      int
	started     instant

	status taskStatus
	moved  int
	reason string // of the failure
	busy   bool   // moving messages just now
	next   instant
}

func (t *moveTask) active() bool { return t.status == taskRunning || t.status == taskCancelling }

// taskHandle is what a task handle holds.
type taskHandle struct {
	TaskID    string `json:"taskId"`
	SourceARN string `json:"sourceArn"`
}

func (s *Server) handle(t *moveTask) string {
	text, _ := json.Marshal(taskHandle{t.id, s.arn(t.from.Name)}) // two strings
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

// startMessageMoveTask has the messages of a dead letter queue moved while Serve runs.
func (s *Server) startMessageMoveTask(_ context.Context, _ *call, in startMoveTaskInput) (startMoveTaskOutput, error) {
	if in.SourceArn == "" {
		return startMoveTaskOutput{}, missingParameter("SourceArn")
	}
	if n := in.MaxNumberOfMessagesPerSecond; n != nil && (*n < 1 || *n > maxMoveRate) {
		return startMoveTaskOutput{}, invalidParameter("Value %d for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and %d.", *n, maxMoveRate)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.movable(in)
	if err != nil {
		return startMoveTaskOutput{}, err
	}
	t := now()
	s.settle(q, t)
	task := &moveTask{
		id: uuid.NewString(), from: q, destination: in.DestinationArn, rate: in.MaxNumberOfMessagesPerSecond,
		toMove: q.counts[ready], started: t, status: taskRunning, next: t,
	}
	if len(q.tasks) == maxTasksListed {
		q.tasks = slices.Delete(q.tasks, 0, 1)
	}
	q.tasks = append(q.tasks, task)
	s.wantMoves()
	return startMoveTaskOutput{s.handle(task)}, nil
}

// movable returns the queue that a task moves from, or why there can be no such task.
func (s *Server) movable(in startMoveTaskInput) (*queue, error) {
	q := s.queueByARN(in.SourceArn)
	switch {
	case q == nil:
		return nil, noResource("SourceArn")
	case !s.hasSources(q):
		return nil, invalidParameter("Source queue must be configured as a Dead Letter Queue.")
	case slices.ContainsFunc(q.tasks, (*moveTask).active):
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

// listMessageMoveTasks returns the tasks of a dead letter queue, the newest first. Those of before a restart are not known.
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
		Status: string(t.status), SourceArn: s.arn(t.from.Name), DestinationArn: t.destination, MaxNumberOfMessagesPerSecond: t.rate,
		ApproximateNumberOfMessagesMoved: t.moved, ApproximateNumberOfMessagesToMove: t.toMove,
		FailureReason: t.reason, StartedTimestamp: t.started.unixMilli(),
	}
	if t.status == taskRunning {
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
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queueByARN(h.SourceARN)
	if q == nil {
		return cancelMoveTaskOutput{}, noResource("SourceArn")
	}
	i := slices.IndexFunc(q.tasks, func(t *moveTask) bool { return t.id == h.TaskID && t.status == taskRunning })
	if i < 0 {
		return cancelMoveTaskOutput{}, resourceNotFound()
	}
	task := q.tasks[i]
	task.status = taskCancelling
	if !task.busy {
		task.status = taskCancelled
	}
	return cancelMoveTaskOutput{task.moved}, nil
}
