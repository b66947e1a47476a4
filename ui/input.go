package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

// input is a line that is being typed in the footer.
type input struct {
	prompt string
	text   string
	typed  func(text string)            // after each change
	done   func(text string, keep bool) // at its end: keep is false after esc
}

// key edits the line; true: it is finished.
func (i *input) key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "enter":
		i.done(i.text, true)
		return true
	case "esc", "ctrl+c":
		i.done(i.text, false)
		return true
	case "backspace", "ctrl+h":
		runes := []rune(i.text)
		i.text = string(runes[:max(0, len(runes)-1)])
	case "ctrl+u":
		i.text = ""
	case "ctrl+w":
		trimmed := strings.TrimRight(i.text, " ")
		i.text = trimmed[:strings.LastIndex(trimmed, " ")+1]
	default:
		i.text += k.Text
	}
	i.typed(i.text)
	return false
}

// paste inserts text that was pasted, as one line.
func (i *input) paste(text string) {
	i.text += strings.Join(strings.Fields(text), " ")
	i.typed(i.text)
}

func (i *input) draw(s *state, l *line) string {
	text := plain.Line(i.text)
	for plain.Width(text) > l.left()-24 && text != "" { // the end is where it is typed
		_, text, _ = strings.Cut(text, string([]rune(text)[:1]))
	}
	l.add(s.styles.hint, i.prompt).add("", text).add(reverse, " ").skip(2)
	if s.bad != "" {
		return l.add(s.styles.bad, s.bad).String()
	}
	return l.add(s.styles.quiet, "enter keeps · esc clears").String()
}
