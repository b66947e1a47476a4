package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rehook/cmd"
	"rehook/retry/deadletter"
)

// stock fills the embedded queue of a new state directory with letters for a URL, that are due in an hour.
func stock(t *testing.T, n int, url string, more ...*deadletter.Letter) (state string) {
	t.Helper()
	state = t.TempDir()
	var file bytes.Buffer
	for i := range n {
		more = append(more, &deadletter.Letter{
			ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Timestamp: time.Now(), OriginalEndpoint: url,
			Payload: []byte(payload(i)), NextAttemptAt: time.Now().Add(time.Hour),
		})
	}
	for _, l := range more {
		file.Write(append(l.Line(), '\n'))
	}
	if code, _, said := shell(t, &file, "import", "--local", "--state-dir", state); code != cmd.OK {
		t.Fatalf("exit code %d: %s", code, said)
	}
	return state
}

// did counts what a command printed as NDJSON, and gives one of the notes.
func did(t *testing.T, printed string) (counts map[string]int, note string) {
	t.Helper()
	counts = map[string]int{}
	for line := range strings.Lines(printed) {
		var row struct{ ID, Did, Note string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		counts[row.Did]++
		note = row.Note
	}
	return counts, note
}

// serving runs an engine on the state directory until the test ends.
func serving(t *testing.T, state string) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	s := served(t, state)
	t.Cleanup(func() { s.ends(t) })
}

// served starts an engine, and waits until it is one: what asks for its letters before that reads the queue itself.
func served(t *testing.T, state string) *running {
	t.Helper()
	s := start(t, "serve", "--local", "--state-dir", state, "--allow", "127.0.0.1")
	until(t, "it serves", func() bool { return strings.Contains(s.stderr.String(), "msg=serving") })
	return s
}

func TestRedriveDeliversWhatIsSelectedWithAnEngineOrWithout(t *testing.T) {
	for _, running := range []bool{false, true} {
		t.Run(fmt.Sprint("running=", running), func(t *testing.T) {
			crm := newEndpoint(t, 100)
			other := &deadletter.Letter{ID: "other", OriginalEndpoint: crm.URL + "/other", Payload: []byte(`{}`)}
			if running { // or it is due, and the command's own engine leaves it alone all the same
				other.NextAttemptAt = time.Now().Add(time.Hour)
			}
			state := stock(t, 12, crm.URL+"/hook", other)
			if running {
				serving(t, state)
				until(t, "the engine has all letters", func() bool {
					_, out, _ := shell(t, nil, "ls", "--local", "--state-dir", state, "-o", "ndjson")
					return strings.Count(out, "\n") == 13
				})
			}
			args := []string{"redrive", "--local", "--state-dir", state, "--allow", "127.0.0.1", "-o", "ndjson", "id:00000000", "--canary", "--why", "CRM is back"}
			code, out, said := shell(t, nil, append(args, "--dry-run")...)
			if n, doubled := crm.count(); code != cmd.OK || n+doubled != 0 || strings.Count(out, `"endpoint"`) != 12 || !strings.HasPrefix(said, "redrive 12 letters, one first, then ten, then the rest") || !strings.Contains(said, "     12  "+crm.URL) {
				t.Errorf("a dry run: exit code %d, %d were delivered:\n%s%s", code, n, out, said)
			}
			code, out, said = shell(t, nil, args...)
			counts, _ := did(t, out)
			if n, doubled := crm.count(); code != cmd.OK || counts["delivered"] != 12 || len(counts) != 1 || n != 12 || doubled != 0 {
				t.Errorf("exit code %d, %v, %d were delivered and %d twice:\n%s", code, counts, n, doubled, said)
			}
			until(t, "only the other one is left", func() bool {
				_, out, _ = shell(t, nil, "ls", "--local", "--state-dir", state, "-o", "ndjson")
				return strings.Count(out, "\n") == 1 && strings.Contains(out, `"other"`)
			})
			log, err := os.ReadFile(filepath.Join(state, "audit.ndjson"))
			if err != nil || !strings.Contains(string(log), `"why":"CRM is back"`) || !strings.Contains(string(log), `"done":12,"failed":0,"skipped":0`) {
				t.Errorf("%v, the audit log:\n%s", err, log)
			}
		})
	}
}

func TestRedriveSaysWhatFailedAndLeavesIt(t *testing.T) {
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	t.Cleanup(failing.Close)
	state := stock(t, 2, failing.URL)
	code, out, said := shell(t, nil, "redrive", "--yes", "--local", "--state-dir", state, "--allow", "127.0.0.1", "-o", "ndjson")
	if counts, note := did(t, out); code != cmd.Partly || counts["failed"] != 2 || !strings.Contains(note, "503") || !strings.Contains(said, `"error":"2 of 2 were not delivered; letter `) {
		t.Errorf("exit code %d:\n%s%s", code, out, said)
	}
	_, out, _ = shell(t, nil, "export", "--local", "--state-dir", state)
	for id, l := range lettersOf(t, out) {
		if l.RetryCount != 1 || l.ErrorCode != 503 {
			t.Errorf("letter %q: %d attempts, %d", id, l.RetryCount, l.ErrorCode)
		}
	}
}

func TestRedriveElsewhere(t *testing.T) {
	staging := newEndpoint(t, 10)
	state := stock(t, 2, "https://crm.example.com/hook")
	code, out, said := shell(t, nil, "redrive", "--id", "00000000-0000-4000-8000-000000000001", "--to", staging.URL+"/x?key=hunter2", "--rate", "50", "--local", "--state-dir", state, "--allow", "127.0.0.1", "-o", "ndjson")
	if n, _ := staging.count(); code != cmd.OK || n != 1 || staging.taken[payload(1)] != 1 || strings.Contains(said, "hunter2") || !strings.Contains(said, "redrive 1 letter, 50 a second") {
		t.Errorf("exit code %d, %d were delivered:\n%s%s", code, n, out, said)
	}
}

// Whoever calls the shell may have other settings than the service.
func TestWhatTheShellMayNotSendIsLeftToTheService(t *testing.T) {
	crm := newEndpoint(t, 10)
	foreign := &deadletter.Letter{ID: "foreign", Source: "bare", Payload: []byte(`{}`)}
	state := stock(t, 1, crm.URL, foreign)
	code, out, said := shell(t, nil, "redrive", "--yes", "--local", "--state-dir", state, "-o", "ndjson", "--id", "0000")
	if counts, note := did(t, out); code != cmd.Partly || counts["skipped"] != 1 || !strings.Contains(note, "--allow 127.0.0.1") || !strings.Contains(said, "cannot: 127.0.0.1 is a loopback address") {
		t.Errorf("exit code %d:\n%s%s", code, out, said)
	}
	code, out, said = shell(t, nil, "redrive", "--dry-run", "--local", "--state-dir", stock(t, 0, "", foreign))
	if code != cmd.OK || !strings.HasPrefix(said, "redrive 0 letters\n") || !strings.Contains(said, "      1  cannot: it names no endpoint") {
		t.Errorf("exit code %d:\n%s%s", code, out, said)
	}
	for _, wrong := range [][]string{{"--to", "ftp://x"}, {"--rate", "-1"}, {"--rate", "NaN"}, {"--id", ""}} {
		if code, _, said := shell(t, nil, append([]string{"redrive", "--yes", "--local", "--state-dir", state}, wrong...)...); code != cmd.Usage {
			t.Errorf("%q: exit code %d: %s", wrong, code, said)
		}
	}
	_, out, _ = shell(t, nil, "ls", "--local", "--state-dir", state, "-o", "ndjson", "id:0000")
	if strings.Count(out, "\n") != 1 {
		t.Errorf("left are:\n%s", out)
	}
}

func TestInterruptedRedriveSaysWhatWasDoneAndLeavesTheRest(t *testing.T) {
	for _, running := range []bool{false, true} {
		t.Run(fmt.Sprint("running=", running), func(t *testing.T) {
			crm := newEndpoint(t, 3) // and then it hangs
			state := stock(t, 20, crm.URL)
			if running {
				serving(t, state)
				until(t, "the engine has all letters", func() bool {
					_, out, _ := shell(t, nil, "ls", "--local", "--state-dir", state, "-o", "ndjson")
					return strings.Count(out, "\n") == 20
				})
			}
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			go func() {
				defer close(crm.turns) // attempts in flight end
				defer interrupt()
				until(t, "three are delivered", func() bool { n, _ := crm.count(); return n == 3 })
			}()
			code, out, said := shellUntil(t, ctx, nil, "redrive", "--yes", "--local", "--state-dir", state, "--allow", "127.0.0.1", "--rate", "4", "-o", "ndjson")
			counts, _ := did(t, out)
			delivered, doubled := crm.count()
			if code != cmd.Interrupted || counts["delivered"] < 1 || counts["delivered"]+counts["skipped"] != 20 || doubled != 0 {
				t.Errorf("exit code %d, %v, %d were delivered:\n%s", code, counts, delivered, said)
			}
			until(t, "the others are left", func() bool {
				_, out, _ = shell(t, nil, "export", "--local", "--state-dir", state)
				delivered, _ := crm.count()
				return len(lettersOf(t, out)) == 20-delivered
			})
		})
	}
}

func TestRedriveSaysWhenTheEngineStops(t *testing.T) {
	crm := newEndpoint(t, 0)
	state := stock(t, 2, crm.URL)
	t.Setenv("HOME", t.TempDir())
	s := served(t, state)
	until(t, "the engine has all letters", func() bool {
		_, out, _ := shell(t, nil, "ls", "--local", "--state-dir", state, "-o", "ndjson")
		return strings.Count(out, "\n") == 2
	})
	go func() {
		defer close(crm.turns)
		defer s.stop()
		until(t, "it is asked for", func() bool {
			log, _ := os.ReadFile(filepath.Join(state, "audit.ndjson"))
			return strings.Contains(string(log), `"verb":"redrive"`)
		})
	}()
	code, out, said := shell(t, nil, "redrive", "--yes", "--local", "--state-dir", state, "--rate", "0.001", "-o", "ndjson")
	if code != cmd.Unreachable || !strings.Contains(said, "the engine has stopped") || !strings.Contains(said, "rehook ls") {
		t.Errorf("exit code %d:\n%s%s", code, out, said)
	}
	s.ends(t)
}

func TestPauseAndResumeAreTheRunningEngines(t *testing.T) {
	crm := newEndpoint(t, 10)
	state := stock(t, 1, crm.URL)
	if code, _, said := shell(t, nil, "pause", "--local", "--state-dir", state); code != cmd.Unreachable {
		t.Errorf("without an engine: exit code %d: %s", code, said)
	}
	serving(t, state)
	if code, _, said := shell(t, nil, "pause", "--local", "--state-dir", state, "--why", "CRM is down"); code != cmd.OK || said != "paused\n" {
		t.Errorf("exit code %d: %s", code, said)
	}
	due := (&deadletter.Letter{ID: "due", OriginalEndpoint: crm.URL, Payload: []byte(`{}`)}).Line()
	if code, _, said := shell(t, bytes.NewReader(due), "import", "--local", "--state-dir", state); code != cmd.OK {
		t.Fatalf("exit code %d: %s", code, said)
	}
	until(t, "the engine has both letters", func() bool {
		_, out, _ := shell(t, nil, "ls", "--local", "--state-dir", state, "-o", "ndjson")
		return strings.Count(out, "\n") == 2
	})
	if n, _ := crm.count(); n != 0 {
		t.Errorf("%d were delivered by an engine that is paused", n)
	}
	if code, _, said := shell(t, nil, "resume", "--local", "--state-dir", state); code != cmd.OK || said != "resumed\n" {
		t.Errorf("exit code %d: %s", code, said)
	}
	until(t, "the letter that is due is delivered", func() bool { n, _ := crm.count(); return n == 1 })
}

func TestLimitIsTheRunningEngines(t *testing.T) {
	state := stock(t, 1, "https://crm.example.com/hook")
	serving(t, state)
	limit := func(args ...string) (int, string) {
		code, _, said := shell(t, nil, append([]string{"limit", "--local", "--state-dir", state}, args...)...)
		return code, said
	}
	until(t, "the engine knows the endpoint", func() bool {
		code, said := limit("https://crm.example.com/hook?token=hunter2", "--rate", "5", "--at-once", "2")
		return code == cmd.OK && strings.Contains(said, "5 a second") && strings.Contains(said, "2 at once") && !strings.Contains(said, "hunter2")
	})
	if code, said := limit("https://erp.example.com"); code != cmd.Partly || !strings.Contains(said, `limit "https://erp.example.com": `) {
		t.Errorf("an endpoint that is not known: exit code %d: %s", code, said)
	}
	if code, said := limit("https://crm.example.com", "--rate", "-1"); code != cmd.Usage {
		t.Errorf("a negative rate: exit code %d: %s", code, said)
	}
	if code, said := limit("https://crm.example.com"); code != cmd.OK || !strings.Contains(said, "as configured") {
		t.Errorf("back: exit code %d: %s", code, said)
	}
}

// On AWS figures are read seldom, and none of them says that all letters have come.
func TestRedriveOnSQSBesideALetterThatAnotherEngineHas(t *testing.T) {
	sqsURL := openSQS(t, t.TempDir())
	for name, value := range awsEnvironment(sqsURL) {
		t.Setenv(name, value)
	}
	crm := newEndpoint(t, 100)
	fill(t, sqsURL, "orders", crm.URL+"/hook", 25)
	call(t, sqsURL, "ReceiveMessage", map[string]any{"QueueUrl": sqsURL + "/000000000000/orders", "VisibilityTimeout": 600}, &struct{}{})
	code, out, said := shell(t, nil, "redrive", "endpoint:127", "--queue", "orders", "--state-dir", t.TempDir(), "--allow", "127.0.0.1", "-o", "ndjson")
	counts, _ := did(t, out)
	if n, doubled := crm.count(); code != cmd.OK || counts["delivered"] != 24 || n != 24 || doubled != 0 || !strings.HasPrefix(said, "1 more could not be looked at") {
		t.Errorf("exit code %d, %v, %d were delivered and %d twice:\n%s", code, counts, n, doubled, said)
	}
	if got := left(t, sqsURL); got != "0 and 1" {
		t.Errorf("%s are visible and leased", got)
	}
}

// Whoever looks through the parked queue hides its letters from others meanwhile, and an engine that is watched looks
// whenever their number has changed.
func TestReleaseFindsWhatTheEngineIsLookingAt(t *testing.T) {
	state := stock(t, 30, "https://crm.example.com/hook")
	serving(t, state)
	watcher := start(t, "events", "--local", "--state-dir", state)
	defer watcher.ends(t)
	run := func(verb, want string) {
		t.Helper()
		until(t, "the engine has all letters", func() bool {
			_, out, _ := shell(t, nil, "ls", "--local", "--state-dir", state, "-o", "ndjson")
			return verb == "release" || strings.Count(out, "\n") == 30
		})
		code, out, said := shell(t, nil, verb, "--yes", "--local", "--state-dir", state, "-o", "ndjson")
		if counts, _ := did(t, out); code != cmd.OK || counts[want] != 30 {
			t.Fatalf("%s: exit code %d, %v: %s", verb, code, counts, said)
		}
	}
	if code, _, said := shell(t, nil, "pause", "--local", "--state-dir", state); code != cmd.OK {
		t.Fatalf("exit code %d: %s", code, said)
	}
	for range 3 {
		run("park", "parked")
		run("release", "released")
	}
}
