package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// launchSQS runs "rehook localsqs" in a process of its own, and gives its address.
func launchSQS(t *testing.T) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "rehook", "localsqs", "--listen", "127.0.0.1:0", "--state-dir", t.TempDir())
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait() // its exit code is not what this is about
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "export AWS_ENDPOINT_URL_SQS="); ok {
			return address
		}
	}
	t.Fatal("it does not say where it listens")
	return ""
}

// member is an engine in a process of its own, and the way by which it reaches the queue.
type member struct {
	*exec.Cmd
	way  *httptest.Server
	dies atomic.Bool // it is about to be killed

	mu   sync.Mutex        // guards lent
	lent map[string]string // bodies by receipt handle: all that it ever received
}

// join starts an engine that works on the queue "orders" with others.
func join(t *testing.T, sqsURL string, flags ...string) *member {
	t.Helper()
	m := &member{lent: map[string]string{}}
	to, err := url.Parse(sqsURL)
	if err != nil {
		t.Fatal(err)
	}
	way := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			ctx, cancel := context.WithCancel(context.WithoutCancel(r.In.Context()))
			context.AfterFunc(r.In.Context(), func() {
				if !m.dies.Load() { // else what it asked is done, and noted
					cancel()
				}
			})
			r.Out = r.Out.WithContext(ctx)
			r.SetURL(to)
		},
		ModifyResponse: m.note,
		ErrorLog:       log.New(io.Discard, "", 0),
		Transport:      &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	})
	t.Cleanup(way.Close)
	for name, value := range awsEnvironment(way.URL) {
		t.Setenv(name, value)
	}
	m.way = way
	m.Cmd = launch(t, append([]string{"serve", "--queue", "orders", "--state-dir", t.TempDir(), "--allow", "127.0.0.1"}, flags...)...)
	return m
}

// note remembers what the engine was lent.
func (m *member) note(answer *http.Response) error {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	var said struct {
		Messages []struct{ ReceiptHandle, Body string }
	}
	_ = json.Unmarshal(body, &said) // other answers are the engine's to read
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, message := range said.Messages {
		m.lent[message.ReceiptHandle] = message.Body
	}
	return nil
}

func (m *member) had() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.lent)
}

// ends stops the engine in order, and wants it to say that all went well.
func (m *member) ends(t *testing.T) {
	t.Helper()
	if err := m.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := m.Wait(); err != nil {
		t.Errorf("SIGTERM ended it with %v", err)
	}
}

// expire lets the leases of a killed engine end, as they do by themselves after half a minute.
func (m *member) expire(t *testing.T, sqsURL string) {
	t.Helper()
	m.way.Close() // what was on its way to the killed engine is known then
	m.mu.Lock()
	defer m.mu.Unlock()
	for receipt := range m.lent {
		var answer struct{ Failed []struct{} } // what was deleted already
		call(t, sqsURL, "ChangeMessageVisibilityBatch", map[string]any{
			"QueueUrl": sqsURL + "/000000000000/orders",
			"Entries":  []map[string]any{{"Id": "a", "ReceiptHandle": receipt, "VisibilityTimeout": 0}},
		}, &answer)
	}
}

func TestSeveralEnginesShareAQueueAndOutliveEachOther(t *testing.T) {
	const n, before, atOnce = 300, 100, 8
	t.Setenv("HOME", t.TempDir())
	sqsURL := launchSQS(t)
	crm := newEndpoint(t, before)
	fill(t, sqsURL, "orders", crm.URL+"/hook", n)

	var members [3]*member
	for i := range members { // together they hold fewer than there are, so that none waits for letters
		members[i] = join(t, sqsURL, "--inventory", "40", "--per-endpoint", fmt.Sprint(atOnce), "--backoff-base", "15m")
	}
	until(t, "each has letters, and some are delivered", func() bool {
		distinct, _ := crm.count()
		return distinct >= before && members[0].had() > 0 && members[1].had() > 0 && members[2].had() > 0
	})
	killed := members[0]
	killed.dies.Store(true)
	kill(t, killed.Cmd)
	close(crm.turns)
	killed.expire(t, sqsURL)
	until(t, "the others deliver all, and delete them", func() bool {
		distinct, _ := crm.count()
		return distinct == n && left(t, sqsURL) == "0 and 0"
	})
	killed.assertDoubled(t, crm, 2*atOnce+10)

	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(failing.Close)
	for i := range 20 {
		call(t, sqsURL, "SendMessage", map[string]any{
			"QueueUrl":    sqsURL + "/000000000000/orders",
			"MessageBody": fmt.Sprintf(`{"id":"11111111-0000-4000-8000-%012d","original_endpoint":%q,"error_code":503,"payload":{}}`, i, failing.URL),
		}, &struct{}{})
	}
	until(t, "all are leased", func() bool { return left(t, sqsURL) == "0 and 20" })
	members[1].ends(t)
	until(t, "the last one has them all", func() bool { return left(t, sqsURL) == "0 and 20" })
	members[2].ends(t)
	if got := left(t, sqsURL); got != "20 and 0" {
		t.Errorf("%s are in the queue, visible and leased; want 20 and 0", got)
	}
}

// assertDoubled holds what came twice to what the kill can have fallen upon: attempts in flight, and deletes that were
// being gathered, all of them of letters that the killed engine had.
func (m *member) assertDoubled(t *testing.T, to *endpoint, most int) {
	t.Helper()
	if _, doubled := to.count(); doubled > most {
		t.Errorf("%d came twice, more than the %d that the kill can have cut off", doubled, most)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	lent := map[string]bool{}
	for _, body := range m.lent {
		var letter struct{ Payload json.RawMessage }
		if err := json.Unmarshal([]byte(body), &letter); err != nil {
			t.Fatal(err)
		}
		lent[string(letter.Payload)] = true
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	for body, n := range to.taken {
		if n > 1 && (!lent[body] || n > 2) {
			t.Errorf("%s came %d times, and the killed engine had it: %v", body, n, lent[body])
		}
	}
}
