package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rehook/cmd"
	"rehook/retry/deadletter"
)

// sitWithLetter is a person with an editor, which is a shell script, at a screen that shows one letter.
func sitWithLetter(t *testing.T, script string) (s *sitting, files string) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	files = t.TempDir()
	t.Setenv("TMPDIR", files)
	editor, state := filepath.Join(t.TempDir(), "editor.sh"), t.TempDir()
	if err := os.WriteFile(editor, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VISUAL", "sh "+editor)
	l := deadletter.Letter{ID: "7f3a9c1e", OriginalEndpoint: "https://crm.example.com/hook", Payload: []byte(`{"text":"Guten Abend","n":18014398509481985.00}`)}
	if code, _, said := shell(t, strings.NewReader(string(l.Line())), "import", "--local", "--state-dir", state); code != cmd.OK {
		t.Fatalf("import: exit code %d: %s", code, said)
	}
	s = sit(t, "--local", "--paused", "--state-dir", state)
	s.sees("the letter", "7f3a9c1e")
	return s, files
}

func isEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheEditorHasTheTerminalAndGivesItBackWhole(t *testing.T) {
	s, files := sitWithLetter(t, `[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty -a | grep -q ' icanon' && echo "this is a terminal"
sed -i 's/Abend/Morgen/' "$1"; stty raw -echo; kill -9 $$`)
	s.types("e")
	s.sees("the editor", "this is a terminal")
	s.sees("what has changed", "Guten Morgen")
	s.insists("s", "edited")
	s.leaves(cmd.OK, func() { s.types("q") })
	s.inOrder()
	isEmpty(t, files)
}

func TestAScreenThatEndsWaitsForNoEditor(t *testing.T) {
	for name, script := range map[string]string{
		"one that ends":      `echo "in the editor"; exec sleep 60`,
		"one that goes on":   `trap "" TERM; echo "in the editor"; stty raw; while :; do sleep 1; done`,
		"one that was saved": `echo mine > "$1"; echo "in the editor"; exec sleep 60`,
	} {
		t.Run(name, func(t *testing.T) {
			s, files := sitWithLetter(t, script)
			s.types("e")
			s.sees("the editor", "in the editor")
			s.leaves(cmd.OK, func() { s.signals(syscall.SIGTERM) })
			s.inOrder()
			isEmpty(t, files)
		})
	}
}
