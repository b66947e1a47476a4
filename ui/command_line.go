package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

// commandLine is the line after the colon. It stays until what it says is done, or it is left.
type commandLine struct {
	caret
	targets []string // what was selected when it was opened: the list goes on changing while one types
	from    int      // where the word begins that the offers are for, in characters
	offers  []offer
	turned  int    // which of them tab has put there, from 1; 0: none
	usage   string // what the verb is for
	bad     string // why it cannot be done
}

// openLine lets a command be typed in the footer.
func (m *Model) openLine(text string) tea.Cmd {
	m.line = &commandLine{caret: newCaret(text), targets: m.targets()}
	m.recall.rest()
	m.reoffer()
	return nil
}

// typeCommand does what a key is for in the line.
func (m *Model) typeCommand(k tea.KeyPressMsg) tea.Cmd {
	l := m.line
	l.bad = ""
	switch key := k.String(); key {
	case "enter":
		return m.speak()
	case "esc", "ctrl+c":
		m.line = nil
	case "tab":
		if len(l.text) == 0 {
			m.line = nil
			return m.openPalette()
		}
		m.turnOffer(1)
	case "shift+tab":
		m.turnOffer(-1)
	case "up", "ctrl+p":
		m.lookBack(-1)
	case "down", "ctrl+n":
		m.lookBack(1)
	default:
		m.editLine(k)
	}
	return nil
}

func (m *Model) editLine(k tea.KeyPressMsg) {
	l, ghost := m.line, m.line.ghost()
	switch key := k.String(); {
	case key == "backspace" && len(l.text) == 0:
		m.line = nil
		return
	case ghost != "" && (key == "right" || key == "end" || key == "ctrl+e" || key == "ctrl+f"):
		l.accept(l.offers[0])
	default:
		l.key(k)
	}
	m.recall.rest()
	m.reoffer()
}

// pasteCommand inserts text that was pasted, as one line.
func (m *Model) pasteCommand(text string) {
	m.line.bad = ""
	m.line.put(oneLine(text))
	m.recall.rest()
	m.reoffer()
}

// speak does what the line says. What cannot be done is said, and the line stays to be corrected.
func (m *Model) speak() tea.Cmd {
	l := m.line
	text := strings.TrimSpace(l.String())
	if text == "" {
		m.line = nil
		return nil
	}
	m.s.note = note{}
	cmd, err := m.obey(text, l.targets)
	if err != nil {
		l.bad = plain.Line(err.Error())
		return nil
	}
	m.line = nil
	m.recall.add(text)
	return tea.Batch(cmd, m.remember(text))
}

// obey does what a line says, for the letters that it was opened over.
func (m *Model) obey(text string, targets []string) (tea.Cmd, error) {
	c, err := m.understand(text)
	if err != nil {
		return nil, err
	}
	if c.verb.off != nil {
		if why := c.verb.off(m); why != "" {
			return nil, fmt.Errorf("%s: %s", c.verb.name(), why)
		}
	}
	c.targets = targets
	return c.verb.do(m, c)
}

// lookBack shows an earlier line, or a later one.
func (m *Model) lookBack(by int) {
	if text, ok := m.recall.look(by, m.line.String()); ok {
		m.line.caret = newCaret(text)
		m.reoffer()
	}
}

// reoffer finds what could go on from here, after a change.
func (m *Model) reoffer() {
	l := m.line
	l.turned, l.offers, l.usage = 0, nil, m.usageOf(l)
	if l.atEnd() || l.text[l.at] == ' ' {
		l.from, l.offers = m.offers(l.before())
	}
}

// usageOf says what a line is for whose verb is known.
func (m *Model) usageOf(l *commandLine) string {
	name, _, _ := strings.Cut(strings.TrimSpace(l.String()), " ")
	v, err := m.verbNamed(name)
	switch {
	case err != nil:
		return ""
	case v.takes == anyLetters && v.acts:
		return "for a FILTER, or " + whom(l.targets)
	case v.takes != nothing:
		return string(v.takes)
	}
	return v.help
}

// whom says which letters an action would be for.
func whom(targets []string) string {
	switch len(targets) {
	case 0:
		return "what is selected: nothing is"
	case 1:
		return "the letter " + shortIDClean(targets[0])
	}
	return "the " + lettersWord(len(targets)) + " selected"
}

// turnOffer puts the next of the offers into the line; the only one at once for good.
func (m *Model) turnOffer(by int) {
	l := m.line
	n := len(l.offers)
	switch {
	case n == 0:
		return
	case n == 1:
		l.accept(l.offers[0])
		m.reoffer()
		return
	case l.turned == 0 && by < 0:
		l.turned = n
	default:
		l.turned = (l.turned-1+by+n)%n + 1
	}
	l.replace(l.from, l.offers[l.turned-1].text)
}

// accept takes an offer, ready for the next word.
func (l *commandLine) accept(o offer) { l.replace(l.from, o.text+pick(o.open, "", " ")) }

// word is what is typed of the word that the offers are for.
func (l *commandLine) word() string { return string(l.text[min(l.from, l.at):l.at]) }

// ghost is what the first offer would add.
func (l *commandLine) ghost() string {
	if !l.atEnd() || l.turned > 0 || len(l.offers) == 0 || l.word() == "" {
		return ""
	}
	ghost, _ := strings.CutPrefix(l.offers[0].text, l.word())
	return pick(ghost == l.offers[0].text, "", ghost)
}
