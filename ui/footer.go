package ui

import (
	"time"

	"rehook/ui/plain"
)

// noteFor is how long a note stays when no key is pressed.
const noteFor = 8 * time.Second

// always are the keys at the end of the footer: from them everything else can be found, in every pane.
var always = [...]struct{ show, name string }{{":", "command"}, {"?", "help"}, {"q", "quit"}}

const alwaysWidth = len(": command  ? help  q quit ")

// footer is the last row: what is being typed, else what has just happened, else the keys that work here now.
func (m *Model) footer() string {
	s := &m.s
	l := newLine(s.layout.width).skip(1)
	switch {
	case m.dialog != nil: // it says itself which keys work
		return l.String()
	case m.line != nil:
		return m.line.draw(s, l)
	case m.input != nil:
		return m.input.draw(s, l)
	case s.note.text != "":
		return l.add(s.note.style, s.note.text).String()
	}
	for _, b := range m.hints() {
		if l.left() < plain.Width(b.show+b.name)+3+alwaysWidth {
			break
		}
		l.add(s.styles.hint, b.show).skip(1).add(s.styles.quiet, b.name).skip(2)
	}
	l.skip(l.left() - alwaysWidth)
	for _, b := range always {
		l.add(s.styles.hint, b.show).skip(1).add(s.styles.quiet, b.name).skip(2)
	}
	return l.String()
}

// say puts a note into the footer.
func (m *Model) say(st style, text string) {
	m.s.note = note{said{st, text}, m.s.now.Add(noteFor)}
}
