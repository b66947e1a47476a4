package ui

import (
	"cmp"
	"slices"

	tea "charm.land/bubbletea/v2"
)

// press does what a key is for: first what lies on top, then what is being typed, then the key map.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	m.watcher.regained() // whatever the terminal says
	if m.holds(k) {
		return nil
	}
	switch {
	case k.String() == "ctrl+z":
		return m.toShell()
	case m.s.layout.tooSmall:
		return m.pressUnseen(k)
	case m.dialog != nil:
		return m.settle(m.dialog.key(k))
	case m.line != nil:
		return m.typeCommand(k)
	case m.input != nil:
		finished, cmd := m.input.key(k)
		if finished {
			m.input = nil
		}
		return cmd
	}
	m.s.note = note{}
	b, ok := m.bound(k.String())
	if !ok {
		if why := m.whyNot(k.String()); why != "" {
			m.say(m.s.styles.warn, why)
		}
		return nil
	}
	if b.off != nil {
		if why := b.off(m); why != "" {
			m.say(m.s.styles.warn, b.show+" "+b.name+": "+why)
			return nil
		}
	}
	return b.do(m)
}

// pressUnseen does what a key is for on a screen that is too small: what cannot be seen can be left, and
// nothing else. The question whether to quit is seen there too.
func (m *Model) pressUnseen(k tea.KeyPressMsg) tea.Cmd {
	_, asked := m.dialog.(*leave)
	key := k.String()
	switch {
	case m.dialog != nil && (asked || key == "esc"):
		return m.settle(m.dialog.key(k))
	case key == "q":
		return m.askQuit()
	case key == "ctrl+c":
		return m.leaveAtOnce()
	case m.line != nil && key == "esc":
		m.line = nil
	case m.input != nil && key == "esc":
		_, cmd := m.input.key(k)
		m.input = nil
		return cmd
	}
	return nil
}

// bound finds what a key means in the pane that has the focus.
func (m *Model) bound(key string) (binding, bool) {
	for _, b := range m.keys {
		if slices.Contains(b.keys, key) && m.worksHere(b) {
			return b, true
		}
	}
	return binding{}, false
}

func (m *Model) worksHere(b binding) bool {
	return b.in(m.s.focus) && (b.when == nil || b.when(m))
}

// in tells whether a binding is for a pane.
func (b binding) in(p paneID) bool { return len(b.panes) == 0 || slices.Contains(b.panes, p) }

// hints are the bindings that the footer shows: what works here and now.
func (m *Model) hints() []binding {
	var shown []binding
	for _, b := range m.keys {
		if b.hint && m.worksHere(b) && (b.off == nil || b.off(m) == "") {
			shown = append(shown, b)
		}
	}
	slices.SortStableFunc(shown, func(a, b binding) int { return cmp.Compare(rank(a), rank(b)) })
	return shown
}

// rank is the place of a binding in the footer: what changes something is what an operator looks for, and of the
// others those that lead to it.
func rank(b binding) int {
	return pick(b.first, 0, 2) + pick(b.acts, 0, 1)
}
