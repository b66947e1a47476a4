package ui

import (
	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

// help shows the keys that work in a pane.
type help struct {
	rows []helpRow
	top  int // first line that is seen
	page int // lines that were seen last
}

// helpRow is a heading, or a key and what it does.
type helpRow struct{ heading, key, text string }

func (m *Model) showHelp() tea.Cmd {
	h := &help{}
	for _, g := range groups() {
		rows := m.helpFor(g)
		if len(rows) > 0 {
			h.rows = append(append(h.rows, helpRow{heading: string(g)}), rows...)
		}
	}
	m.open(h)
	return nil
}

func (m *Model) helpFor(g group) []helpRow {
	var rows []helpRow
	for _, b := range m.keys {
		if b.group != g || b.show == "" || !m.worksHere(b) {
			continue
		}
		text := b.help
		if b.off != nil {
			if why := b.off(m); why != "" {
				text += " — not now: " + why
			}
		}
		rows = append(rows, helpRow{key: b.show, text: text})
	}
	return rows
}

func (h *help) heading() string { return "KEYS HERE" }

func (h *help) lines(s *state, w, height int) []string {
	const keyWidth = 8
	var all []string
	for _, r := range h.rows {
		if r.heading != "" {
			all = append(all, newLine(w).add(s.styles.accent, r.heading).String())
			continue
		}
		key := r.key
		for _, part := range wrap(plain.Line(r.text), w-keyWidth-1) {
			all = append(all, newLine(w).skip(1).cell(s.styles.hint, key, keyWidth).add("", part).String())
			key = ""
		}
	}
	h.page = min(len(all), height-2)
	h.top = max(0, min(h.top, len(all)-h.page))
	seen := all[h.top : h.top+h.page]
	return append(append([]string{}, seen...), newLine(w).String(), choices(s, w, "j k", "move", "esc", "close"))
}

func (h *help) key(k tea.KeyPressMsg) action {
	switch k.String() {
	case "j", "down":
		h.top++
	case "k", "up":
		h.top--
	case "ctrl+d", "space", "pgdown":
		h.top += h.page / 2
	case "ctrl+u", "pgup":
		h.top -= h.page / 2
	case "esc", "q", "?", "enter", "ctrl+c":
		return dismissed{}
	}
	return stay{}
}
