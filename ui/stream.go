package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// stream is the pane of what the engine does. It shows the latest, until somebody goes back in it or pauses it.
type stream struct {
	filter string // as it was typed
	back   int    // number of the tale in the last row; 0: the latest
	paused int    // number of the latest tale when it was paused; 0: it goes on
	kept   []tale // what there was then

	seen     []tale // what the filter lets through, as of
	seenAs   string // this filter
	seenTill int    // and these tellings
}

func (p *stream) title(s *state, left, right *line) {
	name(s, enginePane, left, "ENGINE")
	st := &s.styles
	if p.filter != "" {
		right.add(st.warn, "/"+plain.Truncate(plain.Line(p.filter), 20)).skip(2)
	}
	switch n := p.newer(s); {
	case p.paused > 0:
		right.add(st.warn, fmt.Sprintf("‖ paused, %s since", thousands(s.tales-p.paused)))
	case n > 0:
		right.add(st.warn, thousands(n)+" newer below")
	}
	c, between := s.status.Counters, plain.Spaces(2)
	for _, figure := range [...]said{
		{st.good, thousands(c.Delivered) + " delivered"},
		{st.warn, thousands(c.Parked) + " parked"},
		{st.accent, thousands(c.InFlight) + " in flight"},
		{"", thousands(c.Waiting) + " waiting"},
	} {
		if plain.Width(between+figure.text) > left.left()-right.used-2 {
			return
		}
		left.add(st.quiet, between).add(figure.style, figure.text)
		between = " · "
	}
}

func (p *stream) lines(s *state, box rect) []string {
	tales := p.tales(s)
	switch {
	case len(s.told) == 0:
		return centred(box.w, box.h, said{s.styles.quiet, "nothing has happened yet"})
	case len(tales) == 0:
		return centred(box.w, box.h, said{s.styles.strong, "nothing of it matches"}, said{s.styles.quiet, "esc clears the filter"})
	}
	to := p.end(tales, box.h)
	lines := make([]string, 0, box.h)
	for _, t := range tales[max(0, to-box.h):to] {
		lines = append(lines, t.line(s, box.w))
	}
	return fill(lines, box.w, box.h)
}

// tales are what the filter lets through of what was told, or had been when the stream was paused.
func (p *stream) tales(s *state) []tale {
	all := s.told
	if p.paused > 0 {
		all = p.kept
	}
	if p.filter == "" {
		return all
	}
	if p.seenAs != p.filter || p.paused == 0 && p.seenTill != s.tellings {
		words := strings.Fields(strings.ToLower(p.filter))
		p.seen = slices.DeleteFunc(slices.Clone(all), func(t tale) bool { return !t.matches(words) })
		p.seenAs, p.seenTill = p.filter, s.tellings
	}
	return p.seen
}

// matches tells whether all of the words are in a tale, and none of those with a minus before them.
func (t tale) matches(words []string) bool {
	text := strings.ToLower(t.id + " " + deadletter.MaskURL(t.endpoint) + " " + t.text)
	for _, w := range words {
		w, not := strings.CutPrefix(w, "-")
		if w != "" && strings.Contains(text, w) == not {
			return false
		}
	}
	return true
}

// end is the number of tales up to the one in the last of h rows.
func (p *stream) end(tales []tale, h int) int {
	if p.back == 0 {
		return len(tales)
	}
	at, exact := slices.BinarySearchFunc(tales, p.back, func(t tale, n int) int { return t.number - n })
	if exact {
		at++
	}
	return max(at, min(h, len(tales)))
}

// newer is how many tales are below the last row.
func (p *stream) newer(s *state) int {
	if p.back == 0 {
		return 0
	}
	tales := p.tales(s)
	return len(tales) - p.end(tales, s.layout.boxes[enginePane].h)
}

func (p *stream) move(s *state, m motion, h int) {
	tales := p.tales(s)
	end, half := p.end(tales, h), max(1, h/2)
	switch m {
	case up:
		end--
	case down:
		end++
	case halfUp:
		end -= half
	case halfDown:
		end += half
	case toTop:
		end = 0
	case toBottom:
		end = len(tales)
	}
	end = max(end, min(h, len(tales)))
	p.back = 0
	if end < len(tales) {
		p.back = tales[end-1].number
	}
}

func (p *stream) point(*state, int, int) {}

// turnStream pauses the stream where it is, or lets it go on with the latest. The engine goes on either way.
func (m *Model) turnStream() tea.Cmd {
	p := m.stream
	if p.paused > 0 {
		p.paused, p.kept, p.back = 0, nil, 0
	} else {
		p.paused, p.kept = m.s.tales, slices.Clone(m.s.told)
	}
	p.seenAs = ""
	return nil
}

// typeStreamFilter lets a filter of the stream be typed in the footer; the stream follows.
func (m *Model) typeStreamFilter() tea.Cmd {
	m.input = &input{
		prompt: "/", hint: "enter keeps it · esc clears it", caret: newCaret(m.stream.filter),
		typed: func(text string) tea.Cmd {
			m.filterStream(text)
			return nil
		},
		done: func(text string, keep bool) (bool, tea.Cmd) {
			m.filterStream(pick(keep, text, ""))
			return true, nil
		},
	}
	return nil
}

func (m *Model) filterStream(text string) { m.stream.filter = strings.TrimSpace(text) }

func streamPaused(m *Model) bool { return m.stream.paused > 0 }

func needsTales(m *Model) string {
	if len(m.s.told) == 0 {
		return "nothing has happened yet"
	}
	return ""
}
