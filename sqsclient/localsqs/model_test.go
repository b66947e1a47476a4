package localsqs_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"pgregory.net/rapid"

	"rehook/sqsclient/localsqs"
)

// modelled is what a message must be like, by the rules of SQS.
type modelled struct {
	visibleAt time.Time
	sent      time.Time
	receives  int
	handle    string // the latest
	leased    time.Time
	group     string // in a FIFO queue
	number    int    // of those sent
}

// machine holds a server to a model of its one queue.
type machine struct {
	t         *testing.T
	dir       string
	server    *localsqs.Server
	sqs       *sqs.Client
	url       string
	messages  map[string]*modelled // by body
	oldHandle []string             // of earlier receives and of deleted messages
	sent      int
}

const (
	modelVisibility = 30 * time.Second
	modelRetention  = 10 * time.Minute
)

// direct is a transport that calls the server without a network between.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.RequestURI = r.URL.RequestURI()
	d.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

func newMachine(t *testing.T, dir, queue string, attributes map[string]string) *machine {
	t.Helper()
	m := &machine{t: t, dir: dir, messages: map[string]*modelled{}}
	m.open()
	all := map[string]string{
		"VisibilityTimeout":      fmt.Sprint(modelVisibility.Seconds()),
		"MessageRetentionPeriod": fmt.Sprint(modelRetention.Seconds()),
	}
	maps.Copy(all, attributes)
	out, err := m.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &queue, Attributes: all})
	m.must(err)
	m.url = *out.QueueUrl
	return m
}

func (m *machine) open() {
	m.t.Helper()
	server, err := localsqs.Open(localsqs.Config{Dir: m.dir})
	m.must(err)
	m.server, m.sqs = server, client(direct{server})
}

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) Send(rt *rapid.T) {
	var entries []types.SendMessageBatchRequestEntry
	for i := range rapid.IntRange(1, 4).Draw(rt, "messages") {
		delay := rapid.SampledFrom([]int32{0, 0, 7, 900}).Draw(rt, "delay")
		m.sent++
		body := fmt.Sprint("message ", m.sent)
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &body, DelaySeconds: delay})
		m.messages[body] = &modelled{sent: time.Now(), visibleAt: time.Now().Add(time.Duration(delay) * time.Second)}
	}
	out, err := m.sqs.SendMessageBatch(m.t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &m.url, Entries: entries})
	m.must(err)
	if len(out.Failed) > 0 {
		rt.Fatal(out.Failed)
	}
}

func (m *machine) Receive(rt *rapid.T) {
	limit := rapid.Int32Range(1, 10).Draw(rt, "limit")
	in := &sqs.ReceiveMessageInput{QueueUrl: &m.url, MaxNumberOfMessages: limit, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}}
	visibility := modelVisibility
	if rapid.Bool().Draw(rt, "own visibility") {
		seconds := rapid.Int32Range(1, 100).Draw(rt, "visibility")
		in.VisibilityTimeout, visibility = seconds, time.Duration(seconds)*time.Second
	}
	out, err := m.sqs.ReceiveMessage(m.t.Context(), in)
	m.must(err)
	ready, _, _ := m.counts()
	if want := min(int(limit), ready); len(out.Messages) != want {
		rt.Fatalf("received %d of %d ready, limit %d", len(out.Messages), ready, limit)
	}
	for _, got := range out.Messages {
		m.received(rt, got, visibility)
	}
}

func (m *machine) received(rt *rapid.T, got types.Message, visibility time.Duration) {
	known := m.messages[*got.Body]
	if known == nil || known.visibleAt.After(time.Now()) {
		rt.Fatalf("received %q, which is deleted or hidden: %+v", *got.Body, known)
	}
	if known.handle != "" {
		m.oldHandle = append(m.oldHandle, known.handle)
	}
	known.receives++
	known.handle, known.leased = *got.ReceiptHandle, time.Now()
	known.visibleAt = time.Now().Add(visibility)
	if count := got.Attributes["ApproximateReceiveCount"]; count != fmt.Sprint(known.receives) {
		rt.Fatalf("%q: receive count %s, want %d", *got.Body, count, known.receives)
	}
	if sent := got.Attributes["SentTimestamp"]; sent != fmt.Sprint(known.sent.UnixMilli()) {
		rt.Fatalf("%q: sent %s, want %d", *got.Body, sent, known.sent.UnixMilli())
	}
}

func (m *machine) Delete(rt *rapid.T) {
	body, known := m.anyReceived(rt)
	_, err := m.sqs.DeleteMessage(m.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &m.url, ReceiptHandle: &known.handle})
	m.must(err)
	m.oldHandle = append(m.oldHandle, known.handle)
	delete(m.messages, body)
}

func (m *machine) DeleteWithOldHandle(rt *rapid.T) {
	if len(m.oldHandle) == 0 {
		rt.Skip("none yet")
	}
	handle := rapid.SampledFrom(m.oldHandle).Draw(rt, "handle")
	_, err := m.sqs.DeleteMessage(m.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &m.url, ReceiptHandle: &handle})
	m.must(err)
}

func (m *machine) ChangeVisibility(rt *rapid.T) {
	_, known := m.anyReceived(rt)
	seconds := rapid.SampledFrom([]int32{0, 5, 60, 600}).Draw(rt, "visibility")
	_, err := m.sqs.ChangeMessageVisibility(m.t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &m.url, ReceiptHandle: &known.handle, VisibilityTimeout: seconds})
	if inFlight := known.visibleAt.After(time.Now()); inFlight != (err == nil) {
		rt.Fatalf("in flight: %v, error: %v", inFlight, err)
	}
	if err == nil {
		known.visibleAt = time.Now().Add(time.Duration(seconds) * time.Second)
	}
}

func (m *machine) anyReceived(rt *rapid.T) (string, *modelled) {
	var bodies []string
	for _, body := range slices.Sorted(maps.Keys(m.messages)) {
		if m.messages[body].handle != "" {
			bodies = append(bodies, body)
		}
	}
	if len(bodies) == 0 {
		rt.Skip("nothing was received")
	}
	body := rapid.SampledFrom(bodies).Draw(rt, "message")
	return body, m.messages[body]
}

func (m *machine) TimePasses(rt *rapid.T) {
	time.Sleep(time.Duration(rapid.SampledFrom([]int{1, 5, 31, 200}).Draw(rt, "seconds")) * time.Second)
	maps.DeleteFunc(m.messages, func(_ string, known *modelled) bool { return time.Since(known.sent) >= modelRetention })
}

func (m *machine) Purge(*rapid.T) {
	time.Sleep(time.Minute) // or SQS refuses
	_, err := m.sqs.PurgeQueue(m.t.Context(), &sqs.PurgeQueueInput{QueueUrl: &m.url})
	m.must(err)
	clear(m.messages)
}

func (m *machine) Restart(*rapid.T) {
	m.must(m.server.Close())
	m.open()
}

// Crash goes on with a copy of the files as they are, which is what a kill -9 leaves.
func (m *machine) Crash(*rapid.T) {
	dir, err := os.MkdirTemp(m.t.TempDir(), "crashed")
	m.must(err)
	m.must(os.CopyFS(filepath.Join(dir, "queues"), os.DirFS(m.dir)))
	m.must(m.server.Close())
	m.dir = filepath.Join(dir, "queues")
	m.open()
}

// Check runs after every action: the counts are exact.
func (m *machine) Check(rt *rapid.T) {
	out, err := m.sqs.GetQueueAttributes(m.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &m.url, AttributeNames: []types.QueueAttributeName{"All"}})
	m.must(err)
	ready, delayed, inFlight := m.counts()
	got := [3]string{out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesDelayed"], out.Attributes["ApproximateNumberOfMessagesNotVisible"]}
	if want := [3]string{fmt.Sprint(ready), fmt.Sprint(delayed), fmt.Sprint(inFlight)}; got != want {
		rt.Fatalf("ready, delayed, in flight: %v, want %v", got, want)
	}
}

func (m *machine) counts() (ready, delayed, inFlight int) {
	for _, known := range m.messages {
		switch {
		case !known.visibleAt.After(time.Now()):
			ready++
		case known.receives == 0:
			delayed++
		default:
			inFlight++
		}
	}
	return ready, delayed, inFlight
}

// bubbled is a test without its Deadline, which is not to be asked for in a bubble.
type bubbled struct{ rapid.TB }

func TestQueueKeepsToTheModelThroughRestartsAndCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(bubbled{t}, func(rt *rapid.T) {
			m := newMachine(t, t.TempDir(), "model", nil)
			defer func() { m.must(m.server.Close()) }()
			rt.Repeat(map[string]func(*rapid.T){
				"":                  m.Check,
				"send":              m.Send,
				"receive":           m.Receive,
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
