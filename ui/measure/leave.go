package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// flying is a screen with attempts in flight.
var flying = regexp.MustCompile(`[1-9][0-9,]* in flight`)

// leaveGoal is how long a screen may take to end, in milliseconds.
const leaveGoal = 1500

// waysOut end a screen whose engine has attempts in flight. Each gives the moment at which it was told to end.
var waysOut = []struct {
	name string
	out  func(ctx context.Context, x *terminal) (told time.Time, err error)
}{
	{"q", func(ctx context.Context, x *terminal) (time.Time, error) {
		err := x.press("q")
		if err == nil {
			err = x.until(ctx, 10*time.Second, func(rows []string) bool { return strings.Contains(strings.Join(rows, "\n"), "QUIT") })
		}
		return time.Now(), errors.Join(err, x.press("\r"))
	}},
	{"ctrl+c", func(_ context.Context, x *terminal) (time.Time, error) { return time.Now(), x.press("\x03") }},
	{"SIGTERM", signalled(syscall.SIGTERM)},
	{"SIGHUP", signalled(syscall.SIGHUP)},
	{"SIGINT", signalled(os.Interrupt)},
	{"the terminal goes away", func(_ context.Context, x *terminal) (time.Time, error) {
		told := time.Now()
		err := x.press("j") // the file is only closed once the reading that is under way has ended
		return told, errors.Join(err, x.master.Close())
	}},
}

func signalled(sig os.Signal) func(context.Context, *terminal) (time.Time, error) {
	return func(_ context.Context, x *terminal) (time.Time, error) {
		return time.Now(), x.command.Process.Signal(sig)
	}
}

// measureLeave measures how long each takes.
func measureLeave(ctx context.Context, m *measurement) error {
	at, stop, err := endpoints(ctx, 1, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }) // it never answers
	if err != nil {
		return err
	}
	defer stop()
	for _, way := range waysOut {
		if err := m.leave(ctx, at[0], way.name, way.out); err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
	}
	return nil
}

func (m *measurement) leave(ctx context.Context, at, name string, out func(context.Context, *terminal) (time.Time, error)) error {
	letters := due()
	for n := range letters {
		letters[n].Endpoint = at
	}
	x, err := m.watched(ctx, 0, letters, "--allow", "127.0.0.1")
	if err != nil {
		return err
	}
	err = m.leaves(ctx, x, name, out)
	if closed := x.close(); !errors.Is(closed, os.ErrClosed) { // as where the terminal goes away
		err = errors.Join(err, closed)
	}
	return err
}

func (m *measurement) leaves(ctx context.Context, x *terminal, name string, out func(context.Context, *terminal) (time.Time, error)) error {
	err := x.until(ctx, time.Minute, func(rows []string) bool { return flying.MatchString(strings.Join(rows, "\n")) })
	if err != nil {
		return fmt.Errorf("wait for an attempt: %w", err)
	}
	told, err := out(ctx, x)
	if err != nil {
		return err
	}
	select {
	case <-x.ended:
		m.report.figure("leave, "+name, milliseconds(time.Since(told)), leaveGoal, "ms")
	case <-time.After(15 * time.Second):
		m.report.holds("leave, "+name, "it has not ended after 15 s")
	}
	return ctx.Err()
}
