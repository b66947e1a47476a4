package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// editorGrace is how long an editor may take to end when the screen does: it is told to, and then it is killed.
const editorGrace = 500 * time.Millisecond

// editor runs the operator's editor on a file, with the terminal for itself. It is a [tea.ExecCommand].
type editor struct {
	ctx     context.Context //nolint:containedctx // the screen's life: a screen that ends waits for no editor
	command string
	path    string
	in, out *os.File
}

// SetStdin is where the editor reads. What is no file is no terminal either, and waiting for the end of it would
// take a key more.
func (e *editor) SetStdin(r io.Reader) { e.in, _ = r.(*os.File) }

// SetStdout is where it draws: on the terminal itself, not through what the screen writes with.
func (e *editor) SetStdout(w io.Writer) {
	switch w := w.(type) {
	case *os.File:
		e.out = w
	case patientFile:
		e.out = w.File
	}
}

// SetStderr is not for the editor: what it says belongs on the same terminal.
func (e *editor) SetStderr(io.Writer) {}

// Run waits for the editor.
func (e *editor) Run() error {
	words := strings.Fields(e.command)
	if len(words) == 0 {
		return errors.New("no editor is set")
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return fmt.Errorf("the editor %q was not found: set VISUAL or EDITOR to one", words[0])
	}
	c := exec.CommandContext(e.ctx, words[0], append(words[1:], e.path)...) //nolint:gosec // the operator's own choice
	if e.in != nil {
		c.Stdin = e.in
	}
	if e.out != nil {
		c.Stdout, c.Stderr = e.out, e.out
	}
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = editorGrace
	if err := c.Run(); err != nil {
		return fmt.Errorf("the editor %q ended with %w", words[0], err)
	}
	return nil
}
