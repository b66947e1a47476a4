package record_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/record"
)

func openTrash(t *testing.T, dir string) *record.Trash {
	t.Helper()
	trash, err := record.OpenTrash(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := trash.Close(); err != nil {
			t.Error(err)
		}
	})
	return trash
}

func letter(id string, payload string) *deadletter.Letter {
	return &deadletter.Letter{ID: id, OriginalEndpoint: "https://crm.example.com/hook", Payload: []byte(payload)}
}

// letters gives what a file of the trash holds, and fails where it holds anything else.
func letters(t *testing.T, path string) []*deadletter.Letter {
	t.Helper()
	var found []*deadletter.Letter
	for line := range bytes.Lines([]byte(read(t, path))) {
		l, err := deadletter.Decode(line)
		if err != nil || !bytes.HasSuffix(line, []byte("\n")) {
			t.Fatalf("%s: %.80q: %v", path, line, err)
		}
		found = append(found, l)
	}
	return found
}

func TestWhatIsKeptIsTheLetterByteForByte(t *testing.T) {
	dir := t.TempDir()
	trash := openTrash(t, dir)
	payload := "{\n  \"n\": 9007199254740993123,\r\n  \"s\": \"\u009b\"\n}"
	if err := trash.Keep(letter("a", payload)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "trash.ndjson")
	if found := letters(t, path); len(found) != 1 || found[0].ID != "a" || string(found[0].Payload) != payload {
		t.Errorf("kept %s", read(t, path))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestManyAreKeptAtOnce(t *testing.T) {
	dir := t.TempDir()
	trash := openTrash(t, dir)
	var writers sync.WaitGroup
	for i := range 2_000 {
		writers.Go(func() {
			if err := trash.Keep(letter(fmt.Sprint(i), `{}`)); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	ids := map[string]bool{}
	for _, l := range letters(t, filepath.Join(dir, "trash.ndjson")) {
		ids[l.ID] = true
	}
	if len(ids) != 2_000 {
		t.Errorf("%d of 2000 are kept", len(ids))
	}
}

func TestNothingYoungerThanThirtyDaysIsDropped(t *testing.T) {
	dir := t.TempDir()
	trash := openTrash(t, dir)
	large := `"` + strings.Repeat("x", 1<<20) + `"`
	for i := range 14 {
		if err := trash.Keep(letter(fmt.Sprint(i), large)); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, name := range []string{"trash.1.ndjson", "trash.2.ndjson", "trash.3.ndjson", "trash.4.ndjson", "trash.ndjson"} {
		for _, l := range letters(t, filepath.Join(dir, name)) {
			if l.ID != fmt.Sprint(n) {
				t.Fatalf("%s has letter %s in the place of %d", name, l.ID, n)
			}
			n++
		}
	}
	if n != 14 {
		t.Errorf("%d of 14 are kept", n)
	}
	age := func(name string, days int) {
		at := time.Now().AddDate(0, 0, -days)
		if err := os.Chtimes(filepath.Join(dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	age("trash.1.ndjson", 31)
	age("trash.2.ndjson", 29)
	age("trash.ndjson", 31)
	if err := openTrash(t, dir).Keep(letter("last", `{}`)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "trash*"))
	if err != nil || len(files) != 4 {
		t.Errorf("left are %q, %v", files, err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "trash.1.ndjson") || strings.HasSuffix(path, "trash.5.ndjson") {
			t.Errorf("%s is still there", path)
		}
	}
	if found := letters(t, filepath.Join(dir, "trash.ndjson")); len(found) != 1 || found[0].ID != "last" {
		t.Errorf("%d letters are in the new file", len(found))
	}
}

// A child may write no file larger than 64 kB: for what it writes that is a full disk, in the middle of a line.
func TestAFullDiskIsAnErrorAndLeavesWholeLines(t *testing.T) {
	if dir := os.Getenv("TRASH_ON_FULL_DISK"); dir != "" {
		fillDisk(t, dir)
		return
	}
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$") //nolint:gosec // this very test
	child.Env = append(os.Environ(), "TRASH_ON_FULL_DISK="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	found := letters(t, filepath.Join(dir, "trash.ndjson"))
	if len(found) != 7 || found[6].ID != "small" {
		t.Errorf("%d letters are kept", len(found))
	}
}

func fillDisk(t *testing.T, dir string) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64_000, Max: 64_000}); err != nil {
		t.Fatal(err)
	}
	trash := openTrash(t, dir)
	payload := `"` + strings.Repeat("x", 10_000) + `"`
	for i := range 6 {
		if err := trash.Keep(letter(fmt.Sprint(i), payload)); err != nil {
			t.Fatal(err)
		}
	}
	if err := trash.Keep(letter("too much", payload)); err == nil || !strings.Contains(err.Error(), `keep letter "too much" in the trash`) {
		t.Fatalf("on a full disk: %v", err)
	}
	if found := letters(t, filepath.Join(dir, "trash.ndjson")); len(found) != 6 {
		t.Errorf("%d letters are kept", len(found))
	}
	if err := trash.Keep(letter("small", `{}`)); err != nil {
		t.Error(err)
	}
}
