package record_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rehook/retry/record"
)

func openAudit(t *testing.T, dir string) *record.Audit {
	t.Helper()
	a, err := record.OpenAudit(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func note(t *testing.T, a *record.Audit, act record.Act) {
	t.Helper()
	if err := a.Add(act); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // of this very test
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnActIsOneLine(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 11, 25, 11, 0, 0, 123_456_789, time.FixedZone("CET", 3600))
	a := openAudit(t, dir)
	note(t, a, record.Act{
		At: at, By: "ann\u202e", Verb: "delete", Why: "<stale>\n\u009b31m", IDs: []string{"a", "\x1b]0;b"}, Job: "3", Phase: record.Begun,
		Detail: map[string]string{"rate": "5"},
	})
	note(t, a, record.Act{At: at, By: "ann", Verb: "delete", Job: "3", Phase: record.Ended, Done: 1, Skipped: 1})
	want := `{"at":"2026-11-25T10:00:00.123Z","by":"ann\u202e","verb":"delete","phase":"begun","job":"3","why":"<stale>\n\u009b31m",` +
		`"detail":{"rate":"5"},"ids":["a","\u001b]0;b"]}
{"at":"2026-11-25T10:00:00.123Z","by":"ann","verb":"delete","phase":"ended","job":"3","done":1,"failed":0,"skipped":1}
`
	path := filepath.Join(dir, "audit.ndjson")
	if got := read(t, path); got != want {
		t.Errorf("written\n%s\nwant\n%s", got, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestTheLastLineIsMadeWhole(t *testing.T) {
	for before, healed := range map[string]string{
		"":                                    "",
		"{\"verb\":\"p":                       "",
		"{\"verb\":\"park\"}\n{\"verb\":\"re": "{\"verb\":\"park\"}\n",
		"{\"verb\":\"park\"}":                 "{\"verb\":\"park\"}\n",
		"{\"verb\":\"park\"}\n" + strings.Repeat("\x00", 200_000): "{\"verb\":\"park\"}\n",
		"{\"verb\":\"" + strings.Repeat("x", 200_000) + "\"}":     "{\"verb\":\"" + strings.Repeat("x", 200_000) + "\"}\n",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "audit.ndjson")
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		a := openAudit(t, dir)
		if got := read(t, path); got != healed {
			t.Errorf("%.40q became %.40q", before, got)
		}
		note(t, a, record.Act{Verb: "hold"})
		if got, ok := strings.CutPrefix(read(t, path), healed); !ok || strings.Count(got, "\n") != 1 {
			t.Errorf("%.40q: %q was added", before, got)
		}
	}
}

// Two programs may have the log open, and each turns the file that the other has just written to.
func TestManyWritersAndAFewFiles(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	for i := range 10_000 {
		ids = append(ids, fmt.Sprintf("00000000-0000-4000-8000-%012d", i))
	}
	var writers sync.WaitGroup
	for w := range 2 {
		a := openAudit(t, dir)
		for range 4 {
			writers.Go(func() {
				for i := range 10 {
					note(t, a, record.Act{By: fmt.Sprint(w), Verb: "redrive", Job: fmt.Sprint(i), IDs: ids})
				}
			})
		}
	}
	writers.Wait()
	files, err := filepath.Glob(filepath.Join(dir, "audit*"))
	if err != nil || len(files) != 5 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, path := range files {
		text := []byte(read(t, path))
		full := path != filepath.Join(dir, "audit.ndjson")
		if len(text) > 4<<20 || full && len(text) < 2<<20 { // four acts that come at once have 1.6 MB
			t.Errorf("%s has %d bytes", path, len(text))
		}
		for line := range bytes.Lines(text) {
			if !bytes.HasPrefix(line, []byte(`{"at":"`)) || !bytes.HasSuffix(line, []byte("\"]}\n")) {
				t.Fatalf("%s: %.80q", path, line)
			}
		}
	}
}

func TestAnAuditLogThatCannotBeWrittenSaysSo(t *testing.T) {
	if _, err := record.OpenAudit(filepath.Join(t.TempDir(), "absent")); err == nil || !strings.Contains(err.Error(), "open the audit log") {
		t.Errorf("a directory that is not there: %v", err)
	}
	dir := t.TempDir()
	if err := os.Symlink("/dev/full", filepath.Join(dir, "audit.ndjson")); err != nil {
		t.Fatal(err)
	}
	if _, err := record.OpenAudit(dir); err == nil {
		t.Error("a log outside of the state directory was opened")
	}
	a := openAudit(t, t.TempDir())
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Add(record.Act{By: "ann", Verb: "park"}); err == nil || !strings.Contains(err.Error(), `"ann" asked for "park"`) {
		t.Errorf("added to a closed log: %v", err)
	}
}

func FuzzAudit(f *testing.F) {
	f.Add([]byte("{\"verb\":\"park\"}\n{\"verb\":"))
	f.Add([]byte("\n\n1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "audit.ndjson")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		note(t, openAudit(t, dir), record.Act{Verb: "last"})
		whole := string(text[:bytes.LastIndexByte(text, '\n')+1])
		added, ok := strings.CutPrefix(read(t, path), whole)
		lines := strings.SplitAfter(strings.TrimSuffix(added, "\n"), "\n")
		if !ok || len(lines) > 2 || !strings.Contains(lines[len(lines)-1], `"verb":"last"`) || !strings.HasSuffix(added, "}\n") {
			t.Errorf("%q became %q", text, read(t, path))
		}
	})
}
