package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rehook/ui/plain"
)

// input is a line that is being typed in the footer.
type input struct {
	caret
	prompt string
	hint   string // what ends it
	// typed is called after each change.
	typed func(text string) tea.Cmd
	// done is called at the end, keep is false after esc; false: it is not the end.
	done func(text string, keep bool) (bool, tea.Cmd)
}

// key edits the line; true: it is finished.
func (i *input) key(k tea.KeyPressMsg) (finished bool, cmd tea.Cmd) {
	switch k.String() {
	case "enter":
		return i.done(i.String(), true)
	case "esc", "ctrl+c":
		return i.done(i.String(), false)
	}
	i.caret.key(k)
	return false, i.typed(i.String())
}

// paste inserts text that was pasted, as one line.
func (i *input) paste(text string) tea.Cmd {
	i.cut = false
	i.put(oneLine(text))
	return i.typed(i.String())
}

func (i *input) draw(s *state, l *line) string {
	says, room := i.says(s), l.left()-24
	if i.cut || s.bad != "" { // what went wrong is read before the line
		room = min(room, l.left()-plain.Width(says.text)-6)
	}
	l.add(s.styles.hint, i.prompt)
	i.caret.draw(s, l, max(room, 12)+1, "")
	return l.skip(2).add(says.style, says.text).String()
}

// says is what stands after the line: what went wrong with it, else what ends it.
func (i *input) says(s *state) said {
	switch {
	case i.cut:
		return said{s.styles.warn, fmt.Sprintf("cut: at most %s characters", thousands(inputMost))}
	case s.bad != "":
		return said{s.styles.bad, s.bad}
	}
	return said{s.styles.quiet, i.hint}
}

// tail is the end of clean text that at most width cells show.
func tail(text string, width int) string {
	over := plain.Width(text) - max(width, 0)
	if over <= 0 {
		return text
	}
	end := ansi.TruncateLeftWc(text, over, "")
	if plain.Width(end) > width { // a wide character is not cut in two
		end = ansi.TruncateLeftWc(text, over+1, "")
	}
	return end
}
