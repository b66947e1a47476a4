package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTypedLinesAreKeptForTheNextScreen(t *testing.T) {
	book := typed{t.TempDir()}
	if got := book.lines(); len(got) != 0 {
		t.Errorf("kept are %q before anything was typed", got)
	}
	for _, line := range []string{"sort age", "ls \"two  blanks\"", "bro\nken"} {
		if err := book.add(line); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := book.lines(), []string{"sort age", "ls \"two  blanks\"", "bro ken"}; !slices.Equal(got, want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
	info, err := os.Stat(filepath.Join(book.dir, typedName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

func TestTypedLinesAreBounded(t *testing.T) {
	book := typed{t.TempDir()}
	for n := range 1000 {
		if err := book.add(fmt.Sprintf("show %d %s", n, strings.Repeat("世", 900))); err != nil {
			t.Fatal(err)
		}
	}
	got := book.lines()
	if len(got) == 0 || len(got) > typedKept || !strings.HasPrefix(got[len(got)-1], "show 999 ") {
		t.Errorf("%d lines are kept, the last is %.10q", len(got), got[len(got)-1])
	}
	info, err := os.Stat(filepath.Join(book.dir, typedName))
	if err != nil || info.Size() > typedMost {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

func TestTypedLinesAreNotKeptThroughALink(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "theirs")
	if err := os.WriteFile(elsewhere, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, typedName)); err != nil {
		t.Fatal(err)
	}
	if err := (typed{dir}).add("sort age"); err == nil {
		t.Error("a file outside of the state directory is written to")
	}
	if got := (typed{dir}).lines(); len(got) != 0 {
		t.Errorf("a file outside of the state directory is read: %q", got)
	}
}

func TestWithoutAStateDirectoryNothingIsKept(t *testing.T) {
	book := typed{filepath.Join(t.TempDir(), "none")}
	if got := book.lines(); got != nil {
		t.Errorf("kept are %q", got)
	}
	if err := book.add("sort age"); err == nil {
		t.Error("it is not said that nothing is kept")
	}
}
