package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// launch runs rehook in a process of its own, to be killed.
func launch(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), "rehook", args...)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

func kill(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it says that it was killed
}

func TestKilledEngineLosesNothing(t *testing.T) {
	const n, before, atOnce = 300, 100, 8
	t.Setenv("HOME", t.TempDir())
	dir := t.TempDir()
	crm := newEndpoint(t, before)
	t.Run("fill", func(t *testing.T) {
		fill(t, openSQS(t, filepath.Join(dir, "queue")), "gen-webhook-dlq", crm.URL+"/hook", n)
	})
	delivered := func(want int) func() bool {
		return func() bool { distinct, _ := crm.count(); return distinct >= want }
	}
	first := launch(t, "serve", "--state-dir", dir, "--allow", "127.0.0.1", "--per-endpoint", "8")
	until(t, "some are delivered", delivered(before))
	kill(t, first)
	close(crm.turns)

	second := launch(t, "serve", "--state-dir", dir, "--allow", "127.0.0.1", "--per-endpoint", "8")
	until(t, "all are delivered", delivered(n))
	if err := second.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = second.Wait() // its exit code is not what this is about
	// What the kill fell upon: the attempts in flight, and the deletes that were being gathered to ten.
	if _, doubled := crm.count(); doubled > 2*atOnce+10 {
		t.Errorf("%d came twice: more than the kill can have cut off", doubled)
	}
}

func TestEmbeddedQueueOutlivesTheProcessThatServesIt(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	dir := t.TempDir()
	owner := launch(t, "localsqs", "--listen", "127.0.0.1:0", "--state-dir", dir)
	until(t, "it serves", func() bool { _, err := os.Stat(filepath.Join(dir, "sqs.sock")); return err == nil })
	depth := func() error {
		return exec.CommandContext(t.Context(), "rehook", "queue", "depth", "--state-dir", dir).Run()
	}
	if err := depth(); err != nil {
		t.Errorf("beside it: %v", err)
	}
	kill(t, owner)
	began := time.Now()
	if err := depth(); err != nil {
		t.Errorf("after it was killed: %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to take its place", took)
	}
}
