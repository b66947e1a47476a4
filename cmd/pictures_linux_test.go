package cmd_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

var update = flag.Bool("update", false, "write the pictures of docs/pictures")

// largest bounds a picture: a page of the documentation has a dozen.
const largest = 100_000

// picture takes the screen as it is: it must be one that can be drawn. -update writes it.
func (s *onScreen) picture(name, title string) {
	s.t.Helper()
	drawn := s.svg(title)
	if err := readXML(drawn); err != nil || len(drawn) > largest {
		s.t.Errorf("picture %s has %d bytes and is XML but for %v", name, len(drawn), err)
	}
	if testing.Verbose() {
		s.t.Logf("%s, %d bytes:\n%s", name, len(drawn), s.text())
	}
	file := filepath.Join("..", "docs", "pictures", name+".svg")
	if *update {
		if err := os.WriteFile(file, []byte(drawn), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := os.Stat(file); err != nil {
		s.t.Errorf("%v (make pictures writes it)", err)
	}
}

// TestPictures takes the pictures of docs/screen.md, as an operator comes to them, from demonstrations. What arrives
// when differs from run to run, so pictures are not compared: each script has to reach what its picture is of.
func TestPictures(t *testing.T) {
	for name, script := range map[string]func(*testing.T){
		"dark":   taken("whole", 120, 40, onDark),
		"light":  taken("light", 120, 40, onLight),
		"small":  taken("small", 80, 24, onDark),
		"read":   reading,
		"act":    redriving,
		"delete": deleting,
		"down":   unreachable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script(t)
		})
	}
}

// outage opens a demonstration and waits until an endpoint is down and letters wait for it, while others are back.
func outage(t *testing.T, width, height int, look theme) *onScreen {
	t.Helper()
	s := openScreen(t, width, height, look, nil, "demo", "--seed", "7", "--rate", "12")
	s.until("● running", `✗ \d open`, `waiting +\d\d`, `delivered +([5-9]|\d\d)`, `probe.* 0:0`)
	return s
}

// taken is a script that takes one picture of the whole screen.
func taken(name string, width, height int, look theme) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		s := outage(t, width, height, look)
		s.press("G", "k", "space")
		s.until("● 1 selected", "{")
		s.picture(name, "rehook while an endpoint is down")
	}
}

func reading(t *testing.T) {
	t.Helper()
	s := outage(t, 120, 40, onDark)
	s.press("2", "z")
	s.until("━ 2 ENDPOINTS", "open 0:")
	s.picture("endpoints", "the endpoints, what each answers and how much is sent to it")
	s.press("z", "4", "P")
	s.until("paused by you") // nothing moves any more
	s.press("t")
	s.until("by cause", "COUNT")
	s.picture("groups", "letters grouped by their cause")
	s.press("t", "enter", "/", "t", "e", "x", "t", "enter")
	s.until("/text 1 of")
	s.picture("detail", "a letter, with a search in its payload")
	s.press("?")
	s.until("KEYS HERE")
	s.picture("help", "the keys of a pane")
	s.press("esc", "\x10", "r", "e", "d")
	s.until("COMMANDS", "redrive with options")
	s.picture("commands", "all keys and commands, searched")
}

func redriving(t *testing.T) {
	t.Helper()
	s := outage(t, 120, 40, onDark)
	s.press("/", "c", "r", "m", "enter", "a", "R", "tab", "space")
	s.until("WITH OPTIONS", "one first, then ten, then the rest")
	s.picture("plan", "what a redrive with a canary will do")
	s.press("enter")
	s.until("REDRIVEN", "dismiss")
	s.picture("outcome", "what became of each letter")
}

func deleting(t *testing.T) {
	t.Helper()
	s := outage(t, 120, 40, onDark)
	s.press("P")
	s.until("paused by you")
	s.press("space", "space", "space", "R")
	s.until("WITH OPTIONS")
	// Slow, and to an endpoint whose breaker does not open: else the first answer could end it.
	s.press("0", ".", "0", "2", "tab", "tab", "http://billing.example.com/hook", "enter")
	s.until("of 3", "close: it goes on")
	s.press("enter")
	s.until("redrive by you", "J shows it")
	s.press("J")
	s.until("JOBS")
	s.picture("jobs", "what the engine does for whom")
	s.press("esc", "space", "space", "space", "x")
	s.until("DELETE 3 LETTERS")
	s.press("3")
	s.picture("delete", "the question before letters are deleted")
}

// unreachable takes the queue away from under a screen: that of a demonstration is a part of it.
func unreachable(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server, url, ended, err := startSQS(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for name, value := range awsEnvironment(url) {
		env = append(env, name+"="+value)
	}
	for _, args := range [][]string{{"queue", "ensure"}, {"import", writeLetters(t, 14)}} {
		c := exec.CommandContext(ctx, "rehook", args...)
		c.Env = append(os.Environ(), env...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("rehook %q: %v: %s", args, err, out)
		}
	}
	s := openScreen(t, 120, 40, onDark, env, "--paused", "--state-dir", t.TempDir())
	s.until("waiting 14", "{")
	stop()
	if err := errors.Join(<-ended, server.Close()); err != nil {
		t.Fatal(err)
	}
	s.until("queue unreachable since")
	s.picture("unreachable", "rehook while the queue cannot be reached")
}

// writeLetters writes n letters of an outage into a file, to be imported.
func writeLetters(t *testing.T, n int) (name string) {
	t.Helper()
	var b strings.Builder
	for i := range n {
		endpoint := [...]string{"crm", "crm", "erp"}[i%3]
		fmt.Fprintf(&b, `{"id":%q,"timestamp":%q,"original_endpoint":"https://%s.example.com/hook","error_code":503,"error":"service unavailable",`+
			`"payload":{"channel":{"platform":"Open","to":{"id":"customer-%d"}},"text":"Where is my order?"},"retry_count":%d}`+"\n",
			uuid.NewString(), time.Now().Add(-time.Duration(i)*time.Minute).Format(time.RFC3339), endpoint, 40000+i*331, i%4)
	}
	name = filepath.Join(t.TempDir(), "letters.ndjson")
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTheGuideShowsEveryPicture(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "docs", "screen.md"))
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, match := range regexp.MustCompile(`\((pictures/[a-z]+\.svg)\)`).FindAllStringSubmatch(string(guide), -1) {
		shown = append(shown, filepath.Join("..", "docs", match[1]))
	}
	taken, err := filepath.Glob(filepath.Join("..", "docs", "pictures", "*.svg"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(shown)
	if !slices.Equal(shown, taken) {
		t.Errorf("docs/screen.md shows %q, and there are %q", shown, taken)
	}
}
