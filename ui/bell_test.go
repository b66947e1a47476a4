package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/colorprofile"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui"
)

// alarmed tells a screen of alerts, and gives what was written of them.
func (x *terminal) alarmed(e *engine, alerts ...retry.Alert) string {
	x.writtenSince()
	e.tell(func(u *retry.Update, _ *retry.Status) {
		for _, a := range alerts {
			a.At = retry.At{Time: time.Now()}
			u.Stream = append(u.Stream, a)
		}
	})
	x.pass(2 * time.Second)
	return x.bytes()
}

// rings counts the bells in what was written: those that end a title or a notification are none.
func rings(written string) int {
	n := 0
	for _, rest := range strings.Split(written, "\x1b]")[1:] {
		if strings.Contains(rest, "\a") {
			n--
		}
	}
	return n + strings.Count(written, "\a")
}

func crmFails() retry.Alert {
	return retry.Alert{Kind: retry.AlertBreaker, Endpoint: "https://crm.example.com", Message: "https://crm.example.com fails", Hint: "wait"}
}

func TestAnAlertRingsAndNotifiesOnce(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		got := x.alarmed(e, crmFails())
		if rings(got) != 1 || !strings.Contains(got, "\x1b]9;rehook: https://crm.example.com fails\a") {
			t.Errorf("an alert wrote %q", got)
		}
		if got := x.alarmed(e, crmFails()); strings.Contains(got, "\a") {
			t.Errorf("the same alert again wrote %q", got)
		}
		x.pass(6 * time.Minute)
		if got := x.alarmed(e, crmFails()); rings(got) != 1 {
			t.Errorf("six minutes later it wrote %q", got)
		}
	})
}

func TestManyAlertsRingOnceInAWhile(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.alarmed(e, crmFails())
		x.writtenSince()
		for _, host := range []string{"a", "b", "c"} {
			e.tell(func(u *retry.Update, _ *retry.Status) {
				u.Stream = append(u.Stream, retry.Alert{At: retry.At{Time: time.Now()}, Kind: retry.AlertUnauthorized, Endpoint: host, Message: host + " answers 401"})
			})
			x.pass(time.Second)
		}
		if got := x.bytes(); rings(got) != 0 {
			t.Errorf("it rings again and again: %q", got)
		}
		x.pass(10 * time.Second)
		if got := x.bytes(); rings(got) != 1 || !strings.Contains(got, "\x1b]9;rehook: 2 more, and a answers 401\a") {
			t.Errorf("the three later alerts wrote %q", got)
		}
	})
}

func TestWhatWasToldBeforeRingsNoBell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.backlog = []retry.Event{crmFails()}
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.shows("https://crm.example.com fails")
		if got := x.bytes(); rings(got) != 0 {
			t.Errorf("attaching wrote %q", got)
		}
	})
}

func TestNoBell(t *testing.T) {
	quiet := func(e *engine) ui.Config {
		cfg := config(e)
		cfg.NoBell = true
		return cfg
	}
	screenOf(t, quiet, func(x *terminal, e *engine) {
		if got := x.alarmed(e, crmFails()); rings(got) != 0 || strings.Contains(got, "\x1b]9;") {
			t.Errorf("it wrote %q", got)
		}
		x.shows("https://crm.example.com fails")
	})
}

func TestANotificationIsPlainASCII(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		evilAlert := crmFails()
		evilAlert.Message = "bad\x1b]52;c;aGk=\a\x9c\u009c✗" + strings.Repeat("long ", 100)
		got := x.alarmed(e, evilAlert)
		_, after, _ := strings.Cut(got, "\x1b]9;")
		text, _, _ := strings.Cut(after, "\a")
		if len(text) == 0 || len(text) > 130 || !strings.HasPrefix(text, "rehook: bad?]52;c;aGk=?") {
			t.Errorf("the notification is %q", text)
		}
		for _, r := range text {
			if r < 0x20 || r > 0x7e {
				t.Errorf("it holds %U", r)
			}
		}
	})
}

func TestATerminalThatMayDrawANotificationOnlyRings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		x := open(t, config(e), 120, 40, tea.WithEnvironment([]string{"TERM=linux"}), tea.WithColorProfile(colorprofile.ANSI))
		defer x.close()
		if got := x.alarmed(e, crmFails()); rings(got) != 1 || strings.Contains(got, "\x1b]9;") {
			t.Errorf("it wrote %q", got)
		}
	})
}
