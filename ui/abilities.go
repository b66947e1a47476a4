package ui

import "strings"

// abilities are what a terminal can do, as far as its environment tells. Over SSH it is the client's environment,
// and seldom whole.
type abilities struct {
	glyphs   *glyphs
	colour   bool // by the wish of who uses it, too
	commands bool // it swallows operating system commands (OSC), those it does not know too: a title, a question
}

// abilitiesOf reads an environment. ascii decides what nothing else tells for certain; nil: the locale does.
func abilitiesOf(getenv func(string) string, ascii *bool) abilities {
	term := getenv("TERM")
	a := abilities{glyphs: &unicodeGlyphs, colour: wantsColour(getenv), commands: true}
	switch {
	case ascii != nil && *ascii, ascii == nil && !speaksUTF8(getenv):
		a.glyphs = &asciiGlyphs
	case term == "linux":
		a.glyphs = &consoleGlyphs
	}
	if isVideoTerminal(term) {
		a.colour, a.commands = false, false
	}
	return a
}

// wantsColour follows no-color.org (NO_COLOR of any value but the empty one) and bixense.com/clicolors (CLICOLOR=0).
func wantsColour(getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && (getenv("CLICOLOR") != "0" || getenv("CLICOLOR_FORCE") != "")
}

// speaksUTF8 asks the locale, as setlocale(3) does. Where there is none, as in many containers and over SSH, terminals
// of today speak UTF-8, and those that are named for a machine of the eighties do not.
func speaksUTF8(getenv func(string) string) bool {
	for _, name := range [...]string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	term := getenv("TERM")
	return !isVideoTerminal(term) && term != "ansi"
}

// isVideoTerminal tells of DEC's VT52 to VT420 and what emulates no more: without colour, and with no notion of OSC.
func isVideoTerminal(term string) bool {
	return len(term) > 2 && term[:2] == "vt" && term[2] >= '0' && term[2] <= '9'
}
