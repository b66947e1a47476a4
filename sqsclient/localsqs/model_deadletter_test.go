package localsqs_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"pgregory.net/rapid"
)

// deadMachine holds a server to a model of a queue and its dead letter queue.
type deadMachine struct {
	*machine
	deadURL string
	dead    map[string]*modelled // by body
	order   int                  // of the last message that came into a queue
	moves   []*modelledMove      // the oldest first
}

const modelReceives = 2 // after which a message moves

func newDeadMachine(t *testing.T) *deadMachine {
	t.Helper()
	m := &deadMachine{machine: newMachine(t, t.TempDir(), "model", nil), dead: map[string]*modelled{}}
	out, err := m.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String("dead"), Attributes: map[string]string{"MessageRetentionPeriod": fmt.Sprint(modelRetention.Seconds())},
	})
	m.must(err)
	m.deadURL = *out.QueueUrl
	_, err = m.sqs.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: &m.url, Attributes: map[string]string{"RedrivePolicy": redrive("dead", modelReceives)},
	})
	m.must(err)
	return m
}

func (m *deadMachine) Send(rt *rapid.T) {
	first := m.sent + 1
	m.machine.Send(rt)
	for i := first; i <= m.sent; i++ {
		m.enter(m.messages[fmt.Sprint("message ", i)])
	}
}

func (m *deadMachine) enter(known *modelled) {
	m.order++
	known.number = m.order
}

// due are the bodies that can be received, in order.
func due(messages map[string]*modelled) []string {
	bodies := slices.DeleteFunc(slices.Collect(maps.Keys(messages)), func(body string) bool { return messages[body].visibleAt.After(time.Now()) })
	slices.SortFunc(bodies, func(a, b string) int {
		return cmp.Or(messages[a].visibleAt.Compare(messages[b].visibleAt), cmp.Compare(messages[a].number, messages[b].number))
	})
	return bodies
}

func (m *deadMachine) Receive(rt *rapid.T) {
	limit := rapid.IntRange(1, 10).Draw(rt, "limit")
	var want []string
	for _, body := range due(m.messages) {
		if len(want) == limit {
			break
		}
		if m.messages[body].receives < modelReceives {
			want = append(want, body)
			continue
		}
		m.bury(body)
	}
	m.receiveFrom(rt, m.url, m.machine, limit, want, "")
}

// bury moves a message to the dead letter queue.
func (m *deadMachine) bury(body string) {
	known := m.messages[body]
	m.oldHandle = append(m.oldHandle, known.handle)
	delete(m.messages, body)
	m.dead[body] = &modelled{sent: known.sent, visibleAt: time.Now(), receives: known.receives}
	m.enter(m.dead[body])
}

func (m *deadMachine) ReceiveDead(rt *rapid.T) {
	limit := rapid.IntRange(1, 10).Draw(rt, "limit")
	want := due(m.dead)
	inDead := *m.machine
	inDead.messages, inDead.oldHandle = m.dead, nil
	m.receiveFrom(rt, m.deadURL, &inDead, limit, want[:min(limit, len(want))], arnOf("model"))
}

func (m *deadMachine) receiveFrom(rt *rapid.T, url string, in *machine, limit int, want []string, source string) {
	out, err := m.sqs.ReceiveMessage(m.t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: int32(limit), //nolint:gosec // 10 at most
		VisibilityTimeout: int32(modelVisibility.Seconds()), MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	m.must(err)
	var got []string
	for _, message := range out.Messages {
		got = append(got, *message.Body)
		in.received(rt, message, modelVisibility)
		if s := message.Attributes["DeadLetterQueueSourceArn"]; s != source {
			rt.Fatalf("%q has the source %q, want %q", *message.Body, s, source)
		}
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("received %q, want %q", got, want)
	}
}

func (m *deadMachine) TimePasses(rt *rapid.T) {
	m.machine.TimePasses(rt)
	maps.DeleteFunc(m.dead, func(_ string, known *modelled) bool { return time.Since(known.sent) >= modelRetention })
}

func (m *deadMachine) Purge(rt *rapid.T) {
	m.machine.Purge(rt)
	maps.DeleteFunc(m.dead, func(_ string, known *modelled) bool { return time.Since(known.sent) >= modelRetention })
}

func (m *deadMachine) Check(rt *rapid.T) {
	m.machine.Check(rt)
	inDead := *m.machine
	inDead.messages, inDead.url = m.dead, m.deadURL
	inDead.Check(rt)
	m.checkMoves(rt)
}

func TestDeadLettersKeepToTheModelThroughRestartsAndCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(bubbled{t}, func(rt *rapid.T) {
			m := newDeadMachine(t)
			defer func() { m.must(m.server.Close()) }()
			rt.Repeat(map[string]func(*rapid.T){
				"":                  m.Check,
				"send":              m.Send,
				"receive":           m.Receive,
				"receive dead":      m.ReceiveDead,
				"start move":        m.StartMove,
				"cancel move":       m.CancelMove,
				"serve":             m.Serve,
				"delete":            m.Delete,
				"delete, stale":     m.DeleteWithOldHandle,
				"change visibility": m.ChangeVisibility,
				"time passes":       m.TimePasses,
				"purge":             m.Purge,
				"restart":           m.Restart,
				"crash":             m.Crash,
			})
		})
	})
}
