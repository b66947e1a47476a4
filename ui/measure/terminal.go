package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// The size of the screen, unless something else is said.
const (
	width  = 120
	height = 40
)

// terminal is a real one with a program in it, read by an emulator that answers as terminals do.
type terminal struct {
	command *exec.Cmd
	started time.Time
	master  *os.File
	emu     *vt.SafeEmulator
	ended   chan struct{} // closed
	pace    int           // bytes a second that the line takes; 0: as they come

	mu    sync.Mutex // guards bytes, last, w, h
	bytes int        // read so far
	last  time.Time  // when the last of them came
	w, h  int
	news  chan struct{} // something was read
}

// open starts a program on a terminal whose line takes pace bytes a second.
func open(ctx context.Context, pace int, environment []string, program string, args ...string) (*terminal, error) {
	x := &terminal{
		emu: vt.NewSafeEmulator(width, height), ended: make(chan struct{}), news: make(chan struct{}, 1),
		pace: pace, w: width, h: height,
	}
	x.command = exec.CommandContext(ctx, program, args...) //nolint:gosec // it measures the program that it is told to
	x.command.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8")
	x.command.Env = append(x.command.Env, environment...)
	x.started = time.Now()
	var err error
	if x.master, err = pty.StartWithSize(x.command, &pty.Winsize{Cols: width, Rows: height}); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() { _, _ = io.Copy(x.master, x.emu) }() // until close
	go x.read()
	go func() {
		_ = x.command.Wait() // ProcessState has it
		close(x.ended)
	}()
	return x, nil
}

// read shows what the program writes, until it has ended.
func (x *terminal) read() {
	chunk := make([]byte, 64<<10)
	if x.pace > 0 {
		chunk = chunk[:x.pace/20]
	}
	for {
		n, err := x.master.Read(chunk)
		if n > 0 {
			now := time.Now()
			_, _ = x.emu.Write(chunk[:n]) // it takes all
			x.mu.Lock()
			x.bytes += n
			x.last = now
			x.mu.Unlock()
			select {
			case x.news <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return // the program has ended
		}
		if x.pace > 0 {
			<-time.After(time.Duration(n) * time.Second / time.Duration(x.pace))
		}
	}
}

// press types keys.
func (x *terminal) press(keys string) error {
	_, err := x.master.WriteString(keys)
	return err
}

// resize changes the size of the terminal, and tells the program.
func (x *terminal) resize(w, h int) error {
	x.mu.Lock()
	x.w, x.h = w, h
	x.mu.Unlock()
	x.emu.Resize(w, h)
	return pty.Setsize(x.master, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}) //nolint:gosec // sizes of ours
}

// seen is how many bytes have come, and when the last did.
func (x *terminal) seen() (bytes int, last time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.bytes, x.last
}

// settle waits until nothing has come for a while, and gives the moment when the last came.
func (x *terminal) settle(ctx context.Context, quiet time.Duration) time.Time {
	for {
		select {
		case <-x.news:
			continue
		case <-time.After(quiet):
		case <-ctx.Done():
		}
		_, last := x.seen()
		return last
	}
}

// answer waits for what comes of something that was done when so many bytes had come, until it has settled. It tells
// false if nothing comes of it.
func (x *terminal) answer(ctx context.Context, before int) (last time.Time, ok bool) {
	const within = 500 * time.Millisecond
	giveUp := time.After(within)
	for {
		if bytes, _ := x.seen(); bytes > before {
			return x.settle(ctx, settledAfter), true
		}
		select {
		case <-x.news:
		case <-giveUp:
			return time.Time{}, false
		case <-ctx.Done():
			return time.Time{}, false
		}
	}
}

var errNever = errors.New("it never came to be")

// until waits until the screen is as it should be.
func (x *terminal) until(ctx context.Context, within time.Duration, is func(rows []string) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, within, errNever)
	defer cancel()
	for !is(x.rows()) {
		select {
		case <-x.news:
		case <-x.ended:
			return fmt.Errorf("%w, the program has ended (%v):\n%s", errNever, x.command.ProcessState, strings.Join(x.rows(), "\n"))
		case <-ctx.Done():
			return fmt.Errorf("%w:\n%s", context.Cause(ctx), strings.Join(x.rows(), "\n"))
		}
	}
	return nil
}

// rows are the screen, a string a row.
func (x *terminal) rows() []string {
	x.mu.Lock()
	w, h := x.w, x.h
	x.mu.Unlock()
	rows := make([]string, h)
	for y := range rows {
		var b strings.Builder
		for column := 0; column < w; {
			cell := x.emu.CellAt(column, y)
			if cell == nil || cell.Width == 0 {
				b.WriteByte(' ')
				column++
				continue
			}
			b.WriteString(cell.Content)
			column += cell.Width
		}
		rows[y] = b.String()
	}
	return rows
}

// close asks the program to end, and waits for it.
func (x *terminal) close() error {
	_ = x.command.Process.Signal(syscall.SIGTERM) // it may have ended
	var err error
	select {
	case <-x.ended:
	case <-time.After(15 * time.Second):
		err = errors.Join(errors.New("the program did not end within 15 s of SIGTERM"), x.command.Process.Kill())
	}
	return errors.Join(err, x.master.Close(), x.emu.Close())
}
