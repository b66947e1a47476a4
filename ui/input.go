package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rehook/ui/plain"
)

// inputMost is how many characters a line can have: more is a paste that went astray.
const inputMost = 1000

// input is a line that is being typed in the footer.
type input struct {
	prompt string
	hint   string // what ends it
	text   string
	cut    bool // some of what was put in last had no room
	// typed is called after each change.
	typed func(text string) tea.Cmd
	// done is called at the end, keep is false after esc; false: it is not the end.
	done func(text string, keep bool) (bool, tea.Cmd)
}

// key edits the line; true: it is finished.
func (i *input) key(k tea.KeyPressMsg) (finished bool, cmd tea.Cmd) {
	i.cut = false
	switch k.String() {
	case "enter":
		return i.done(i.text, true)
	case "esc", "ctrl+c":
		return i.done(i.text, false)
	case "backspace", "ctrl+h":
		runes := []rune(i.text)
		i.text = string(runes[:max(0, len(runes)-1)])
	case "ctrl+u":
		i.text = ""
	case "ctrl+w":
		trimmed := strings.TrimRight(i.text, " ")
		i.text = trimmed[:strings.LastIndex(trimmed, " ")+1]
	default:
		i.put(k.Text)
	}
	return false, i.typed(i.text)
}

// paste inserts text that was pasted, as one line.
func (i *input) paste(text string) tea.Cmd {
	i.cut = false
	i.put(strings.Join(strings.Fields(text), " "))
	return i.typed(i.text)
}

// put adds text as far as there is room for it.
func (i *input) put(text string) {
	room := inputMost - utf8.RuneCountInString(i.text)
	for at := range text {
		if room <= 0 {
			text, i.cut = text[:at], true
			break
		}
		room--
	}
	i.text += text
}

func (i *input) draw(s *state, l *line) string {
	says, room := i.says(s), l.left()-24
	if i.cut || s.bad != "" { // what went wrong is read before the line
		room = min(room, l.left()-plain.Width(says.text)-6)
	}
	text := tail(plain.Line(i.text), max(room, 12)) // the end is where it is typed
	return l.add(s.styles.hint, i.prompt).add("", text).add(reverse, " ").skip(2).add(says.style, says.text).String()
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
