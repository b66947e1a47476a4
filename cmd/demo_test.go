package cmd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rehook/cmd"
)

func TestDemoEndsByItselfAndLosesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	code := cmd.Execute(t.Context(), []string{"demo", "--headless", "--for", "3s", "--seed", "7", "--rate", "20"}, strings.NewReader(""), &out, os.Stderr)
	if code != cmd.OK {
		t.Fatalf("exit code %d", code)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var kinds []string
	for _, line := range lines {
		var event struct{ At, Event string }
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.At == "" || event.Event == "" {
			t.Fatalf("%q is no event: %v", line, err)
		}
		kinds = append(kinds, event.Event)
	}
	if first, last := kinds[0], kinds[len(kinds)-1]; first != "snapshot" || last != "summary" {
		t.Errorf("it begins with %q and ends with %q", first, last)
	}
	var sum struct{ Sent, Captured, Delivered, Parked, Waiting, Duplicates, Lost int }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &sum); err != nil {
		t.Fatal(err)
	}
	if sum.Lost != 0 || sum.Duplicates != 0 || sum.Sent < 20 || sum.Captured == 0 || sum.Delivered+sum.Parked+sum.Waiting != sum.Sent {
		t.Errorf("it does not add up: %+v", sum)
	}
	if left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "rehook-*")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %q: %v", left, err)
	}
}
