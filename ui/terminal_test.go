package ui_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"

	"rehook/ui"
)

// terminal is a virtual terminal with the real program in it.
type terminal struct {
	t       *testing.T
	emu     *vt.SafeEmulator
	in      *io.PipeWriter
	program *tea.Program
	model   *ui.Model
	ended   chan error
	width   int
	height  int
	stops   atomic.Int32 // how often the shell would have stopped it

	mu      sync.Mutex // guards what follows, and the cells
	title   string
	written int
	wrote   []time.Time // when
	raw     bytes.Buffer
}

// Write is what the program writes. The renderer takes LF for CR LF where its input is no terminal.
func (x *terminal) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.written += len(p)
	x.wrote = append(x.wrote, time.Now())
	x.raw.Write(p)
	_, err := x.emu.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")))
	return len(p), err
}

// open starts the program on a terminal of the given size. It must run in a bubble.
func open(t *testing.T, cfg ui.Config, width, height int, opts ...tea.ProgramOption) *terminal {
	t.Helper()
	keys, in := io.Pipe()
	x := &terminal{t: t, emu: vt.NewSafeEmulator(width, height), in: in, ended: make(chan error, 1), width: width, height: height}
	x.emu.SetCallbacks(vt.Callbacks{Title: func(title string) { x.title = title }})
	go func() { _, _ = io.Copy(io.Discard, x.emu) }() // a terminal that never answers
	x.model = ui.New(cfg)
	x.program = tea.NewProgram(x.model, append([]tea.ProgramOption{
		tea.WithInput(ui.Typed(keys)), tea.WithOutput(x), tea.WithWindowSize(width, height), tea.WithFPS(30),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithColorProfile(colorprofile.ANSI256), tea.WithoutSignalHandler(), tea.WithFilter(x.unstopped),
	}, opts...)...)
	x.model.Drive(x.program)
	go func() {
		_, err := x.program.Run()
		x.model.Close()
		x.ended <- err
	}()
	x.pass(200 * time.Millisecond)
	return x
}

// unstopped has a program that would be stopped by its shell continue at once, as the test is in the same process.
func (x *terminal) unstopped(_ tea.Model, msg tea.Msg) tea.Msg {
	if _, stops := msg.(tea.SuspendMsg); stops {
		x.stops.Add(1)
		return tea.ResumeMsg{}
	}
	return msg
}

// pass lets time go by and the program come to rest.
func (x *terminal) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// named are the keys that are no single character.
var named = map[string]string{
	"enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "up": "\x1b[A", "down": "\x1b[B",
	"right": "\x1b[C", "left": "\x1b[D", "ctrl+d": "\x04", "ctrl+u": "\x15", "ctrl+c": "\x03", "backspace": "\x7f",
	"ctrl+p": "\x10", "ctrl+z": "\x1a", "focus": "\x1b[I", "blur": "\x1b[O",
	"pgdown": "\x1b[6~", "pgup": "\x1b[5~", "home": "\x1b[H", "end": "\x1b[F",
}

// press types keys: single characters, or the names below.
func (x *terminal) press(keys ...string) {
	x.t.Helper()
	for _, key := range keys {
		if s, ok := named[key]; ok {
			key = s
		}
		if _, err := io.WriteString(x.in, key); err != nil {
			x.t.Fatalf("typing %q: %v", key, err)
		}
		x.pass(300 * time.Millisecond) // longer than an escape sequence, a debounce and a dialog's guard
	}
}

// resize changes the size of the terminal.
func (x *terminal) resize(width, height int) {
	x.width, x.height = width, height
	x.emu.Resize(width, height)
	x.program.Send(tea.WindowSizeMsg{Width: width, Height: height})
	x.pass(100 * time.Millisecond)
}

// close quits whatever is open.
func (x *terminal) close() {
	x.t.Helper()
	x.program.Quit()
	if err := <-x.ended; err != nil && !errors.Is(err, context.Canceled) {
		x.t.Errorf("the program ended with %v", err)
	}
	_ = x.in.Close()
	_ = x.emu.Close()
}

// over tells whether the program has ended.
func (x *terminal) over() bool {
	select {
	case err := <-x.ended:
		x.ended <- err
		return true
	default:
		return false
	}
}

// cell is what stands at a place.
func (x *terminal) cell(col, row int) uv.Cell {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.cellLocked(col, row)
}

// cellLocked is the same where the lock is held.
func (x *terminal) cellLocked(col, row int) uv.Cell {
	if cell := x.emu.CellAt(col, row); cell != nil {
		return *cell
	}
	return uv.Cell{}
}

// windowTitle is the title of the terminal's window.
func (x *terminal) windowTitle() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.title
}

// rows are the screen, cell by cell.
func (x *terminal) rows() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	rows := make([]string, x.height)
	for y := range rows {
		var b strings.Builder
		for col := 0; col < x.width; {
			cell := x.cellLocked(col, y)
			if cell.Width == 0 {
				b.WriteByte(' ')
				col++
				continue
			}
			b.WriteString(cell.Content)
			col += cell.Width
		}
		rows[y] = b.String()
	}
	return rows
}

func (x *terminal) text() string { return strings.Join(x.rows(), "\n") }

// shows fails unless all of the words are on the screen.
func (x *terminal) shows(words ...string) {
	x.t.Helper()
	text := x.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			x.t.Errorf("%q is not on the screen:\n%s", w, text)
		}
	}
}

// hides fails if one of the words is on the screen.
func (x *terminal) hides(words ...string) {
	x.t.Helper()
	text := x.text()
	for _, w := range words {
		if strings.Contains(text, w) {
			x.t.Errorf("%q is on the screen:\n%s", w, text)
		}
	}
}

// golden compares the screen with a file; -update writes it.
func (x *terminal) golden(name string) {
	x.t.Helper()
	var got strings.Builder
	for _, row := range x.rows() {
		got.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	isGolden(x.t, name, got.String())
}

func isGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		must(os.MkdirAll("testdata", 0o750))
		must(os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (-update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("the screen is not %s (-update writes it):\n%s", path, got)
	}
}

// writtenSince is how many bytes the program has written since the last call.
func (x *terminal) writtenSince() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := x.written
	x.written = 0
	x.raw.Reset()
	return n
}

// bytes is what was written since then.
func (x *terminal) bytes() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.raw.String()
}
