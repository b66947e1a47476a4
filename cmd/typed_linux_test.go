package cmd_test

import (
	"os"
	"path/filepath"
	"testing"

	"rehook/cmd"
)

func TestCommandsOfOneScreenComeBackOnTheNext(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	state := t.TempDir()
	kept := func() string {
		text, _ := os.ReadFile(filepath.Join(state, "typed.txt")) // there is none at first
		return string(text)
	}
	for _, tt := range []struct {
		typed, kept string
		flags       []string
	}{
		{":sort age\r", "sort age\n", nil},
		{":\x1b[A\r", "sort age\nsort age\n", nil},
		{":sort why\r", "sort age\nsort age\n", []string{"--read-only"}}, // it changes nothing, not even that
	} {
		s := sit(t, append([]string{"--local", "--state-dir", state}, tt.flags...)...)
		s.sees("the screen is there", "MESSAGES")
		s.types(tt.typed)
		until(t, "the line is kept", func() bool { return kept() == tt.kept })
		s.leaves(cmd.OK, func() { s.types("q") })
		if kept() != tt.kept {
			t.Errorf("%q: kept is %q", tt.typed, kept())
		}
	}
}
