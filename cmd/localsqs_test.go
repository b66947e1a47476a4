package cmd_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rehook/cmd"
)

// serveLocalSQS runs "rehook localsqs" until the test ends, and gives what it prints.
func serveLocalSQS(t *testing.T, stateDir string, flags ...string) *bufio.Scanner {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cmd.Execute(ctx, append([]string{"localsqs", "--listen", "127.0.0.1:0", "--state-dir", stateDir}, flags...), strings.NewReader(""), in, os.Stderr)
		_ = in.Close()
	}()
	t.Cleanup(func() {
		stop()
		_, _ = io.Copy(io.Discard, out)
		if code := <-ended; code != cmd.OK {
			t.Errorf("exit code %d", code)
		}
	})
	return bufio.NewScanner(out)
}

func TestLocalSQSPrintsWhatOtherToolsNeed(t *testing.T) {
	exports, comments := map[string]string{}, ""
	for out := serveLocalSQS(t, t.TempDir()); exports["AWS_SECRET_ACCESS_KEY"] == "" && out.Scan(); {
		if strings.HasPrefix(out.Text(), "#") {
			comments += out.Text() + "\n"
			continue
		}
		assignment, isExport := strings.CutPrefix(out.Text(), "export ")
		name, value, ok := strings.Cut(assignment, "=")
		if !isExport || !ok {
			t.Fatalf("%q cannot be pasted into a shell", out.Text())
		}
		exports[name] = value
	}
	if want := "aws --endpoint-url " + exports["AWS_ENDPOINT_URL_SQS"] + " sqs list-queues"; !strings.Contains(comments, want) {
		t.Errorf("%q does not say %q", comments, want)
	}
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if exports[name] == "" {
			t.Errorf("%s is not exported", name)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, exports["AWS_ENDPOINT_URL_SQS"], strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("it answers %s", answer.Status)
	}
}

// TestSignaturesAreRequired: whoever has the secret is served on an address that all machines reach, and it is not printed.
func TestSignaturesAreRequired(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not for your eyes")
	t.Setenv("AWS_REGION", "us-east-1")
	dir := t.TempDir()
	printed, url := "", ""
	for out := serveLocalSQS(t, dir, "--require-signature", "--listen", "0.0.0.0:0"); !strings.Contains(printed, "Signatures are required") && out.Scan(); {
		printed += out.Text() + "\n"
		if value, found := strings.CutPrefix(out.Text(), "export AWS_ENDPOINT_URL_SQS="); found {
			url = value
		}
	}
	if strings.Contains(printed, "not for your eyes") || strings.Contains(printed, "AKIDEXAMPLE") || !strings.HasPrefix(url, "http://localhost:") {
		t.Errorf("printed %q", printed)
	}
	ensure := func(flags ...string) int {
		return cmd.Execute(t.Context(), append([]string{"queue", "ensure", "--state-dir", dir}, flags...), strings.NewReader(""), io.Discard, io.Discard)
	}
	t.Setenv("AWS_ENDPOINT_URL_SQS", url)
	if code := ensure(); code != cmd.OK {
		t.Errorf("with the credentials: exit code %d", code)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "a guess")
	if code := ensure(); code != cmd.Configuration {
		t.Errorf("with another secret: exit code %d", code)
	}
	if code := ensure("--local"); code != cmd.OK {
		t.Errorf("on the state directory's socket: exit code %d", code)
	}
}

func TestNobodyElseReachesTheEmbeddedQueue(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	serveLocalSQS(t, dir).Scan()
	for name, want := range map[string]os.FileMode{".": 0o700 | os.ModeDir, "queue": 0o700 | os.ModeDir, "sqs.sock": 0o600 | os.ModeSocket} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
}
