package localsqs_test

import (
	"context"
	"maps"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"pgregory.net/rapid"
)

// modelledMove is what a move task must be like.
type modelledMove struct {
	handle        string
	paced         bool // a message each turn
	toMove, moved int
	status        string
}

const (
	modelRate = 10
	modelTurn = time.Second / modelRate
)

// move is the task that runs, nil if there is none.
func (m *deadMachine) move() *modelledMove {
	if n := len(m.moves); n > 0 && m.moves[n-1].status == "RUNNING" {
		return m.moves[n-1]
	}
	return nil
}

// StartMove asks for a task. It moves nothing before Serve.
func (m *deadMachine) StartMove(rt *rapid.T) {
	in := &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arnOf("dead"))}
	paced := rapid.Bool().Draw(rt, "paced")
	if paced {
		in.MaxNumberOfMessagesPerSecond = aws.Int32(modelRate)
	}
	out, err := m.sqs.StartMessageMoveTask(m.t.Context(), in)
	if m.move() != nil {
		if err == nil {
			rt.Fatal("two tasks run at a time")
		}
		return
	}
	m.must(err)
	m.moves = append(m.moves, &modelledMove{handle: *out.TaskHandle, paced: paced, toMove: len(due(m.dead)), status: "RUNNING"})
}

func (m *deadMachine) CancelMove(rt *rapid.T) {
	task := m.move()
	if task == nil {
		rt.Skip("none runs")
	}
	out, err := m.sqs.CancelMessageMoveTask(m.t.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &task.handle})
	m.must(err)
	if int(out.ApproximateNumberOfMessagesMoved) != task.moved {
		rt.Fatalf("cancelled after %d: %+v", out.ApproximateNumberOfMessagesMoved, task)
	}
	task.status = "CANCELLED"
}

// Serve has the task that runs go on for some turns. What it does not reach before the server stops stays.
func (m *deadMachine) Serve(rt *rapid.T) {
	turns := rapid.IntRange(1, 3).Draw(rt, "turns")
	ctx, stop := context.WithCancel(m.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.server.Serve(ctx, newPipeNet()) }()
	for i := range turns {
		synctest.Wait()
		m.turn()
		if i < turns-1 {
			m.turnPasses()
		}
	}
	stop()
	m.must(<-ended)
	m.turnPasses()
}

func (m *deadMachine) turn() {
	task := m.move()
	if task == nil {
		return
	}
	limit := task.toMove - task.moved
	if task.paced {
		limit = min(limit, 1)
	}
	moving := due(m.dead)
	moving = moving[:min(limit, len(moving))]
	for _, body := range moving {
		delete(m.dead, body)
		m.messages[body] = &modelled{sent: time.Now(), visibleAt: time.Now()}
		m.enter(m.messages[body])
	}
	task.moved += len(moving)
	if !task.paced || len(moving) == 0 || task.moved == task.toMove {
		task.status = "COMPLETED"
	}
}

func (m *deadMachine) turnPasses() {
	time.Sleep(modelTurn)
	for _, messages := range []map[string]*modelled{m.messages, m.dead} {
		maps.DeleteFunc(messages, func(_ string, known *modelled) bool { return time.Since(known.sent) >= modelRetention })
	}
}

// checkMoves holds what is listed to the newest ten tasks.
func (m *deadMachine) checkMoves(rt *rapid.T) {
	out, err := m.sqs.ListMessageMoveTasks(m.t.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(arnOf("dead")), MaxResults: aws.Int32(10)})
	m.must(err)
	if len(out.Results) != min(10, len(m.moves)) {
		rt.Fatalf("%d of %d tasks are listed", len(out.Results), len(m.moves))
	}
	for i, got := range out.Results {
		want := m.moves[len(m.moves)-1-i]
		same := *got.Status == want.status && int(got.ApproximateNumberOfMessagesMoved) == want.moved && int(*got.ApproximateNumberOfMessagesToMove) == want.toMove
		if !same || want.status == "RUNNING" && aws.ToString(got.TaskHandle) != want.handle {
			rt.Fatalf("task %d is %+v, want %+v", i, got, want)
		}
	}
}
