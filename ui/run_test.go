package ui_test

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/ui"
)

func TestADumbTerminalGetsAnErrorInsteadOfAScreen(t *testing.T) {
	t.Setenv("TERM", "dumb")
	if err := ui.Run(t.Context(), ui.Config{Engine: newEngine()}); !errors.Is(err, ui.ErrDumbTerminal) {
		t.Errorf("got %v, want ErrDumbTerminal", err)
	}
}

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

// firstWrite tells of the first write.
type firstWrite chan struct{}

func (s firstWrite) Write(p []byte) (int, error) {
	select {
	case s <- struct{}{}:
	default:
	}
	return len(p), nil
}
