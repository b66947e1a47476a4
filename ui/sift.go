package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry/filter"
)

const (
	heldMost = 100             // keys that wait for a filter: more are a paste that went astray
	siftSlow = 2 * time.Second // and for longer than that a filter shows that it is under way
)

// sifting is the way of a filter through the letters. It goes beside the screen: a jq expression can take seconds over
// ten thousand payloads.
//
//	typed ── rests ──▶ sift ──▶ sifted ──▶ list
//	                     ╰── typed again, esc: the answer is not waited for
type sifting struct {
	text string
	stop context.CancelFunc // nil: none is under way
	last bool               // what was typed is final: keys wait
	keys []tea.KeyPressMsg  // that do
}

// sift holds the letters of the view against a filter.
func (m *Model) sift(f *filter.Filter, text string, last bool) tea.Cmd {
	way := &m.sifting
	if !m.s.sifts.IsZero() && way.text == text {
		way.last = way.last || last
		return nil
	}
	way.end(&m.s)
	now, rows := time.Now(), m.s.letters.inView()
	ctx, stop := context.WithCancel(m.outside.ctx)
	way.text, way.stop, way.last = text, stop, last
	m.s.sifts = second(now)
	return m.outside.cmd(func(context.Context) tea.Msg {
		fit := make([]bool, len(rows))
		for i, r := range rows {
			if ctx.Err() != nil {
				return nil
			}
			fit[i] = f.Match(r.Letter, now, filter.Facts{ExpiresAt: r.ExpiresAt})
		}
		return sifted{ctx, f, text, rows, fit}
	})
}

// resift asks the filter again: time alone can change what it lets through.
func (m *Model) resift() tea.Cmd {
	if m.s.filter == "" || !m.s.sifts.IsZero() {
		return nil
	}
	f, err := filter.Parse(m.s.filter)
	if err != nil {
		return nil // it was understood before
	}
	return m.sift(f, m.s.filter, false)
}

// end stops what is under way, and gives the keys that waited for it.
func (way *sifting) end(s *state) []tea.KeyPressMsg {
	if way.stop != nil {
		way.stop()
	}
	keys := way.keys
	*way, s.sifts = sifting{}, time.Time{}
	return keys
}

// holds tells whether a key waits for the filter. What ends something does not: esc and ctrl+c end the filter's way itself.
func (m *Model) holds(k tea.KeyPressMsg) bool {
	way := &m.sifting
	switch key := k.String(); {
	case !way.last:
		return false
	case key == "esc" || key == "ctrl+c":
		way.end(&m.s)
		m.say(m.s.styles.quiet, "the list is as it was: the filter was not waited for")
		return true
	case key == "ctrl+z":
		return false
	}
	if len(way.keys) < heldMost {
		way.keys = append(way.keys, k)
	}
	return true
}

// sifted takes what a filter lets through, and then the keys that waited for it.
func (m *Model) sifted(msg sifted) tea.Cmd {
	if msg.asked.Err() != nil { // more has been typed since
		return nil
	}
	keys, l, f := m.sifting.end(&m.s), m.s.letters, msg.filter
	for i, r := range msg.rows {
		r.sifted, r.fits = f, msg.fit[i]
	}
	m.s.filter = msg.text
	l.match = func(r *row) bool {
		if r.sifted != f { // it has come since
			r.sifted, r.fits = f, f.Match(r.Letter, m.s.now, filter.Facts{ExpiresAt: r.ExpiresAt})
		}
		return r.fits
	}
	m.refilter()
	var cmds []tea.Cmd
	for _, k := range keys {
		cmds = append(cmds, m.press(k))
	}
	return tea.Batch(cmds...)
}

// siftsSlowly tells whether a filter is under way for so long that this should be seen.
func (s *state) siftsSlowly() bool {
	return !s.sifts.IsZero() && !s.now.Before(s.sifts.Add(siftSlow))
}
