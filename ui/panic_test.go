package ui_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

// A bug ends the screen, and what there is to say of it is said where it can be read.
func TestABugIsPrintedOnceTheTerminalIsRestored(t *testing.T) {
	inView := letter(0, "https://crm.example.com")
	inView.Letter = nil
	for name, broken := range map[string]func(e *engine){
		"in a command": func(e *engine) {
			e.do = func(context.Context, retry.Command) ([]retry.Result, error) { panic("a bug\x1b[2J in a command") }
		},
		"in Update": func(e *engine) {
			e.do = func(context.Context, retry.Command) ([]retry.Result, error) {
				e.tell(func(u *retry.Update, _ *retry.Status) {
					u.Letters = append(u.Letters, retry.Entry{Letter: &deadletter.Letter{ID: "x"}}, inView)
				})
				return nil, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(some()...)
			broken(e)
			printed, restore := catchStderr(t)
			line := &watched{}
			printed.when = func() bool { return strings.Contains(line.String(), "\x1b[?1049l") }
			keys, in := io.Pipe()
			ended := make(chan error, 1)
			go func() {
				ended <- ui.Run(t.Context(), ui.Config{Engine: e, Output: line}, tea.WithInput(keys), tea.WithWindowSize(120, 40))
			}()
			line.waitFor(t, "running")
			_, _ = io.WriteString(in, "P")
			var err error
			select {
			case err = <-ended:
			case <-time.After(10 * time.Second):
				t.Fatal("it does not end")
			}
			text, restored := restore()
			if err == nil || !strings.Contains(err.Error(), "bug") {
				t.Errorf("it ended with %v", err)
			}
			if !restored {
				t.Error("it was printed before the terminal was restored")
			}
			if !strings.Contains(text, "panic") || !strings.Contains(text, ".go:") || strings.Contains(text, "\x1b") {
				t.Errorf("printed: %q", text)
			}
			if !strings.Contains(line.String(), "\x1b[?1002l") || !strings.Contains(line.String(), "\x1b[?1004l") {
				t.Errorf("modes are left on: %q", line.String())
			}
		})
	}
}

// caught is what is printed to standard error, and whether something held when the first of it came.
type caught struct {
	mu   sync.Mutex // guards text and held
	text bytes.Buffer
	held bool
	when func() bool
}

func (c *caught) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.text.Len() == 0 {
		c.held = c.when()
	}
	return c.text.Write(p)
}

func catchStderr(t *testing.T) (c *caught, restore func() (text string, held bool)) {
	t.Helper()
	r, w, err := os.Pipe()
	must(err)
	c = &caught{}
	real := os.Stderr
	os.Stderr = w
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(c, r)
		close(done)
	}()
	return c, func() (string, bool) {
		os.Stderr = real
		_ = w.Close()
		<-done
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.text.String(), c.held
	}
}

// watched is a terminal that can be waited for.
type watched struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func (w *watched) waitFor(t *testing.T, words string) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	giveUp := time.After(30 * time.Second)
	for !strings.Contains(w.String(), words) {
		select {
		case <-again.C:
		case <-giveUp:
			t.Fatalf("%q is never written: %q", words, w.String())
		}
	}
}
