package ui_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

// ndjson is what "rehook export" writes of letters.
func ndjson(t *testing.T, entries ...retry.Entry) string {
	t.Helper()
	var b bytes.Buffer
	e := retry.Exporter{To: &b}
	for _, entry := range entries {
		must(e.Write(t.Context(), entry.Letter))
	}
	return b.String()
}

// kept is an engine's letter as the test made it: its times are those of the bubble.
func (e *engine) kept(ids ...int) (entries []retry.Entry) {
	for _, n := range ids {
		entries = append(entries, e.entries[id(n)])
	}
	return entries
}

// typeName types a file name in place of the one that is offered.
func (x *terminal) typeName(name string) {
	x.t.Helper()
	x.press("ctrl+u", name, "enter")
	x.pass(time.Second)
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	must(err)
	if info.Mode() != 0o600 || string(text) != want {
		t.Errorf("%v: it holds\n%.500s\nwant\n%.500s", info.Mode(), text, want)
	}
}

func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(err)
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %q, want %q", got, names)
	}
}

func TestAnExportIsThatOfTheShell(t *testing.T) {
	for name, c := range map[string]struct {
		keys []string
		ids  []int
		says string
	}{
		"the letter under the cursor": {[]string{"j"}, []int{0}, "1 letter in "},
		"the letter that is shown":    {[]string{"j", "j", "enter"}, []int{1}, "1 letter in "},
		"what is selected":            {[]string{"j", "space", "j", "space"}, []int{0, 2}, "2 letters in "},
		"a range":                     {[]string{"v", "j", "j"}, []int{10, 0, 1}, "3 letters in "},
		"all":                         {[]string{"a"}, []int{10, 0, 1, 2, 6, 3, 4, 5, 9, 7, 8}, "11 letters in "},
		"parked letters":              {[]string{"w", "a"}, []int{11, 12}, "2 letters in "},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "letters.ndjson")
			var want string
			screen(t, func(x *terminal, e *engine) {
				want = ndjson(t, e.kept(c.ids...)...)
				x.press(c.keys...)
				x.press("E")
				x.shows(fmt.Sprintf("export %s to ", strings.TrimSuffix(c.says, " in ")))
				x.typeName(path)
				x.says("✓ " + c.says)
				if len(e.commands()) != 0 {
					t.Errorf("asked for %v", e.commands())
				}
			})
			holds(t, path, want)
			if !strings.Contains(want, "hunter2") {
				t.Error("the secrets are not in it: it could not be redriven")
			}
		})
	}
}

func TestAGroupIsExportedWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "group.ndjson")
	caused := func(e *engine) ui.Config {
		for n, cause := range map[int]string{0: "a", 1: "b", 2: "a"} {
			entry := e.entries[id(n)]
			entry.Cause = cause
			e.entries[id(n)] = entry
		}
		e.status.Causes = []retry.Cause{{Key: "a", Reason: "503"}, {Key: "b", Reason: "503"}}
		return config(e)
	}
	var want string
	screenOf(t, caused, func(x *terminal, e *engine) {
		want = ndjson(t, e.kept(0, 2)...)
		x.press("t", "E")
		x.typeName(path)
		x.says("✓ 2 letters in ")
	})
	holds(t, path, want)
}

func TestAReadOnlyScreenExportsAndSaysWhereTo(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	readOnly := func(e *engine) ui.Config {
		cfg := config(e)
		cfg.ReadOnly = true
		e.status.Queue = "../../\x1b[2J/https://sqs/1/dlq"
		return cfg
	}
	var want string
	screenOf(t, readOnly, func(x *terminal, e *engine) {
		want = ndjson(t, e.kept(10)...)
		x.press("E", "enter")
		x.pass(time.Second)
		x.says("✓ 1 letter in …") // a long path: its end is what counts
		x.says("/rehook-2J-https---sqs-1-dlq-2000-01-01-000000.ndjson")
	})
	holds(t, filepath.Join(dir, "rehook-2J-https---sqs-1-dlq-2000-01-01-000000.ndjson"), want)
}

func TestAFileIsOverwrittenOnlyWhenThatIsWanted(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "letters.ndjson")
	must(os.WriteFile(path, []byte("precious\n"), 0o644))
	var want string
	screen(t, func(x *terminal, e *engine) {
		want = ndjson(t, e.kept(10)...)
		x.press("E")
		x.typeName(path)
		x.shows("OVERWRITE", "letters.ndjson", "is there already: 9 B, written ")
		x.press("esc")
		x.hides("OVERWRITE")
		if text, _ := os.ReadFile(path); string(text) != "precious\n" {
			t.Fatalf("it was overwritten with %.100q", text)
		}
		x.press("E")
		x.typeName(path)
		x.press("enter")
		x.pass(time.Second)
		x.says("✓ 1 letter in ")
	})
	holds(t, path, want)
	only(t, dir, "letters.ndjson")
}

func TestAFileThatCannotBeWrittenIsSaid(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", filepath.Join(dir, "house"))
	must(os.Mkdir("house", 0o700))
	must(os.Symlink("/nowhere/at/all", "link"))
	for typed, says := range map[string]string{
		"nowhere/letters":        "not exported: no such file or directory: " + dir[:20],
		"link":                   "that is there already, and is no ordinary file",
		"house":                  "that is a folder: name a file in it",
		"house/":                 "that is a folder: name a file in it",
		" ":                      "a file name is needed",
		"~root/x":                "of ~ only one's own is understood",
		"a\u202eb":               "the name has characters that cannot be seen",
		strings.Repeat("x", 300): "file name too long",
	} {
		t.Run(says, func(t *testing.T) {
			screenOf(t, config, func(x *terminal, _ *engine) {
				x.resize(200, 50)
				x.press("E")
				x.typeName(typed)
				x.says(says)
				x.press("esc")
			})
		})
	}
	only(t, dir, "house", "link")
	screen(t, func(x *terminal, _ *engine) {
		x.press("E")
		x.typeName("~/mine.ndjson")
		x.says("✓ 1 letter in ")
	})
	only(t, filepath.Join(dir, "house"), "mine.ndjson")
}

// elsewhere is a screen whose letters' payloads take a second to be read.
func elsewhere(err error) func(*engine) ui.Config {
	return func(e *engine) ui.Config {
		for n := range 4 {
			entry := e.entries[id(n)]
			entry.Letter.Payload, entry.Letter.PayloadRef = nil, &deadletter.PayloadRef{Bucket: "claims", Key: "k", Size: 7, SHA256: "00"}
		}
		cfg := config(e)
		cfg.Payload = func(ctx context.Context, _ *deadletter.Letter) ([]byte, error) {
			select {
			case <-time.After(time.Second):
				return []byte(`{"n":1}`), err
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return cfg
	}
}

func TestPayloadsThatAreElsewhereAreExportedToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letters.ndjson")
	screenOf(t, elsewhere(nil), func(x *terminal, _ *engine) {
		x.press("a", "E")
		x.typeName(path)
		x.says("exporting: 2 of 11 letters …")
		x.press("E")
		x.says("an export is under way: esc stops it")
		x.pass(5 * time.Second)
		x.says("✓ 11 letters in ")
	})
	text, err := os.ReadFile(path)
	must(err)
	if got := strings.Count(string(text), `"payload":{"n":1}`); got != 4 || strings.Contains(string(text), "payload_ref") {
		t.Errorf("%d payloads were read:\n%s", got, text)
	}
	gone := filepath.Join(t.TempDir(), "letters.ndjson")
	screenOf(t, elsewhere(errors.New("no such\x1b object")), func(x *terminal, _ *engine) {
		x.resize(200, 50)
		x.press("a", "E")
		x.typeName(gone)
		x.pass(5 * time.Second)
		x.says("11 letters, 4 without their payload: no such␛ object")
	})
	if text, _ := os.ReadFile(gone); strings.Count(string(text), "payload_ref") != 4 {
		t.Errorf("it does not say where their payloads are:\n%s", text)
	}
}

func TestAnExportThatIsStoppedLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "letters.ndjson")
	screenOf(t, elsewhere(nil), func(x *terminal, _ *engine) {
		x.press("a", "E")
		x.typeName(path)
		x.press("esc")
		x.says("stopping the export")
		x.pass(time.Second)
		x.says("the export was stopped: nothing is left of it")
	})
	only(t, dir)
	must(os.WriteFile(path, []byte("precious\n"), 0o600))
	screenOf(t, elsewhere(nil), func(x *terminal, _ *engine) {
		x.press("a", "E")
		x.typeName(path)
		x.press("enter")
		x.pass(time.Second)
		x.says("exporting") // the screen ends meanwhile
	})
	only(t, dir, "letters.ndjson")
	holds(t, path, "precious\n")
}

func TestWithNothingToExportNothingIsAsked(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("w", "w", "E")
		x.says("E export: there is no letter here")
		x.press("1", "E")
		x.says("E export: in MESSAGES and DETAIL")
	})
}
