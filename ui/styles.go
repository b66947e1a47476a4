package ui

import (
	"strconv"

	"github.com/charmbracelet/colorprofile"

	"rehook/ui/jsontree"
)

// style is the SGR sequence that turns a style on; empty is the terminal's own text.
type style string

const styleOff = "\x1b[m"

// paint styles clean text.
func (s style) paint(text string) string {
	if s == "" || text == "" {
		return text
	}
	return string(s) + text + styleOff
}

// styles are all that the panes know of colour, by what it means. Text that must be read is the terminal's
// own colour: it is certain to be legible, and costs no bytes.
type styles struct {
	quiet  style // labels, what explains
	strong style // the one thing to look at in its line
	border style
	frame  style // the borders between the panes: those of production are loud
	accent style // where the operator is
	good   style
	warn   style
	bad    style
	brand  style // the program's name
	tab    style // of several, the one that is shown
	alarm  style // a line that says what is broken
	hint   style // a key that can be pressed
	ghost  style // what is not typed, but could be

	cursor    style // under the row that the cursor is on
	cursorAll bool  // the cursor's style is all that its row has: it would fight with colours

	json map[jsontree.Kind]style
}

// newStyles builds the styles for a background and for what the terminal can show.
func newStyles(dark bool, profile colorprofile.Profile) styles {
	switch {
	case profile <= colorprofile.ASCII:
		return colourless()
	case profile == colorprofile.ANSI && dark:
		return build(palette{quiet: 7, accent: 14, good: 10, warn: 11, bad: 9, key: 14, str: 10, num: 11, lit: 11, onAlarm: 15, alarm: 1, base: sgr16})
	case profile == colorprofile.ANSI: // of the 16, no green, yellow or cyan can be read on white
		return build(palette{quiet: 0, accent: 4, good: own, warn: 5, bad: 1, key: 4, str: own, num: 5, lit: 5, onAlarm: 15, alarm: 1, base: sgr16})
	case dark:
		return build(palette{quiet: 247, accent: 117, good: 114, warn: 221, bad: 210, key: 117, str: 151, num: 222, lit: 183, onAlarm: 231, alarm: 88, onBrand: 235, cursor: 236, ink: sgr16(15, false), base: sgr256})
	}
	return build(palette{quiet: 240, accent: 25, good: 22, warn: 94, bad: 124, key: 25, str: 22, num: 94, lit: 90, onAlarm: 231, alarm: 124, onBrand: 231, cursor: 254, ink: sgr256(16, false), base: sgr256})
}

// palette is one set of colours: numbers of the 256 (or the 16), which every terminal draws alike and which
// cost half the bytes of true colour.
type palette struct {
	quiet, accent, good, warn, bad int
	key, str, num, lit             int
	onAlarm, alarm, onBrand        int
	cursor                         int    // 0: reverse video, as for the brand
	ink                            string // on the cursor's ground: the terminal's own text may be as dark as that, and a black of the 16 turns grey where it is bold
	base                           func(n int, background bool) string
}

// own stands for the terminal's own text.
const own = -1

func build(p palette) styles {
	fg := func(n int) style {
		if n == own {
			return ""
		}
		return style("\x1b[" + p.base(n, false) + "m")
	}
	on := func(text, ground int) style {
		return style("\x1b[1;" + p.base(text, false) + ";" + p.base(ground, true) + "m")
	}
	s := styles{
		quiet: fg(p.quiet), border: faint, accent: fg(p.accent), good: fg(p.good), warn: fg(p.warn), bad: fg(p.bad),
		strong: bold, hint: fg(p.accent), ghost: fg(p.quiet), brand: reverse + fg(p.accent), alarm: on(p.onAlarm, p.alarm),
		cursor: reverse, cursorAll: true, tab: reverse,
		json: map[jsontree.Kind]style{
			jsontree.Mark: fg(p.quiet), jsontree.Punct: fg(p.quiet), jsontree.Key: fg(p.key), jsontree.String: fg(p.str),
			jsontree.Number: fg(p.num), jsontree.Literal: fg(p.lit), jsontree.Note: fg(p.quiet),
		},
	}
	if p.cursor != 0 {
		s.cursor, s.cursorAll = style("\x1b["+p.ink+";"+p.base(p.cursor, true)+"m"), false
		s.tab, s.brand, s.hint = on(p.accent, p.cursor), on(p.onBrand, p.accent), bold+fg(p.accent)
	}
	return s
}

const (
	bold    style = "\x1b[1m"
	faint   style = "\x1b[2m"
	reverse style = "\x1b[7m"
)

// colourless has weight and reverse video alone: NO_COLOR.
func colourless() styles {
	return styles{border: faint, ghost: faint, strong: bold, accent: bold, brand: "\x1b[1;7m", tab: reverse, alarm: "\x1b[1;7m", hint: bold, cursor: reverse, cursorAll: true}
}

func sgr256(n int, background bool) string {
	if background {
		return "48;5;" + strconv.Itoa(n)
	}
	return "38;5;" + strconv.Itoa(n)
}

func sgr16(n int, background bool) string {
	first := 30
	if n > 7 {
		first, n = 90, n-8
	}
	if background {
		first += 10
	}
	return strconv.Itoa(first + n)
}
