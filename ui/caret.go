package ui

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

// inputMost is how many characters a line can have: more is a paste that went astray.
const inputMost = 1000

// caret is a line that is typed, with the place in it where typing goes on.
type caret struct {
	text []rune
	at   int
	cut  bool // some of what was put in last had no room
}

func newCaret(text string) caret {
	c := caret{}
	c.put(text)
	return c
}

func (c *caret) String() string { return string(c.text) }

// before is what stands before the caret.
func (c *caret) before() string { return string(c.text[:c.at]) }

// atEnd tells whether nothing stands behind it.
func (c *caret) atEnd() bool { return c.at == len(c.text) }

// key moves the caret or edits the line, as shells do.
func (c *caret) key(k tea.KeyPressMsg) {
	c.cut = false
	switch k.String() {
	case "left", "ctrl+b":
		c.at = max(0, c.at-1)
	case "right", "ctrl+f":
		c.at = min(len(c.text), c.at+1)
	case "home", "ctrl+a":
		c.at = 0
	case "end", "ctrl+e":
		c.at = len(c.text)
	case "backspace", "ctrl+h":
		c.remove(max(0, c.at-1), c.at)
	case "delete", "ctrl+d":
		c.remove(c.at, min(len(c.text), c.at+1))
	case "ctrl+w":
		c.remove(c.wordStart(), c.at)
	case "ctrl+u":
		c.remove(0, c.at)
	case "ctrl+k":
		c.remove(c.at, len(c.text))
	default:
		c.put(k.Text)
	}
}

// remove takes out the runes between two places, and stays at the first.
func (c *caret) remove(from, to int) {
	c.text = append(c.text[:from:from], c.text[to:]...)
	c.at = from
}

// wordStart is where the word begins that the caret is in or behind.
func (c *caret) wordStart() int {
	trimmed := strings.TrimRight(c.before(), " ")
	return utf8.RuneCountInString(trimmed[:strings.LastIndex(trimmed, " ")+1])
}

// oneLine is what was pasted, without its ends of lines.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// put inserts text as far as there is room for it.
func (c *caret) put(text string) {
	runes := []rune(plain.Head(text, inputMost)) // a paste of a megabyte is not counted
	if room := max(0, inputMost-len(c.text)); len(runes) > room {
		runes, c.cut = runes[:room], true
	}
	c.text = append(c.text[:c.at:c.at], append(runes, c.text[c.at:]...)...)
	c.at += len(runes)
}

// replace puts text in the place of what stands between a place and the caret.
func (c *caret) replace(from int, text string) {
	c.remove(from, c.at)
	c.put(text)
}

// draw shows the line in at most width cells, the caret always, and behind it what could go on.
func (c *caret) draw(s *state, l *line, width int, ghost string) {
	under, after := " ", ""
	switch {
	case !c.atEnd():
		under, after = plain.Line(string(c.text[c.at])), plain.Line(string(c.text[c.at+1:]))
	case ghost != "":
		first, size := utf8.DecodeRuneInString(ghost)
		under, ghost = string(first), ghost[size:]
	}
	before, room := plain.Line(c.before()), width-plain.Width(under)
	behind := min(plain.Width(after+ghost), max(room/3, room-plain.Width(before)))
	l.add("", tail(before, room-behind)).add(reverse, under)
	if ghost != "" && c.atEnd() {
		l.add(s.styles.ghost, plain.Truncate(ghost, max(behind, 0)))
		return
	}
	l.add("", plain.Truncate(after, max(behind, 0)))
}
