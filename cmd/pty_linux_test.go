package cmd_test

import (
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"golang.org/x/sys/unix"
)

// onScreen is rehook in a process and on a terminal of its own.
type onScreen struct {
	t             *testing.T
	emulator      *glass
	terminal      *os.File // what the emulator is behind
	process       *exec.Cmd
	width, height int
	look          theme
}

// glass is a terminal that is written to while it is looked at: whoever looks holds mu. (The library's own lock lets go of
// a cell before it is read.)
type glass struct {
	*vt.Emulator
	mu sync.Mutex
}

func (g *glass) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.Emulator.Write(p)
}

// openScreen starts rehook on a terminal of the given size, which says of itself that it is dark, or light.
func openScreen(t *testing.T, width, height int, look theme, env []string, args ...string) *onScreen {
	t.Helper()
	s := &onScreen{t: t, emulator: &glass{Emulator: vt.NewEmulator(width, height)}, width: width, height: height, look: look}
	s.emulator.SetForegroundColor(look.text)
	s.emulator.SetBackgroundColor(look.ground)
	person, program := openTerminal(t)
	s.terminal = person
	size := &unix.Winsize{Row: uint16(height), Col: uint16(width)} //nolint:gosec // they are small
	if err := unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
	s.process = exec.CommandContext(t.Context(), "rehook", args...)
	s.process.Stdin, s.process.Stdout, s.process.Stderr = program, program, program
	s.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	s.process.Env = append(append(os.Environ(), "TERM=xterm-256color", "COLORTERM=", "NO_COLOR=", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME="+t.TempDir()), env...)
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(s.emulator, s.terminal) }() // until the process has ended
	go func() { _, _ = io.Copy(s.terminal, s.emulator) }()
	t.Cleanup(s.close)
	return s
}

// typingPace is what a quick operator takes for a key. A dialog takes none before it could be read.
const typingPace = 300 * time.Millisecond

// press types keys, by their names or as they are.
func (s *onScreen) press(keys ...string) {
	s.t.Helper()
	named := map[string]string{"enter": "\r", "esc": "\x1b", "tab": "\t", "space": " ", "down": "\x1b[B"}
	pace := time.NewTicker(typingPace)
	defer pace.Stop()
	for _, key := range keys {
		if code, ok := named[key]; ok {
			key = code
		}
		if _, err := io.WriteString(s.terminal, key); err != nil {
			s.t.Fatalf("type %q: %v", key, err)
		}
		<-pace.C
	}
}

// waitsMost is how long a screen is waited for. A demonstration on a busy machine takes its time to come to what is wanted.
const waitsMost = 3 * time.Minute

// until waits for all of the words, which are regular expressions.
func (s *onScreen) until(words ...string) {
	s.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	giveUp := time.NewTimer(waitsMost)
	defer giveUp.Stop()
	for {
		missing := s.missing(words)
		if len(missing) == 0 {
			return
		}
		select {
		case <-again.C:
		case <-giveUp.C:
			s.t.Fatalf("%q are not on the screen:\n%s", missing, s.text())
		}
	}
}

func (s *onScreen) missing(words []string) []string {
	text := s.text()
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return regexp.MustCompile(w).MatchString(text) })
}

// text is the screen, row by row.
func (s *onScreen) text() string {
	s.emulator.mu.Lock()
	defer s.emulator.mu.Unlock()
	var b strings.Builder
	for y := range s.height {
		for x := range s.width {
			if cell := s.emulator.CellAt(x, y); cell != nil && cell.Width > 0 {
				b.WriteString(cell.Content)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// close ends the program as a terminal does that goes away.
func (s *onScreen) close() {
	_ = s.process.Process.Signal(syscall.SIGHUP)
	_ = s.process.Wait()                           // it says how it was ended
	_ = s.emulator.InputPipe().(io.Closer).Close() // ends the reading of answers; Close itself races with it
}
