package ui

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
)

const (
	// editorGrace is how long an editor may take to end when the screen does: it is told to, and then it is killed.
	editorGrace = 500 * time.Millisecond
	// rendererStops is how long the renderer is given to come to rest. It stops its ticker behind our back, and were that
	// after it has been started again, the screen would stand still for ever (bubbletea #1778).
	rendererStops = 20 * time.Millisecond
)

// findEditor says whether the program of an editor's command is there. An editor that cannot even begin must not get the
// terminal first.
func findEditor(command string) error {
	program := strings.Fields(command)[0]
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("the editor %q was not found: set VISUAL or EDITOR to one", program)
	}
	return nil
}

// editor runs the operator's editor on a file, with the terminal for itself. It is a [tea.ExecCommand].
type editor struct {
	ctx     context.Context //nolint:containedctx // the screen's life: a screen that ends waits for no editor
	command string
	path    string
	in, out *os.File
}

// SetStdin is where the editor reads. What is no file is no terminal either, and waiting for the end of it would
// take a key more.
func (e *editor) SetStdin(r io.Reader) { e.in = fileOf(r) }

// SetStdout is where it draws: on the terminal itself, not through what the screen writes with.
func (e *editor) SetStdout(w io.Writer) { e.out = fileOf(w) }

// fileOf is the file below what the screen reads from or writes to; nil: it is none.
func fileOf(stream any) *os.File {
	switch f := stream.(type) {
	case *os.File:
		return f
	case patientFile:
		return f.File
	case listened:
		return f.File
	}
	return nil
}

// SetStderr is not for the editor: what it says belongs on the same terminal.
func (e *editor) SetStderr(io.Writer) {}

// Run waits for the editor.
func (e *editor) Run() error {
	if !wait(e.ctx, rendererStops) {
		return context.Cause(e.ctx)
	}
	words := strings.Fields(e.command)
	c := exec.CommandContext(e.ctx, words[0], append(words[1:], e.path)...) //nolint:gosec // the operator's own choice
	if e.in != nil {
		c.Stdin = e.in
		defer keepModes(e.in)()
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

// keepModes puts a terminal's modes back: an editor that was killed leaves its own, and the screen would take them for
// those that it must leave behind itself.
func keepModes(terminal *os.File) (putBack func()) {
	modes, err := term.GetState(terminal.Fd())
	if err != nil { // it is none
		return func() {}
	}
	return func() { _ = term.Restore(terminal.Fd(), modes) } // one that has gone has no modes to put back
}
