package ui_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rehook/ui"
)

// answer lets the terminal say something, in parts that come a fifth of a second after each other.
func (x *terminal) answer(parts ...string) {
	for _, part := range parts {
		_, _ = x.in.Write([]byte(part))
		x.pass(200 * time.Millisecond)
	}
}

func TestALateAnswerRepaintsOnceAndTypesNothing(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.pass(3 * time.Second)
		before := x.text()
		x.writtenSince()
		x.answer("\x1b]11;rgb:ffff/ffff/ffff\x1b\\")
		if n := x.writtenSince(); n < 1000 {
			t.Errorf("a light background repaints with %d bytes", n)
		}
		x.answer("\x1b]11;rgb:ffff/ffff/ffff\a")
		if n := x.writtenSince(); n > 200 {
			t.Errorf("the same answer again wrote %d bytes", n)
		}
		if len(before) == 0 || len(e.commands()) != 0 {
			t.Errorf("it did %v", e.commands())
		}
	})
}

// A slow line may cut an answer anywhere. What comes then is still no key: r, p and x act.
func TestAnAnswerThatComesInPartsTypesNothing(t *testing.T) {
	for _, answer := range []string{
		"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", "\x1b]11;rgb:1e1e/1e1e/2e2e\a", "\x1b[?2026;2$y", "\x1b[?2027;0$y", "\x1b[?1u", "\x1b[?62;22c",
	} {
		for at := 1; at < len(answer); at++ {
			t.Run(fmt.Sprintf("%q at %d", answer, at), func(t *testing.T) {
				screen(t, func(x *terminal, e *engine) {
					x.press("j")
					id := x.cursor()
					x.answer(answer[:at], answer[at:])
					if got := e.commands(); len(got) != 0 || x.cursor() != id {
						t.Errorf("it did %v, and the cursor is on %s, was on %s", got, x.cursor(), id)
					}
					if last := x.last(); len(last) < 7 || last[len(last)-6:] != "q quit" {
						t.Errorf("the footer says %q", last)
					}
					x.hides("REDRIVE", "PARK", "DELETE", "KEYS HERE")
					x.press("?")
					x.shows("KEYS HERE")
				})
			})
		}
	}
}

// A machine of the eighties prints what it does not know: no title, and no question for its colours.
func TestAVideoTerminalIsSentNoOperatingSystemCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 80, 24, tea.WithEnvironment([]string{"TERM=vt100"}))
		defer x.close()
		x.press("j", "enter")
		for at := 0; at+1 < len(x.bytes()); at++ {
			if x.bytes()[at] == ansi.ESC && x.bytes()[at+1] == ']' {
				t.Fatalf("it was sent %q", x.bytes()[at:min(at+40, len(x.bytes()))])
			}
		}
		x.shows("+- 1 QUEUES")
	})
}

// chunks gives one of them at each read.
type chunks []string

func (c *chunks) Read(p []byte) (int, error) {
	if len(*c) == 0 {
		return 0, io.EOF
	}
	n := copy(p, (*c)[0])
	*c = (*c)[1:]
	return n, nil
}

func TestWhatIsTypedComesThrough(t *testing.T) {
	for _, c := range []struct {
		chunks chunks
		want   string
	}{
		{chunks{"jk", "r"}, "jkr"},
		{chunks{"\x1b", "j"}, "\x1bj"},
		{chunks{"\x1b", "]", "x"}, "\x1b]x"}, // two keys
		{chunks{"\x1b[A\x1bOB\x1b[<0;3;4M"}, "\x1b[A\x1bOB\x1b[<0;3;4M"},
		{chunks{"\x1b[", "1;5", "A", "j"}, "\x1b[1;5Aj"},
		{chunks{"\x1b[200~a\x1b]r", "é\x1b[201~"}, "\x1b[200~a\x1b]ré\x1b[201~"},
		{chunks{"\x1b]11;rgb:ff", "j"}, "\x1b]11;rgb:ffj"}, // nothing that we asked for
		{chunks{"\x1b", "[A", "j"}, "\x1bj"},               // a key that came apart does nothing
		{chunks{"\x1b", "]11;rgb:f", "f/ff/ff\x1b", "\\j"}, "\x1bj"},
		{chunks{"\x1b[" + strings.Repeat("1", 100), "j"}, "\x1b[" + strings.Repeat("1", 100) + "j"},
		{chunks{"\x1b]11;" + strings.Repeat("1", 100), "j"}, "\x1b]11;" + strings.Repeat("1", 100) + "j"},
	} {
		in := c.chunks
		var got strings.Builder
		if _, err := io.CopyBuffer(&got, struct{ io.Reader }{ui.Typed(&in)}, make([]byte, 4096)); err != nil || got.String() != c.want {
			t.Errorf("%q came through as %q, %v, want %q", c.chunks, got.String(), err, c.want)
		}
	}
}
