package cmd_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"rehook/cmd"
)

func TestLookingShowsAllAndChangesNothing(t *testing.T) {
	sqsURL := openSQS(t, t.TempDir())
	for name, value := range awsEnvironment(sqsURL) {
		t.Setenv(name, value)
	}
	fill(t, sqsURL, "orders", "https://crm.example.com/hook?key=hunter2", 25)
	list := func(args ...string) string {
		var out bytes.Buffer
		args = append([]string{"ls", "--queue", "orders", "--state-dir", t.TempDir()}, args...)
		if code := cmd.Execute(t.Context(), args, strings.NewReader(""), &out, os.Stderr); code != cmd.OK {
			t.Fatalf("%q: exit code %d", args, code)
		}
		return out.String()
	}
	for _, tt := range []struct {
		args []string
		want int
	}{
		{[]string{"-o", "ndjson", "endpoint:crm", "expires<15d"}, 25},
		{[]string{"-o", "ndjson", "id:00000000-0000-4000-8000-000000000007"}, 1},
		{[]string{"-o", "ndjson", "--parked"}, 0},
		{nil, 26}, // with its header
	} {
		out := list(tt.args...)
		if got := strings.Count(out, "\n"); got != tt.want {
			t.Errorf("%q prints %d lines, want %d:\n%s", tt.args, got, tt.want, out)
		}
		if strings.Contains(out, "hunter2") {
			t.Errorf("%q shows a secret", tt.args)
		}
		if got := left(t, sqsURL); got != "25 and 0" {
			t.Fatalf("after %q %s are visible and leased, want 25 and 0", tt.args, got)
		}
	}
}

func TestListedLettersSayWhereTheyCameFrom(t *testing.T) {
	sqsURL := openSQS(t, t.TempDir())
	for name, value := range awsEnvironment(sqsURL) {
		t.Setenv(name, value)
	}
	fill(t, sqsURL, "orders", "https://crm.example.com/hook", 1)
	event := `{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"t","source":"s","time":"2026-11-24T03:00:00Z","detail":{}}`
	call(t, sqsURL, "SendMessage", map[string]any{"QueueUrl": sqsURL + "/000000000000/orders", "MessageBody": event}, &struct{}{})
	var out bytes.Buffer
	args := []string{"ls", "--queue", "orders", "--state-dir", t.TempDir(), "-o", "ndjson", "source:eventbridge"}
	if code := cmd.Execute(t.Context(), args, strings.NewReader(""), &out, os.Stderr); code != cmd.OK {
		t.Fatalf("exit code %d", code)
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"source":"eventbridge"`) || !strings.Contains(got, `"id":"6a7e8feb`) {
		t.Errorf("printed %s", got)
	}
}
