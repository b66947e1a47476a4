package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

// input is a line that is being typed in the footer.
type input struct {
	prompt string
	hint   string // what ends it
	text   string
	// typed is called after each change.
	typed func(text string) tea.Cmd
	// done is called at the end, keep is false after esc; false: it is not the end.
	done func(text string, keep bool) bool
}

// key edits the line; true: it is finished.
func (i *input) key(k tea.KeyPressMsg) (finished bool, cmd tea.Cmd) {
	switch k.String() {
	case "enter":
		return i.done(i.text, true), nil
	case "esc", "ctrl+c":
		return i.done(i.text, false), nil
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
	return false, i.typed(i.text)
}

// paste inserts text that was pasted, as one line.
func (i *input) paste(text string) tea.Cmd {
	i.text += strings.Join(strings.Fields(text), " ")
	return i.typed(i.text)
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
	return l.add(s.styles.quiet, i.hint).String()
}
