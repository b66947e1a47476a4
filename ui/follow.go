package ui

import tea "charm.land/bubbletea/v2"

// follow shows the letter under the cursor in the detail, once the cursor rests on it. Who is in the detail
// stays with the letter there, wherever it goes.
func (m *Model) follow() tea.Cmd {
	id := m.s.letters.cursor
	switch {
	case grouped(m):
		m.detail.leave()
		m.s.unmasked, m.waiting = "", ""
	case m.s.focus == detailPane && m.detail.id != "":
		m.detail.show(&m.s, m.s.letters.byID[m.detail.id])
		m.waiting = ""
	case id == m.detail.id || m.detail.id == "" || id == "":
		m.detail.show(&m.s, m.s.letters.current())
		m.waiting = ""
	case id != m.waiting:
		m.waiting, m.s.rests = id, false
		return m.rest(id)
	}
	m.s.rests = m.waiting == ""
	return nil
}

func (m *Model) rested(msg rested) {
	if msg.id == m.waiting && msg.id == m.s.letters.cursor {
		m.openDetail()
	}
}

// openDetail shows the letter under the cursor at once.
func (m *Model) openDetail() {
	m.detail.show(&m.s, m.s.letters.current())
	m.waiting = ""
}
