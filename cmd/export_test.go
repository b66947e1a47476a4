package cmd_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rehook/cmd"
	"rehook/retry/deadletter"
)

// shell runs a command as somebody types it, on the embedded queue of a state directory.
func shell(t *testing.T, stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return shellUntil(t, t.Context(), stdin, args...)
}

func shellUntil(t *testing.T, ctx context.Context, stdin io.Reader, args ...string) (code int, stdout, stderr string) { //nolint:revive // t goes first
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	var out, errs bytes.Buffer
	code = cmd.Execute(ctx, args, stdin, &out, &errs)
	return code, out.String(), errs.String()
}

// lettersOf reads what export writes.
func lettersOf(t *testing.T, text string) map[string]*deadletter.Letter {
	t.Helper()
	found := map[string]*deadletter.Letter{}
	for line := range strings.Lines(text) {
		l, err := deadletter.Decode([]byte(line))
		if err != nil {
			t.Fatalf("%.80q: %v", line, err)
		}
		if found[l.ID] != nil {
			t.Errorf("letter %q is written twice", l.ID)
		}
		found[l.ID] = l
	}
	return found
}

func TestWhatIsExportedIsImportedAsItWas(t *testing.T) {
	payloads := map[string]string{
		"plain":  `{"n":9007199254740993123}`,
		"pretty": "{\n  \"a\": 1.0\n}",
		"binary": "\xff\xfe",
		"large":  `"` + strings.Repeat("0123456789abcdef", 200_000) + `"`, // 3 MB: it is kept outside of the queue
	}
	var file strings.Builder
	for id, payload := range payloads {
		l := &deadletter.Letter{
			ID: id, OriginalEndpoint: "https://crm.example.com/hook?key=hunter2", Payload: []byte(payload), RetryCount: 3,
			Headers: deadletter.Headers{"X-Hub-Signature-256": {"sha256=00"}},
		}
		file.Write(append(l.Line(), '\n'))
	}
	first, second := t.TempDir(), t.TempDir()
	text := file.String()
	for _, state := range []string{first, second} {
		if code, _, said := shell(t, strings.NewReader(text), "import", "--local", "--state-dir", state); code != cmd.OK {
			t.Fatalf("import: exit code %d: %s", code, said)
		}
		code, out, said := shell(t, nil, "export", "--local", "--state-dir", state)
		if code != cmd.OK || said != "" {
			t.Fatalf("export: exit code %d: %s", code, said)
		}
		text = out // the second one gets what the first one gave
	}
	found := lettersOf(t, text)
	for id, payload := range payloads {
		l := found[id]
		if l == nil || string(l.Payload) != payload || l.PayloadRef != nil || l.RetryCount != 3 || l.Headers.Get("X-Hub-Signature-256") != "sha256=00" || !strings.HasSuffix(l.OriginalEndpoint, "hunter2") {
			t.Errorf("letter %q came back as %.200v", id, l)
		}
	}
	if code, out, _ := shell(t, nil, "export", "--local", "--state-dir", second, "id:pl"); code != cmd.OK || len(lettersOf(t, out)) != 1 {
		t.Errorf("selected: exit code %d: %s", code, out)
	}
	if code, _, said := shell(t, nil, "export", "--local", "stat:503"); code != cmd.Usage {
		t.Errorf("a filter that makes no sense: exit code %d: %s", code, said)
	}
	if err := os.RemoveAll(filepath.Join(second, "claims")); err != nil {
		t.Fatal(err)
	}
	code, out, said := shell(t, nil, "export", "--local", "--state-dir", second)
	if light := lettersOf(t, out)["large"]; code != cmd.Partly || light == nil || !light.PayloadElsewhere() || !strings.Contains(said, `1 letters were written without their payload: read the payload of letter "large"`) {
		t.Errorf("a payload that is gone: exit code %d: %s: %+v", code, said, light)
	}
}

func TestWhatNoQueueTakesIsFoundBeforeAnythingIsSent(t *testing.T) {
	sqsURL := openSQS(t, t.TempDir())
	for name, value := range awsEnvironment(sqsURL) {
		t.Setenv(name, value)
	}
	fill(t, sqsURL, "orders", "https://crm.example.com/hook", 0)
	small := (&deadletter.Letter{ID: "small", Payload: []byte(`1`)}).Line()
	large := (&deadletter.Letter{ID: "large", Payload: []byte(`"` + strings.Repeat("x", 2<<20) + `"`)}).Line()
	file := string(small) + "\n" + string(large) + "\n"
	code, out, said := shell(t, strings.NewReader(file), "import", "--queue", "orders", "--state-dir", t.TempDir(), "-")
	if code != cmd.Partly || out != "" || !strings.HasPrefix(said, "rehook: line 2: ") || !strings.Contains(said, `set "claims" to a bucket`) {
		t.Errorf("exit code %d: %s%s", code, out, said)
	}
	if got := left(t, sqsURL); got != "0 and 0" {
		t.Errorf("%s are visible and leased", got)
	}
}

func TestAnInterruptedImportSaysWhatItSent(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	state := t.TempDir()
	line := (&deadletter.Letter{ID: "a", Payload: []byte(`1`)}).Line()
	code, out, said := shellUntil(t, ctx, strings.NewReader(string(line)), "import", "--local", "--state-dir", state)
	if code != cmd.Interrupted {
		t.Errorf("exit code %d: %s%s", code, out, said)
	}
	if code, out, _ := shell(t, nil, "export", "--local", "--state-dir", state); code != cmd.OK || out != "" {
		t.Errorf("exit code %d: %s", code, out)
	}
}
