package ui

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui/plain"
)

const (
	ringEvery   = 10 * time.Second // at most
	sameAgain   = 5 * time.Minute  // for one that has rung
	noticeWidth = 120              // cells of a notification
)

// bell calls the operator for alerts: it rings, and has the terminal notify. What an engine had to tell before it was
// attached to rings no bell.
type bell struct {
	off     bool
	mute    bool // notifications: the terminal may show what it does not know
	news    bool // what comes is new
	rang    time.Time
	heard   map[string]time.Time // when an alert has rung, by what it is about
	waiting []retry.Alert        // for the bell to be allowed again
	due     bool                 // it has been asked to ring again
}

// rung says that the bell may ring again.
type rung struct{}

// hear takes the alerts of an update.
func (m *Model) hear(events []retry.Event) tea.Cmd {
	b := &m.bell
	defer func() { b.news = true }()
	if b.off || !b.news {
		return nil
	}
	now := time.Now()
	for _, e := range events {
		a, ok := e.(retry.Alert)
		if !ok {
			continue
		}
		about := string(a.Kind) + " " + a.Endpoint
		if at, known := b.heard[about]; known && now.Sub(at) < sameAgain {
			continue
		}
		b.forget(now)
		b.heard[about] = now
		b.waiting = append(b.waiting, a)
	}
	return m.ring()
}

// ring rings for all that wait, now or when it may.
func (m *Model) ring() tea.Cmd {
	b := &m.bell
	if len(b.waiting) == 0 || b.due {
		return nil
	}
	if quiet := ringEvery - time.Since(b.rang); quiet > 0 {
		b.due = true
		return m.outside.cmd(func(ctx context.Context) tea.Msg {
			wait(ctx, quiet)
			return rung{}
		})
	}
	sequence := "\a"
	if !b.mute {
		sequence += notification(b.waiting)
	}
	b.rang, b.waiting = time.Now(), nil
	return tea.Raw(sequence)
}

// forget keeps what has rung from growing.
func (b *bell) forget(now time.Time) {
	if b.heard == nil {
		b.heard = map[string]time.Time{}
	}
	for about, at := range b.heard {
		if now.Sub(at) >= sameAgain {
			delete(b.heard, about)
		}
	}
}

// notification has the terminal notify of alerts (OSC 9). It begins with a word: some take a number there for
// something else. ASCII alone: some end it at the byte 9C, which other characters have.
func notification(alerts []retry.Alert) string {
	text := "rehook: " + plain.Line(plain.Head(alerts[0].Message, noticeWidth))
	if n := len(alerts) - 1; n > 0 {
		text = fmt.Sprintf("rehook: %d more, and %s", n, strings.TrimPrefix(text, "rehook: "))
	}
	return "\x1b]9;" + ascii(plain.Truncate(text, noticeWidth)) + "\a"
}

// ascii has a question mark for every character that is not ASCII.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, text)
}

// notifies tells of terminals that take no notifications, and might draw them.
func notifies(term string) bool {
	for _, old := range [...]string{"linux", "vt", "ansi", "cons", "cygwin"} {
		if strings.HasPrefix(term, old) {
			return false
		}
	}
	return true
}
