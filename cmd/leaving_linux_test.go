package cmd_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"rehook/cmd"
)

// leaveAtMost tells that nobody waited for attempts in flight, which hang for ten seconds. A person waits for half a second,
// but tests that keep the machine busy make it three times that.
const leaveAtMost = 5 * time.Second

// sitting is a person at a terminal in which rehook runs, in a process and a session of its own.
type sitting struct {
	t       *testing.T
	person  *os.File
	program *os.File // kept open, so that what the program wrote last can be read
	cmd     *exec.Cmd
	seen    *output
	errors  *output
	before  unix.Termios
}

// sit starts rehook in a terminal whose end is a SIGHUP for it, as from a login shell.
func sit(t *testing.T, args ...string) *sitting {
	t.Helper()
	return sitBefore(t, true, exec.CommandContext(t.Context(), "rehook", args...))
}

// sitBefore starts a program so; where the terminal is not the controlling one, no SIGHUP comes.
func sitBefore(t *testing.T, controlling bool, c *exec.Cmd) *sitting {
	t.Helper()
	person, program := openTerminal(t)
	s := &sitting{t: t, person: person, program: program, seen: &output{}, errors: &output{}}
	s.before = s.modes()
	s.cmd = c
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = program, program, s.errors
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: controlling}
	// The library closes its reader of keys under one that has not ended within half a second: on a machine that is busy
	// enough the race detector sees that, and would have it be the exit code.
	s.cmd.Env = append(s.cmd.Environ(), "GORACE=exitcode=0")
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := person.Read(buffer)
			_, _ = s.seen.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	return s
}

func (s *sitting) modes() unix.Termios {
	s.t.Helper()
	modes, err := unix.IoctlGetTermios(int(s.program.Fd()), unix.TCGETS)
	if err != nil {
		s.t.Fatal(err)
	}
	return *modes
}

func (s *sitting) types(keys string) {
	s.t.Helper()
	if _, err := s.person.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sitting) sees(what, words string) {
	s.t.Helper()
	until(s.t, what, func() bool { return strings.Contains(s.seen.String(), words) })
}

// insists types a key until it was taken: a dialog takes none that was typed before it could be read. The key must do no
// harm when it is taken twice.
func (s *sitting) insists(key, words string) {
	s.t.Helper()
	until(s.t, fmt.Sprintf("what %q is for", key), func() bool {
		taken := strings.Contains(s.seen.String(), words)
		if !taken {
			s.types(key)
		}
		return taken
	})
}

func (s *sitting) signals(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// leaves does what ends the program, and holds that it ends in time, with an exit code.
func (s *sitting) leaves(code int, how func()) {
	s.t.Helper()
	began := time.Now()
	how()
	err := s.cmd.Wait()
	if took := time.Since(began); took > leaveAtMost {
		s.t.Errorf("it took %v to end, want at most %v", took, leaveAtMost)
	} else {
		s.t.Logf("%v", took)
	}
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		s.t.Fatal(err)
	}
	if got != code {
		s.t.Errorf("exit code %d, want %d; it said: %s", got, code, s.errors)
	}
}

// inOrder holds that the terminal is as it was.
func (s *sitting) inOrder() {
	s.t.Helper()
	if s.modes() != s.before {
		s.t.Error("the line discipline is not as it was: the terminal is still raw")
	}
	until(s.t, "all that it wrote has come", func() bool { return strings.Contains(s.seen.String(), "\x1b[?1049l") })
	if left := leftOn(s.seen.String()); len(left) > 0 {
		s.t.Errorf("left behind: %q, after %q", left, tail(s.seen.String()))
	}
}

var (
	modeOf  = regexp.MustCompile(`\x1b\[\?([0-9;]+)([hl])`)
	kittyOf = regexp.MustCompile(`\x1b\[([<>])([0-9]*)u`)
	otherOf = regexp.MustCompile(`\x1b\[>4(;[0-9])?m`)
	titleOf = regexp.MustCompile(`\x1b\][02];([^\x07\x1b]*)`)
)

// leftOn are the modes of a terminal that are not as at its start, after what was written to it.
func leftOn(written string) []string {
	on := map[string]bool{}
	for _, m := range modeOf.FindAllStringSubmatch(written, -1) {
		for mode := range strings.SplitSeq(m[1], ";") {
			on[mode] = m[2] == "h"
		}
	}
	if shown, known := on["25"]; known {
		on["25"] = !shown // the cursor is on at the start
	}
	depth := 0
	for _, m := range kittyOf.FindAllStringSubmatch(written, -1) {
		if m[1] == ">" {
			depth++
		} else {
			depth = max(0, depth-1)
		}
	}
	on["kitty keyboard"] = depth > 0
	if all := otherOf.FindAllStringSubmatch(written, -1); len(all) > 0 {
		on["modifyOtherKeys"] = all[len(all)-1][1] != ""
	}
	if all := titleOf.FindAllStringSubmatch(written, -1); len(all) > 0 {
		on["title"] = all[len(all)-1][1] != ""
	}
	var left []string
	for mode, still := range on {
		if still {
			left = append(left, mode)
		}
	}
	return left
}

func tail(s string) string { return s[max(0, len(s)-200):] }

func TestEveryWayOutLeavesTheTerminalAsItWas(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	for _, way := range []struct {
		name string
		code int
		out  func(s *sitting) func()
	}{
		{"q", cmd.OK, func(s *sitting) func() { return s.confirmed("q") }},
		{"ctrl+c", cmd.OK, func(s *sitting) func() { return func() { s.types("\x03") } }},
		{"SIGTERM", cmd.OK, func(s *sitting) func() { return func() { s.signals(syscall.SIGTERM) } }},
		{"SIGHUP", cmd.OK, func(s *sitting) func() { return func() { s.signals(syscall.SIGHUP) } }},
		{"SIGINT", cmd.Interrupted, func(s *sitting) func() { return func() { s.signals(os.Interrupt) } }},
	} {
		t.Run(way.name, func(t *testing.T) {
			s := busy(t, true)
			s.leaves(way.code, way.out(s.sitting))
			s.inOrder()
			s.keepsAll()
		})
	}
}

// confirmed asks to leave, and gives what answers yes.
func (s *sitting) confirmed(key string) func() {
	s.types(key)
	s.sees("it asks", "QUIT")
	return func() { s.insists("\r", "\x1b[?1049l") }
}

func TestATerminalThatGoesAwayEndsTheProgram(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	for name, controlling := range map[string]bool{"with its session": true, "alone": false} {
		t.Run(name, func(t *testing.T) {
			s := busy(t, controlling)
			s.leaves(cmd.OK, func() {
				_ = s.program.Close()
				_ = s.person.Close()
			})
			s.keepsAll()
		})
	}
}

func TestSuspendedScreenGivesTheTerminalBackAndComesBackWhole(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	shell := exec.CommandContext(t.Context(), "sh", "-m", "-c", `rehook --local --paused --state-dir "$0"; echo in the shell; read line; fg`, t.TempDir())
	s := sitBefore(t, true, shell)
	s.sees("the screen", "paused")
	s.types("\x1a")
	s.sees("the shell", "in the shell")
	s.inOrder()
	before := len(s.seen.String())
	if err := unix.IoctlSetWinsize(int(s.program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100}); err != nil {
		t.Fatal(err)
	}
	s.types("\n")
	until(t, "the screen is back, in its new size", func() bool {
		again := s.seen.String()[before:]
		return strings.Contains(again, "\x1b[?1049h") && strings.Contains(again, "\x1b[?1002h") && strings.Contains(again, "\x1b[30;") &&
			strings.Contains(again, "paused") && strings.Contains(again, "MESSAGES") && !strings.Contains(again, "\x1b[40;")
	})
	s.leaves(cmd.OK, func() { s.types("q") })
	s.inOrder()
}

func TestSuspendWithoutAShellComesBackByItself(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	s := sit(t, "--local", "--paused", "--state-dir", t.TempDir())
	s.sees("the screen", "paused")
	s.types("\x1a")
	s.sees("why not", "no shell behind this terminal")
	s.leaves(cmd.OK, func() { s.types("q") })
	s.inOrder()
}

// The screen reads and writes through files of its own, and the editor gets the terminal below them.
func TestTheEditorHasTheTerminal(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	dir := t.TempDir()
	script, found := filepath.Join(dir, "editor"), filepath.Join(dir, "found")
	if err := os.WriteFile(script, []byte("if test -t 0 && test -t 1; then echo terminal > "+found+"; else echo none > "+found+"; fi\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VISUAL", "sh "+script)
	sqsURL := openSQS(t, t.TempDir())
	fill(t, sqsURL, "orders", "https://crm.example.com", busyLetters)
	for name, value := range awsEnvironment(sqsURL) {
		t.Setenv(name, value)
	}
	s := sit(t, "--queue", "orders", "--paused", "--state-dir", t.TempDir())
	s.sees("the letters", "00000000")
	s.types("e")
	until(t, "the editor has run", func() bool { text, err := os.ReadFile(found); return err == nil && len(text) > 0 })
	if text, err := os.ReadFile(found); err != nil || string(text) != "terminal\n" {
		t.Errorf("the editor's input and output: %q, %v; want a terminal", text, err)
	}
	until(t, "the screen is back", func() bool { return strings.Count(s.seen.String(), "\x1b[?1049h") > 1 })
	s.signals(syscall.SIGTERM)
	s.leaves(cmd.OK, func() {})
	s.inOrder()
}

func TestAQueueThatAnswersNothingDoesNotKeepTheScreen(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	sqsURL := openSQS(t, t.TempDir())
	fill(t, sqsURL, "orders", "https://crm.example.com", busyLetters)
	to, err := url.Parse(sqsURL)
	if err != nil {
		t.Fatal(err)
	}
	var silent atomic.Bool
	release := make(chan struct{})
	way := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ErrorLog: log.New(io.Discard, "", 0)}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if silent.Load() {
			<-release
			return
		}
		way.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	t.Cleanup(func() { close(release) })
	for name, value := range awsEnvironment(front.URL) {
		t.Setenv(name, value)
	}
	s := sit(t, "--queue", "orders", "--paused", "--state-dir", t.TempDir())
	s.sees("the letters", "30")
	until(t, "all are leased", func() bool { return left(t, sqsURL) == "0 and 30" })
	silent.Store(true)
	s.leaves(cmd.OK, func() { s.types("q") })
	s.inOrder()
}

// A shell that is killed takes its terminal with it: nobody is left to see the end, and the letters go back all the same.
func TestAKilledShellEndsTheProgram(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	s := busyIn(t, true, func(args ...string) *exec.Cmd {
		return exec.CommandContext(t.Context(), "sh", append([]string{"-c", `rehook "$@"; exit`, "sh"}, args...)...)
	})
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // it says that it was killed
	began := time.Now()
	until(t, "all letters are back", func() bool { return left(t, s.sqsURL) == "30 and 0" })
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v: leases were not given back, but ended by themselves", took)
	}
}

// occupied is a sitting with attempts in flight at an endpoint that hangs.
type occupied struct {
	*sitting
	sqsURL string
}

const busyLetters = 30

func busy(t *testing.T, controlling bool) *occupied {
	t.Helper()
	return busyIn(t, controlling, func(args ...string) *exec.Cmd { return exec.CommandContext(t.Context(), "rehook", args...) })
}

func busyIn(t *testing.T, controlling bool, program func(args ...string) *exec.Cmd) *occupied {
	t.Helper()
	var hanging atomic.Int64
	release := make(chan struct{})
	endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		hanging.Add(1)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(endpoint.Close)
	t.Cleanup(func() { close(release) })
	sqsURL := openSQS(t, t.TempDir())
	for name, value := range awsEnvironment(sqsURL) {
		t.Setenv(name, value)
	}
	fill(t, sqsURL, "orders", endpoint.URL, busyLetters)
	s := sitBefore(t, controlling, program("--queue", "orders", "--allow", "127.0.0.1", "--state-dir", t.TempDir()))
	until(t, "an attempt hangs", func() bool { return hanging.Load() > 0 })
	s.sees("the screen shows it", "1 in flight")
	return &occupied{s, sqsURL}
}

// keepsAll holds that no letter was lost, and that every lease was given back.
func (o *occupied) keepsAll() {
	o.t.Helper()
	if got := left(o.t, o.sqsURL); got != "30 and 0" {
		o.t.Errorf("%s are in the queue, visible and leased; want all %d visible", got, busyLetters)
	}
}

// A mode that is not put back is found, or the tests above hold nothing.
func TestWhatIsLeftOnIsFound(t *testing.T) {
	for _, written := range []string{"\x1b[?1049h", "\x1b[?25l", "\x1b[?1002;1006h", "\x1b[?2026h", "\x1b[>1u", "\x1b[>4;2m", "\x1b]2;rehook\a", "\x1b[?1004h"} {
		if len(leftOn(written)) == 0 {
			t.Errorf("%q leaves nothing behind", written)
		}
		if left := leftOn(written + "\x1b[?1049;1002;1006;2026;1004l\x1b[?25h\x1b[<1u\x1b[>4m\x1b]2;\a"); len(left) > 0 {
			t.Errorf("%q and its end leave %q", written, left)
		}
	}
}

// As with "rehook demo | head": the engine ends in order, and the demo's folder goes.
func TestAReaderThatHasSeenEnoughEndsTheProgramInOrder(t *testing.T) {
	t.Setenv("TERM", "dumb")
	files := t.TempDir()
	t.Setenv("TMPDIR", files)
	c := exec.CommandContext(t.Context(), "rehook", "demo")
	told, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := told.Read(make([]byte, 100)); err != nil {
		t.Error(err)
	}
	_ = told.Close()
	if err := c.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	isEmpty(t, files)
}
