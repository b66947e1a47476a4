package cmd_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"rehook/cmd"
)

// openTerminal gives both ends of a pseudo-terminal: the one that a person sits at, and the one that a program has.
func openTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	person = os.NewFile(uintptr(fd), "/dev/ptmx")
	t.Cleanup(func() { _ = person.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120}); err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return person, program
}

func TestReadOnlyScreensOwnEngineStartsPaused(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	for _, tt := range []struct {
		args      []string
		want, not string
	}{{nil, "running", "paused"}, {[]string{"--read-only"}, "paused", "running"}} {
		person, program := openTerminal(t)
		seen := &output{}
		go func() {
			buffer := make([]byte, 4096)
			for {
				n, err := person.Read(buffer)
				_, _ = seen.Write(buffer[:n])
				if err != nil {
					return
				}
			}
		}()
		code := make(chan int, 1)
		go func() {
			code <- cmd.Execute(t.Context(), append([]string{"--local", "--state-dir", t.TempDir()}, tt.args...), program, program, os.Stderr)
		}()
		until(t, "the screen says "+tt.want, func() bool { return strings.Contains(seen.String(), tt.want) })
		if _, err := person.WriteString("q"); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(seen.String(), tt.not) {
			t.Errorf("%q: the screen says %s", tt.args, tt.not)
		}
		if got := <-code; got != cmd.OK {
			t.Errorf("%q: exit code %d", tt.args, got)
		}
	}
}
