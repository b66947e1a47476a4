package ui

import (
	"bytes"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"rehook/retry/deadletter"
)

// What the keys do, but for the commands to the engine (command.go).

func (m *Model) move(mo motion) tea.Cmd {
	p := m.s.focus
	m.panes[p].move(&m.s, mo, m.s.layout.boxes[p].h)
	return nil
}

func (m *Model) focusBy(by int) tea.Cmd {
	return m.focusOn((m.s.focus + paneID(by) + paneCount) % paneCount)
}

func (m *Model) focusOn(p paneID) tea.Cmd {
	m.s.focus = p
	if p == detailPane {
		m.s.letters.byHand = true // who reads a letter has chosen it: the cursor stays with it
	}
	m.arrange()
	return nil
}

func (m *Model) toggleZoom() tea.Cmd {
	m.s.zoom = !m.s.zoom
	m.arrange()
	return nil
}

func (m *Model) enterDetail() tea.Cmd {
	m.openDetail()
	return m.focusOn(detailPane)
}

func (m *Model) fold() tea.Cmd {
	m.detail.tree.Toggle()
	return nil
}

func (m *Model) turnTab(by int) tea.Cmd {
	m.detail.tab = (m.detail.tab + tab(by) + tabCount) % tabCount
	return nil
}

func (m *Model) turnView() tea.Cmd {
	m.s.letters.show((m.s.letters.view + 1) % viewCount)
	m.arrange()
	return nil
}

func (m *Model) turnSort() tea.Cmd {
	o := m.s.letters.order
	o.key = (o.key + 1) % sortKeys
	return m.sortBy(o)
}

func (m *Model) reverseSort() tea.Cmd {
	o := m.s.letters.order
	o.reversed = !o.reversed
	return m.sortBy(o)
}

// sortBy puts the list into another order and stays on the letter.
func (m *Model) sortBy(o order) tea.Cmd {
	l := m.s.letters
	l.sort(o)
	if at, ok := l.find(l.cursor); ok {
		l.scroll.at = at
	}
	m.arrange()
	return nil
}

func (m *Model) mark() tea.Cmd {
	m.s.letters.toggle()
	return m.move(down)
}

func (m *Model) markRange() tea.Cmd {
	m.s.letters.rangeMark()
	return nil
}

func (m *Model) markAll() tea.Cmd {
	m.s.letters.markAll()
	return nil
}

// back undoes the nearest of what narrows the view.
func (m *Model) back() tea.Cmd {
	l := m.s.letters
	switch {
	case m.alone != nil:
		m.alone.cancel()
	case m.export != nil:
		m.stopExport()
	case m.s.focus == detailPane && m.detail.query != "":
		m.search("")
	case m.s.focus == enginePane && m.stream.filter != "":
		m.filterStream("")
	case m.s.focus == detailPane && !m.s.zoom:
		return m.focusOn(messagesPane)
	case l.anchor != "":
		l.anchor = ""
	case m.s.focus == messagesPane && len(l.marks) > 0:
		l.unmark()
	case l.groups.anchor != "":
		l.groups.anchor = ""
	case m.s.focus == messagesPane && l.groups.opened != "":
		l.group(true, "")
		return m.regrouped()
	case m.s.focus == messagesPane && m.s.filter != "":
		m.unfilter()
	case m.s.zoom:
		return m.toggleZoom()
	}
	return nil
}

func (m *Model) toggleMask() tea.Cmd {
	if m.s.unmasked == m.detail.id {
		m.s.unmasked = ""
		m.detail.show(&m.s, m.detail.row)
		return nil
	}
	m.s.unmasked = m.detail.id
	m.detail.show(&m.s, m.detail.row)
	m.say(m.s.styles.warn, "secrets of "+shortIDClean(m.detail.id)+" are shown until the letter is left")
	return nil
}

// letterHere is the letter that the operator is on: in the list the one under the cursor, which the detail
// shows a moment later; nil: none.
func (m *Model) letterHere() *deadletter.Letter {
	if m.s.focus == detailPane {
		return m.detail.letter()
	}
	if r := m.s.letters.current(); r != nil {
		return r.Letter
	}
	return nil
}

// copyPayload sends a payload to the clipboard. The terminal does not say whether it took it.
func (m *Model) copyPayload() tea.Cmd {
	letter := m.letterHere()
	what, text := "payload", m.s.shownPayload(letter)
	if m.s.focus == detailPane && m.detail.tab == payloadTab && m.detail.tree.Cursor() > 0 {
		what, text = m.detail.tree.Path(), m.detail.tree.Value()
	}
	masked := pick(bytes.Contains(text, []byte(deadletter.Masked)), ", masked", "")
	m.say("", fmt.Sprintf("%s of %s (%s%s) sent to the terminal's clipboard", what, shortIDClean(letter.ID), size(len(text)), masked))
	return tea.SetClipboard(string(text))
}

// copyPath sends the place of the cursor in the payload to the clipboard, as jq writes it.
func (m *Model) copyPath() tea.Cmd {
	path := m.detail.tree.Path()
	m.say("", path+" sent to the terminal's clipboard")
	return tea.SetClipboard(path)
}

func (m *Model) copyCurl() tea.Cmd {
	letter := m.letterHere()
	m.say("", "curl command for "+shortIDClean(letter.ID)+" sent to the terminal's clipboard, secrets masked")
	return tea.SetClipboard(curl(&m.s, letter))
}

func (m *Model) rereadWebhooks() tea.Cmd {
	m.s.hooksLoading, m.s.hooksErr = true, nil
	return m.readWebhooks(0, true)
}

func (m *Model) typeSearch() tea.Cmd {
	m.detail.tab = payloadTab
	m.input = &input{
		prompt: "/", hint: "enter keeps it, n and N go on · esc clears it", caret: newCaret(m.detail.query),
		typed: func(text string) tea.Cmd {
			m.search(text)
			return nil
		},
		done: func(_ string, keep bool) (bool, tea.Cmd) {
			if !keep {
				m.search("")
			}
			return true, nil
		},
	}
	return nil
}

func (m *Model) search(query string) {
	m.detail.query = query
	m.detail.hit, m.detail.hits = m.detail.tree.Search(query)
}

func (m *Model) nextHit(by int) tea.Cmd {
	m.detail.hit, m.detail.hits = m.detail.tree.Next(by)
	return nil
}

func (m *Model) paste(text string) tea.Cmd {
	if asking, ok := m.dialog.(*form); ok && !m.s.layout.tooSmall {
		return m.settle(asking.paste(text))
	}
	if asking, ok := m.dialog.(*finder); ok && !m.s.layout.tooSmall {
		asking.put(text)
		return nil
	}
	if m.line != nil && m.dialog == nil && !m.s.layout.tooSmall {
		m.pasteCommand(text)
		return nil
	}
	if m.input == nil || m.dialog != nil || m.s.layout.tooSmall {
		return nil
	}
	return m.input.paste(text)
}

// click focuses a pane and puts its cursor where the mouse is.
func (m *Model) click(at tea.Mouse) {
	p, ok := m.s.layout.at(at.X, at.Y)
	if !ok || m.dialog != nil || at.Button != tea.MouseLeft {
		return
	}
	box := m.s.layout.boxes[p]
	m.focusOn(p)
	if at.Y >= box.y {
		m.panes[p].point(&m.s, at.Y-box.y, box.h)
	}
}

// wheel moves in the pane under the mouse, unless that is a title alone: nobody would see where to.
func (m *Model) wheel(at tea.Mouse) {
	p, ok := m.s.layout.at(at.X, at.Y)
	rows := m.s.layout.boxes[p].h
	if !ok || rows == 0 || m.dialog != nil {
		return
	}
	motion := down
	if at.Button == tea.MouseWheelUp {
		motion = up
	}
	for range 3 {
		m.panes[p].move(&m.s, motion, rows)
	}
}
