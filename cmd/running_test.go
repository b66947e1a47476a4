package cmd_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"rehook/cmd"
)

// running is a command that runs in this process until it is stopped.
type running struct {
	stop   context.CancelFunc
	code   chan int
	stderr *output
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, code: make(chan int, 1), stderr: &output{}}
	go func() { r.code <- cmd.Execute(ctx, args, strings.NewReader(""), io.Discard, r.stderr) }()
	return r
}

// ends stops the command and holds that it ends in order.
func (r *running) ends(t *testing.T) {
	t.Helper()
	r.stop()
	if code := <-r.code; code != cmd.OK {
		t.Fatalf("exit code %d; it said:\n%s", code, r.stderr)
	}
}

// output is what a command has written so far.
type output struct {
	mu      sync.Mutex // guards written
	written bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.written.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.written.String()
}

// until looks again and again, as whatever it looks at is in another process or does not say when it changes.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	giveUp := time.NewTimer(time.Minute) // twice the lease that a killed engine leaves behind
	defer giveUp.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-giveUp.C:
			t.Fatalf("not within a minute: %s", what)
		}
	}
}
