package ui

import (
	"fmt"
	"strings"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// drawNext draws what happens next to a letter, and why not now.
func (c columns) drawNext(s *state, l *line, r *row) {
	switch r.Phase {
	case retry.Done:
		c.delivered(s, l, r)
	case retry.InParked:
		c.parked(s, l, r)
	case retry.InFlight:
		l.cell(s.styles.accent, "→ attempting", c.next)
	case retry.Settling:
		l.cell(s.styles.quiet, c.fits("telling the queue", "telling queue"), c.next)
	case retry.Waiting:
		c.waiting(s, l, r)
	}
}

func (c columns) waiting(s *state, l *line, r *row) {
	left := r.Due.Sub(s.now)
	if left <= 0 && (r.Wait == retry.ForBackoff || r.Wait == retry.ForRetryAfter) {
		l.cell(s.styles.quiet, "due", c.next)
		return
	}
	switch r.Wait {
	case retry.ForBackoff:
		c.backoff(s, l, r, left)
	case retry.ForRetryAfter:
		l.cell("", c.fits("retry-after ", "after ")+countdown(left), c.next)
	case retry.ForBreaker:
		words := c.fits("breaker probes in ", "probe in ")
		if left <= 0 {
			l.cell("", c.fits("breaker is open", "breaker open"), c.next)
			return
		}
		l.cell("", words+clockDown(left), c.next)
	case retry.ForRelease:
		l.cell(s.styles.warn, "‖ held by "+s.who(r.HeldBy), c.next)
	case retry.ForCommand:
		l.cell(s.styles.quiet, c.fits("its turn in a redrive", "its turn"), c.next)
	case retry.ForResume:
		l.cell(s.styles.quiet, "‖ paused", c.next)
	case retry.ForParking:
		l.cell(s.styles.warn, c.fits("cannot be parked, again ", "parks in ")+countdown(max(left, 0)), c.next)
	case retry.ForTurn:
		l.cell(s.styles.quiet, c.fits("waits for a free slot", "its turn"), c.next)
	default:
		l.cell(s.styles.quiet, plain.Line(string(r.Wait)), c.next)
	}
}

// fits is the long words, or the short ones where the column is narrow.
func (c columns) fits(long, short string) string {
	if c.next < 24 {
		return short
	}
	return long
}

// backoff draws a bar that fills until the letter is due, and the seconds that are left. They are not
// coloured: twelve of them change every second, and a colour would double what that costs.
func (c columns) backoff(s *state, l *line, r *row, left time.Duration) {
	width := min(8, c.next-7)
	full := 0
	if whole := r.Due.Sub(r.WaitSince); whole > 0 && !r.WaitSince.IsZero() {
		full = max(0, min(width, int(float64(width)*float64(whole-left)/float64(whole))))
	}
	l.add(s.styles.accent, strings.Repeat("━", full)).add(s.styles.border, strings.Repeat("─", width-full))
	l.skip(1).cellRight("", countdown(left), 5)
}

func (c columns) parked(s *state, l *line, r *row) {
	p := r.Letter.Parked
	if p == nil {
		l.cell(s.styles.quiet, "parked", c.next)
		return
	}
	words := plain.Line(string(p.Reason))
	if c.next >= 20 || p.Reason == deadletter.ByOperator {
		words = plain.Line(parkWords(p.Reason))
	}
	if !p.At.IsZero() {
		since := ageWords(s.now, p.At, 4)
		words = plain.Truncate(words, c.next-len(since)-1) + " " + since
	}
	l.cell(s.styles.warn, words, c.next)
}

func (c columns) delivered(s *state, l *line, r *row) {
	if r.doneAt.IsZero() {
		l.cell(s.styles.good, "✓ delivered", c.next)
		return
	}
	l.add(s.styles.good, "✓ ").add("", timeOfDay(r.doneAt))
	if c.next >= 20 {
		l.add(s.styles.quiet, fmt.Sprintf(" %s", latency(r.latency)))
	}
}
