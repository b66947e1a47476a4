package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
)

// ticked brings the clock forward. A tick that a nearer one has overtaken is none.
func (m *Model) ticked(msg ticked) tea.Cmd {
	if !msg.at.Equal(m.tick) {
		return nil
	}
	m.tick = time.Time{}
	m.s.now = second(time.Now())
	m.s.letters.findOldest(m.s.now)
	if !m.s.note.until.IsZero() && !m.s.now.Before(m.s.note.until) {
		m.s.note = note{}
	}
	if m.s.now.Second() == 0 {
		return m.resift()
	}
	return nil
}

// lookedAt brings a screen that stood nearly still up to date.
func (m *Model) lookedAt() {
	m.watcher.regained()
	m.s.now = second(time.Now())
}

// keepTime asks for the next tick: the next second while something counts down, else the next minute.
func (m *Model) keepTime() tea.Cmd {
	next := m.s.now.Truncate(time.Minute).Add(time.Minute)
	if m.s.countsDown() {
		next = m.s.now.Add(time.Second)
	}
	if sifts := m.s.sifts.Add(siftSlow); !m.s.sifts.IsZero() && sifts.Before(next) {
		next = sifts // it begins to be seen that a filter is slow
	}
	if stale := m.s.status.DepthAt.Add(freshUpTo); m.s.fresh() && stale.Before(next) {
		next = second(stale).Add(time.Second) // the figures begin to say how old they are
	}
	if !m.tick.IsZero() && !next.Before(m.tick) {
		return nil
	}
	m.tick = next
	return m.tickAt(next)
}

// countsDown tells whether something on the screen changes with every second.
func (s *state) countsDown() bool {
	if !s.note.until.IsZero() || s.siftsSlowly() || !s.attached && s.lost == nil || s.hooksLoading {
		return true
	}
	for _, e := range s.status.Endpoints {
		if e.Until.After(s.now) || e.NotBefore.After(s.now) {
			return true
		}
	}
	return s.letters.countsDown(s.now, s.listHeight())
}

// countsDown tells whether a letter in a window of h rows does.
func (l *letters) countsDown(now time.Time, h int) bool {
	if l.groups.shown {
		return false
	}
	for i := l.scroll.top; i < min(l.scroll.top+h, len(l.rows)); i++ {
		if l.rows[i].Due.After(now) && l.rows[i].Phase == retry.Waiting {
			return true
		}
	}
	return false
}

// clock has seconds only while the screen is drawn every second anyway.
func (s *state) clock() string {
	if s.countsDown() {
		return timeOfDay(s.now)
	}
	return minuteOfDay(s.now)
}

func timeOfDay(t time.Time) string   { return t.Local().Format("15:04:05") }
func minuteOfDay(t time.Time) string { return t.Local().Format("15:04") }

// spinner turns once a second: a faster one would cost the line more than what it waits for.
func spinner(now time.Time) string { return [...]string{"◐", "◓", "◑", "◒"}[now.Unix()%4] }

func second(t time.Time) time.Time { return t.Truncate(time.Second) }
