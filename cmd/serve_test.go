package cmd_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rehook/cmd"
)

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
		return delivered == n && left(t, sqsURL) == "0 and 0"
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
	until(t, "all are leased", func() bool { return left(t, sqsURL) == "0 and 20" })
	serve.ends(t)
	if got := left(t, sqsURL); got != "20 and 0" {
		t.Errorf("%s are in the queue, visible and leased; want 20 and 0", got)
	}
}

func TestServeWarnsOfAnEndpointThatIsNotAllowed(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	const warning = "every webhook will be parked as rejected"
	for _, tt := range []struct {
		to, allow string
		warns     string // "": not
	}{
		{"http://127.0.0.1:1/in?token=hunter2", "10.0.0.1", "--allow 127.0.0.1"},
		{"http://localhost:1", "10.0.0.1", "--allow 127.0.0.1"},
		{"http://[fd00::7]/in", "10.0.0.1", "--allow fd00::7"},
		{"http://127.0.0.1:1/in", "127.0.0.0/8", ""},
		{"http://localhost:1/in", "localhost:1", ""},
		{"https://crm.example.com/in", "10.0.0.1", ""},
	} {
		serve := start(t, "serve", "--state-dir", t.TempDir(), "--listen", "127.0.0.1:0", "--forward-to", tt.to, "--allow", tt.allow)
		until(t, "it serves", func() bool { return strings.Contains(serve.stderr.String(), "msg=listening") })
		serve.ends(t)
		said := serve.stderr.String()
		if got := strings.Contains(said, warning); got != (tt.warns != "") || !strings.Contains(said, tt.warns) {
			t.Errorf("to %s with --allow %s it said:\n%s", tt.to, tt.allow, said)
		}
		if strings.Contains(said, "hunter2") {
			t.Errorf("it logs a secret:\n%s", said)
		}
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
