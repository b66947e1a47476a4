package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rehook/cmd"
)

// running is a command that runs in this process until it is stopped.
type running struct {
	stop   context.CancelFunc
	code   chan int
	stderr *output
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, code: make(chan int, 1), stderr: &output{}}
	go func() { r.code <- cmd.Execute(ctx, args, strings.NewReader(""), io.Discard, r.stderr) }()
	return r
}

// ends stops the command and holds that it ends in order.
func (r *running) ends(t *testing.T) {
	t.Helper()
	r.stop()
	if code := <-r.code; code != cmd.OK {
		t.Fatalf("exit code %d; it said:\n%s", code, r.stderr)
	}
}

// output is what a command has written so far.
type output struct {
	mu      sync.Mutex // guards written
	written bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.written.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.written.String()
}

// until looks again and again, as whatever it looks at is in another process or does not say when it changes.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	giveUp := time.NewTimer(time.Minute) // twice the lease that a killed engine leaves behind
	defer giveUp.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-giveUp.C:
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// endpoint takes webhooks, and remembers how often it took each body. The first are taken at once, the others
// when it is told to.
type endpoint struct {
	*httptest.Server
	turns chan struct{} // one for each body that is taken at once; closed: all are
	mu    sync.Mutex    // guards taken
	taken map[string]int
}

func newEndpoint(t *testing.T, atOnce int) *endpoint {
	t.Helper()
	e := &endpoint{taken: map[string]int{}, turns: make(chan struct{}, atOnce)}
	for range atOnce {
		e.turns <- struct{}{}
	}
	e.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		<-e.turns
		e.mu.Lock()
		defer e.mu.Unlock()
		e.taken[string(body)]++
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) count() (distinct, doubled int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range e.taken {
		doubled += n - 1
	}
	return len(e.taken), doubled
}

// payload is JSON that does not survive being read and written by most programs.
func payload(i int) string {
	return fmt.Sprintf(`{"n":%d,  "big":12345678901234567890.10,"a":1,"a":2,"html":"<&>","snow":"\u2603é","z":{},"b":[ ]}`, i)
}

// fill sends n six-field letters to a queue, by ten, as another program would.
func fill(t *testing.T, sqsURL, queue, endpoint string, n int) {
	t.Helper()
	var created struct{ QueueUrl string } //nolint:revive // as SQS writes it
	call(t, sqsURL, "CreateQueue", map[string]any{"QueueName": queue}, &created)
	call(t, sqsURL, "CreateQueue", map[string]any{"QueueName": queue + "-parked"}, &struct{}{})
	for sent := 0; sent < n; {
		var entries []map[string]string
		for ; len(entries) < 10 && sent < n; sent++ {
			entries = append(entries, map[string]string{"Id": fmt.Sprint(len(entries)), "MessageBody": fmt.Sprintf(
				`{"id":"00000000-0000-4000-8000-%012d","timestamp":"2026-01-02T03:04:05","original_endpoint":%q,"error_code":503,"payload":%s,"retry_count":0}`,
				sent, endpoint, payload(sent))})
		}
		var answer struct{ Failed []struct{} }
		call(t, sqsURL, "SendMessageBatch", map[string]any{"QueueUrl": created.QueueUrl, "Entries": entries}, &answer)
		if len(answer.Failed) > 0 {
			t.Fatalf("%d were not sent", len(answer.Failed))
		}
	}
}

// left is how many messages a queue holds.
func left(t *testing.T, sqsURL, queue string) string {
	t.Helper()
	var found struct{ QueueUrl string } //nolint:revive // as SQS writes it
	call(t, sqsURL, "GetQueueUrl", map[string]any{"QueueName": queue}, &found)
	var answer struct{ Attributes map[string]string }
	call(t, sqsURL, "GetQueueAttributes", map[string]any{"QueueUrl": found.QueueUrl, "AttributeNames": []string{"All"}}, &answer)
	return answer.Attributes["ApproximateNumberOfMessages"] + " and " + answer.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

func TestServeDeliversWhatAnotherProgramSentByteForByteAndOnce(t *testing.T) {
	const n = 137
	sqsURL := openSQS(t, t.TempDir())
	for name, value := range awsEnvironment(sqsURL) {
		t.Setenv(name, value)
	}
	crm := newEndpoint(t, n)
	fill(t, sqsURL, "orders", crm.URL+"/hook", n)

	serve := start(t, "serve", "--queue", "orders", "--allow", "127.0.0.1", "--state-dir", t.TempDir())
	until(t, "all are delivered and deleted", func() bool {
		delivered, _ := crm.count()
		return delivered == n && left(t, sqsURL, "orders") == "0 and 0"
	})
	serve.ends(t)
	for i := range n {
		if got := crm.taken[payload(i)]; got != 1 {
			t.Errorf("letter %d arrived %d times as it was", i, got)
		}
	}
	if delivered, doubled := crm.count(); delivered != n || doubled != 0 {
		t.Errorf("%d were delivered and %d twice, want %d and 0", delivered, doubled, n)
	}
}

func TestStoppedServeGivesItsLettersBack(t *testing.T) {
	sqsURL := openSQS(t, t.TempDir())
	for name, value := range awsEnvironment(sqsURL) {
		t.Setenv(name, value)
	}
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(failing.Close)
	fill(t, sqsURL, "orders", failing.URL, 20)

	serve := start(t, "serve", "--queue", "orders", "--allow", "127.0.0.1", "--state-dir", t.TempDir(), "--backoff-base", "15m")
	until(t, "all are leased", func() bool { return left(t, sqsURL, "orders") == "0 and 20" })
	serve.ends(t)
	if got := left(t, sqsURL, "orders"); got != "20 and 0" {
		t.Errorf("%s are in the queue, visible and leased; want 20 and 0", got)
	}
}

func TestSecondEngineOnAStateDirectoryIsRefused(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	dir := t.TempDir()
	first := start(t, "serve", "--state-dir", dir)
	until(t, "the first one serves", func() bool { return strings.Contains(first.stderr.String(), "msg=serving") })

	second := start(t, "serve", "--state-dir", dir)
	if code := <-second.code; code != cmd.Configuration {
		t.Errorf("exit code %d", code)
	}
	if said := second.stderr.String(); !strings.Contains(said, "an engine already runs on") || !strings.Contains(said, "process ") {
		t.Errorf("it said %q", said)
	}
	first.ends(t)

	third := start(t, "serve", "--state-dir", dir)
	until(t, "another one serves once the first has ended", func() bool { return strings.Contains(third.stderr.String(), "msg=serving") })
	third.ends(t)
}

func TestOtherCommandsWorkBesideARunningEngine(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	// Longer than the path of a Unix socket may be.
	dir := filepath.Join(t.TempDir(), strings.Repeat("d", 120))
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(failing.Close)
	t.Run("fill", func(t *testing.T) {
		fill(t, openSQS(t, filepath.Join(dir, "queue")), "gen-webhook-dlq", failing.URL, 3)
	})
	serve := start(t, "serve", "--state-dir", dir, "--allow", "127.0.0.1", "--backoff-base", "15m")
	until(t, "it serves", func() bool { return strings.Contains(serve.stderr.String(), "msg=serving") })

	until(t, "the engine has attempted all, and says so", func() bool {
		list, err := exec.CommandContext(t.Context(), "rehook", "ls", "--state-dir", dir, "-o", "ndjson", "retries>=1").Output()
		return err == nil && strings.Count(string(list), `"status":503`) == 3
	})
	depth, err := exec.CommandContext(t.Context(), "rehook", "queue", "depth", "--state-dir", dir).CombinedOutput()
	if err != nil || !strings.Contains(string(depth), "embedded") {
		t.Errorf("queue depth: %v: %s", err, depth)
	}
	watch := exec.CommandContext(t.Context(), "rehook", "events", "--state-dir", dir)
	out, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(first, `"event":"snapshot"`) || strings.Count(first, `"status":503`) != 3 {
		t.Errorf("events begin with %q: %v", first, err)
	}
	serve.ends(t)
	if err := watch.Wait(); err != nil {
		t.Errorf("events end with the engine in %v", err)
	}
}
