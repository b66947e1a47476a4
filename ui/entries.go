package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// commands are all that the palette finds: what acts before what looks, and what moves last.
func (m *Model) commands() []entry {
	var all []entry
	for _, g := range []group{acting, looking, choose} {
		all = append(all, m.keyEntries(g)...)
	}
	return slices.Concat(all, m.verbEntries(), m.keyEntries(program), m.keyEntries(moving))
}

// keyEntries are the keys of a group as commands. One for another pane goes there first.
func (m *Model) keyEntries(g group) []entry {
	var all []entry
	for _, b := range m.keys {
		if b.group != g || b.show == "" {
			continue
		}
		p := m.paneOf(b)
		if !m.seenFrom(p).hasMeaning(b) {
			continue
		}
		all = append(all, entry{
			name: b.name, key: b.show, help: b.help,
			off: func() string { return m.seenFrom(p).offNow(b) },
			do: func() tea.Cmd {
				if p != m.s.focus {
					return tea.Batch(m.focusOn(p), b.do(m))
				}
				return b.do(m)
			},
		})
	}
	return all
}

// verbEntries are the verbs of the command line. One that is for something is put into the line, to go on from.
func (m *Model) verbEntries() []entry {
	var all []entry
	for i := range m.verbs {
		v := &m.verbs[i]
		if !m.offersVerb(v) {
			continue
		}
		all = append(all, entry{
			name: v.usage(), key: ":", help: v.help,
			off: func() string {
				if v.off == nil {
					return ""
				}
				return v.off(m)
			},
			do: func() tea.Cmd {
				if v.takes != nothing {
					return m.openLine(v.name() + " ")
				}
				return m.run(v.name())
			},
		})
	}
	return all
}

// run does what a line says that needs no correction.
func (m *Model) run(text string) tea.Cmd {
	cmd, err := m.obey(text, m.targets())
	if err != nil {
		m.say(m.s.styles.warn, err.Error())
	}
	return cmd
}

// paneOf is the pane in which a key works: this one, if it does.
func (m *Model) paneOf(b binding) paneID {
	if b.in(m.s.focus) {
		return m.s.focus
	}
	return b.panes[0]
}

// seenFrom is the screen as it is when another pane has the focus.
func (m *Model) seenFrom(p paneID) *Model {
	seen := *m
	seen.s.focus = p
	return &seen
}

// hasMeaning tells whether a binding is one that its key stands for: it works here, or says what it is only for.
func (m *Model) hasMeaning(b binding) bool { return b.only != "" || m.means(b) }

// means tells whether a binding is the one that its key has here.
func (m *Model) means(b binding) bool {
	bound, ok := m.bound(b.keys[0])
	return ok && bound.name == b.name
}

// offNow says why a binding does nothing.
func (m *Model) offNow(b binding) string {
	switch {
	case !m.means(b):
		return b.only
	case b.off != nil:
		return b.off(m)
	}
	return ""
}
