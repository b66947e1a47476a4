package ui

import (
	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

// help shows the keys that work in a pane.
type help struct {
	rows   []helpRow
	scroll scroll
	height int
}

// helpRow is a heading, or a key and what it does.
type helpRow struct{ heading, key, text string }

func (m *Model) showHelp() tea.Cmd {
	h := &help{}
	for _, g := range groups() {
		first := true
		for _, b := range m.keys {
			if b.group != g || !m.worksHere(b) {
				continue
			}
			if first {
				h.rows, first = append(h.rows, helpRow{heading: string(g)}), false
			}
			text := b.help
			if b.off != nil {
				if why := b.off(m); why != "" {
					text += " — not now: " + why
				}
			}
			h.rows = append(h.rows, helpRow{key: b.show, text: text})
		}
	}
	m.open(h)
	return nil
}

func (h *help) heading() string { return "KEYS HERE" }

func (h *help) lines(s *state, w, height int) []string {
	h.height = max(1, min(len(h.rows), height-2))
	h.scroll.fit(len(h.rows), h.height)
	var lines []string
	for _, r := range h.rows[h.scroll.top:min(len(h.rows), h.scroll.top+h.height)] {
		l := newLine(w)
		if r.heading != "" {
			lines = append(lines, l.add(s.styles.accent, r.heading).String())
			continue
		}
		lines = append(lines, l.skip(1).cell(s.styles.hint, r.key, 7).skip(1).add("", plain.Line(r.text)).String())
	}
	return append(lines, newLine(w).String(), choices(s, w, "j k", "move", "esc", "close"))
}

// key scrolls a screen's worth at a time: there is no cursor to be seen.
func (h *help) key(k tea.KeyPressMsg) action {
	switch k.String() {
	case "j", "down", "ctrl+d":
		h.scroll = scroll{at: h.scroll.top + h.height, top: h.scroll.top + 1}
	case "k", "up", "ctrl+u":
		h.scroll = scroll{at: max(0, h.scroll.top-1), top: max(0, h.scroll.top-1)}
	case "esc", "q", "?", "enter", "ctrl+c":
		return dismissed{}
	}
	return stay{}
}
