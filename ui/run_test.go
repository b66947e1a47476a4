package ui_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/ui"
)

func TestTheScreenEndsInOrder(t *testing.T) {
	for name, end := range map[string]func(cancel context.CancelFunc, in io.Writer){
		"with its context": func(cancel context.CancelFunc, _ io.Writer) { cancel() },
		"when hung up on":  func(context.CancelFunc, io.Writer) { must(syscall.Kill(syscall.Getpid(), syscall.SIGHUP)) },
		"by a key":         func(_ context.CancelFunc, in io.Writer) { _, _ = io.WriteString(in, "q") },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			keys, in := io.Pipe()
			drawn := make(chan struct{}, 1)
			ended := make(chan error, 1)
			go func() {
				ended <- ui.Run(ctx, ui.Config{Engine: newEngine(some()...)}, tea.WithInput(keys), tea.WithOutput(firstWrite(drawn)), tea.WithWindowSize(80, 24))
			}()
			<-drawn
			end(cancel, in)
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("it ended with %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Error("it does not end")
			}
		})
	}
}

func TestAStalledTerminalDoesNotKeepTheScreen(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			keys, in := io.Pipe()
			line := &stalledLine{blocked: make(chan struct{}, 1), lifted: make(chan struct{})}
			ended := make(chan error, 1)
			go func() {
				cfg := ui.Config{Engine: newEngine(some()...), Output: line}
				ended <- ui.Run(t.Context(), cfg, tea.WithInput(keys), tea.WithWindowSize(80, 24))
			}()
			defer func() { _ = in.Close() }()
			defer close(line.lifted)
			<-line.blocked
			must(syscall.Kill(syscall.Getpid(), sig))
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("it ended with %v", err)
				}
			case <-time.After(6 * time.Second):
				t.Error("it does not end")
			}
		})
	}
}

func TestATerminalThatIsSlowGetsItsModesBack(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	keys, in := io.Pipe()
	defer func() { _ = in.Close() }()
	line := &stalledLine{blocked: make(chan struct{}, 1), lifted: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		ended <- ui.Run(ctx, ui.Config{Engine: newEngine(), Output: line}, tea.WithInput(keys), tea.WithWindowSize(80, 24))
	}()
	<-line.blocked
	cancel()
	time.AfterFunc(500*time.Millisecond, func() { close(line.lifted) })
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	line.mu.Lock()
	defer line.mu.Unlock()
	if !strings.Contains(line.taken.String(), "\x1b[?1049l") {
		t.Errorf("the alternate screen is not left: %q", line.taken.String())
	}
}

// stalledLine takes nothing until it is lifted.
type stalledLine struct {
	blocked chan struct{}
	lifted  chan struct{}

	mu    sync.Mutex // guards taken
	taken bytes.Buffer
}

func (s *stalledLine) Write(p []byte) (int, error) {
	select {
	case s.blocked <- struct{}{}:
	default:
	}
	<-s.lifted
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken.Write(p)
}

// firstWrite tells of the first write.
type firstWrite chan struct{}

func (s firstWrite) Write(p []byte) (int, error) {
	select {
	case s <- struct{}{}:
	default:
	}
	return len(p), nil
}
