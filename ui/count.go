package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// count is a number that must be typed before what cannot be taken back is done to so many letters.
type count struct {
	want  int
	typed string
}

func (c *count) key(k tea.KeyPressMsg) {
	switch key := k.String(); key {
	case "backspace", "ctrl+h":
		c.typed = c.typed[:max(0, len(c.typed)-1)]
	case "ctrl+u", "ctrl+w":
		c.typed = ""
	default:
		if len(key) == 1 && key >= "0" && key <= "9" && len(c.typed) <= len(strconv.Itoa(c.want)) {
			c.typed += key
		}
	}
}

// of is the count where it turns out that n letters go: nothing need be typed for one, and what was typed for
// another number is void.
func (c *count) of(n int) *count {
	switch {
	case n <= 1:
		return nil
	case n == c.want:
		return c
	}
	return &count{want: n}
}

// given tells whether it is the number.
func (c *count) given() bool { return c.typed == strconv.Itoa(c.want) }

func (c *count) line(s *state, w int, does string) string {
	want := strconv.Itoa(c.want)
	l := newLine(w).add("", "type ").add(s.styles.strong, want).add("", " to "+does+" them: ").
		add(s.styles.strong, c.typed).add(reverse, " ").skip(2)
	if !strings.HasPrefix(want, c.typed) {
		l.add(s.styles.bad, "that is not "+want)
	}
	return l.String()
}
