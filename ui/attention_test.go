package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
)

func TestAScreenThatNobodyLooksAtIsDrawnSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		letters := countdowns()
		for i := range letters {
			letters[i].Due = time.Now().Add(9 * time.Minute) // it counts down as long as the test takes
		}
		e := newEngine(letters...)
		e.status.Endpoints = nil
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.pass(2 * time.Second)
		x.writtenSince()
		x.pass(time.Minute)
		looked := x.writtenSince()
		x.press("blur")
		x.pass(2 * time.Second)
		x.writtenSince()
		x.pass(time.Minute)
		unseen := x.writtenSince()
		t.Logf("%d bytes a minute, and %d that nobody sees", looked, unseen)
		if unseen > looked/2 {
			t.Errorf("nobody looks, and a minute writes %d bytes, looked at it writes %d", unseen, looked)
		}
		x.press("focus")
		x.writtenSince()
		x.pass(time.Minute)
		if again := x.writtenSince(); again < looked*3/4 {
			t.Errorf("looked at again, a minute writes %d bytes, before it wrote %d", again, looked)
		}
	})
}

func TestWhoLooksAgainSeesTheTruthAtOnce(t *testing.T) {
	for _, back := range []string{"focus", "j"} { // some terminals only ever say that nobody looks
		synctest.Test(t, func(t *testing.T) {
			e := newEngine(countdowns()...)
			x := open(t, config(e), 120, 40)
			defer x.close()
			x.press("blur")
			x.pass(10 * time.Second)
			e.tell(func(_ *retry.Update, s *retry.Status) { s.Queue = "another-dlq" })
			x.pass(500 * time.Millisecond)
			e.tell(func(_ *retry.Update, s *retry.Status) { s.Queue = "a-third-dlq" })
			x.pass(500 * time.Millisecond)
			x.hides("a-third-dlq")
			x.press(back)
			x.shows("a-third-dlq", time.Now().UTC().Format("15:04:05"))
		})
	}
}

func TestAFrameComesAtOnceWhereTheTerminalCanDoThat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 120, 40)
		defer x.close()
		if strings.Contains(x.bytes(), "\x1b[?2026h") {
			t.Error("it is used before the terminal has said that it knows it")
		}
		x.press("\x1b[?2026;2$y") // known, and off
		x.writtenSince()
		x.press("j")
		x.pass(3 * time.Second)
		got := x.bytes()
		begun, ended := strings.Count(got, "\x1b[?2026h"), strings.Count(got, "\x1b[?2026l")
		if begun == 0 || begun != ended || !strings.HasPrefix(got, "\x1b[?2026h") || !strings.HasSuffix(got, "\x1b[?2026l") {
			t.Errorf("%d frames begin and %d end: %q", begun, ended, got)
		}
	})
}

func TestATerminalBehindSSHIsAskedToo(t *testing.T) {
	for env, asked := range map[string]int{"SSH_TTY=/dev/pts/3": 1, "SHELL=/bin/sh": 1} {
		synctest.Test(t, func(t *testing.T) {
			x := open(t, config(newEngine(some()...)), 120, 40, tea.WithEnvironment([]string{"TERM=xterm-256color", env}))
			defer x.close()
			if got := strings.Count(x.bytes(), "\x1b[?2026$p"); got != asked {
				t.Errorf("with %s it is asked %d times, want %d", env, got, asked)
			}
		})
	}
}

func TestSuspendGivesTheTerminalToTheShellWhateverIsOpen(t *testing.T) {
	for _, open := range []string{"j", "?", "/", "p"} {
		screen(t, func(x *terminal, _ *engine) {
			x.press(open)
			x.writtenSince()
			x.press("ctrl+z") // in a test it is continued at once, as where no shell stands behind the terminal
			x.whole()
			if n := x.stops.Load(); n != 1 {
				t.Errorf("after %q it was suspended %d times", open, n)
			}
			if open == "j" {
				x.says("there is no shell behind this terminal")
			}
			x.press("esc", "j")
			x.whole()
		})
	}
}
