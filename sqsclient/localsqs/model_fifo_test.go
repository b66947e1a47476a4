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

// fifoMachine holds a server to a model of its one FIFO queue.
type fifoMachine struct {
	*machine
	accepted map[string]modelledSend // by deduplication id
	last     string                  // the highest sequence number
}

// modelledSend is how a send was answered.
type modelledSend struct {
	at         time.Time
	id, number string
}

func (m *fifoMachine) Send(rt *rapid.T) {
	type sending struct {
		body, deduplication string
	}
	var all []sending
	var entries []types.SendMessageBatchRequestEntry
	for i := range rapid.IntRange(1, 4).Draw(rt, "messages") {
		m.sent++
		group := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "group")
		s := sending{fmt.Sprint("message ", m.sent), fmt.Sprint(m.sent)}
		if m.sent > 1 && rapid.Bool().Draw(rt, "duplicate") {
			s.deduplication = fmt.Sprint(rapid.IntRange(max(1, m.sent-8), m.sent-1).Draw(rt, "of"))
		}
		all = append(all, s)
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(fmt.Sprint(i)), MessageBody: &s.body, MessageGroupId: &group, MessageDeduplicationId: &s.deduplication,
		})
		if earlier, sent := m.accepted[s.deduplication]; sent && time.Since(earlier.at) < 5*time.Minute {
			continue
		}
		m.accepted[s.deduplication] = modelledSend{at: time.Now()}
		m.messages[s.body] = &modelled{sent: time.Now(), visibleAt: time.Now(), group: group, number: m.sent}
	}
	out, err := m.sqs.SendMessageBatch(m.t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &m.url, Entries: entries})
	m.must(err)
	if len(out.Successful) != len(entries) {
		rt.Fatal(out.Failed)
	}
	for i, got := range out.Successful {
		m.answered(rt, all[i].deduplication, *got.MessageId, *got.SequenceNumber)
	}
}

func (m *fifoMachine) answered(rt *rapid.T, deduplication, id, number string) {
	known := m.accepted[deduplication]
	if known.id == "" {
		if number <= m.last {
			rt.Fatalf("number %s after %s", number, m.last)
		}
		m.last = number
		known.id, known.number = id, number
		m.accepted[deduplication] = known
	}
	if known.id != id || known.number != number {
		rt.Fatalf("a duplicate is %s %s, the first %s %s", id, number, known.id, known.number)
	}
}

// receivable are the bodies that can be received of each group: its first messages, up to one that is hidden.
func (m *fifoMachine) receivable() map[string][]string {
	byNumber := slices.SortedFunc(maps.Keys(m.messages), func(a, b string) int {
		return cmp.Compare(m.messages[a].number, m.messages[b].number)
	})
	groups, blocked := map[string][]string{}, map[string]bool{}
	for _, body := range byNumber {
		known := m.messages[body]
		blocked[known.group] = blocked[known.group] || known.visibleAt.After(time.Now())
		if !blocked[known.group] {
			groups[known.group] = append(groups[known.group], body)
		}
	}
	return groups
}

func (m *fifoMachine) Receive(rt *rapid.T) {
	limit := rapid.Int32Range(1, 10).Draw(rt, "limit")
	out, err := m.sqs.ReceiveMessage(m.t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &m.url, MaxNumberOfMessages: limit, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	m.must(err)
	groups := m.receivable()
	total := 0
	for _, bodies := range groups {
		total += len(bodies)
	}
	if want := min(int(limit), total); len(out.Messages) != want {
		rt.Fatalf("received %d of %d, limit %d", len(out.Messages), total, limit)
	}
	for _, got := range out.Messages {
		group := m.messages[*got.Body].group
		if next := groups[group]; len(next) == 0 || next[0] != *got.Body {
			rt.Fatalf("received %q of group %s, where %q is next", *got.Body, group, next)
		}
		groups[group] = groups[group][1:]
		m.received(rt, got, modelVisibility)
	}
}

// Delete deletes with the latest handle, which must be in force.
func (m *fifoMachine) Delete(rt *rapid.T) {
	body, known := m.anyReceived(rt)
	_, err := m.sqs.DeleteMessage(m.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &m.url, ReceiptHandle: &known.handle})
	if inForce := known.visibleAt.After(time.Now()); inForce != (err == nil) {
		rt.Fatalf("in force: %v, error: %v", inForce, err)
	}
	if err == nil {
		delete(m.messages, body)
	}
}

func TestFIFOQueueKeepsToTheModelThroughRestartsAndCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(bubbled{t}, func(rt *rapid.T) {
			m := &fifoMachine{
				machine:  newMachine(t, t.TempDir(), "model.fifo", map[string]string{"FifoQueue": "true"}),
				accepted: map[string]modelledSend{},
			}
			defer func() { m.must(m.server.Close()) }()
			rt.Repeat(map[string]func(*rapid.T){
				"":                  m.Check,
				"send":              m.Send,
				"receive":           m.Receive,
				"delete":            m.Delete,
				"change visibility": m.ChangeVisibility,
				"time passes":       m.TimePasses,
				"purge":             m.Purge,
				"restart":           m.Restart,
				"crash":             m.Crash,
			})
		})
	})
}
