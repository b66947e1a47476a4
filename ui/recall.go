package ui

import (
	"slices"
	"strings"
)

// recallMost is how many lines are remembered.
const recallMost = 200

// recall is the command lines that were typed, the latest last, and where in them the operator is.
type recall struct {
	lines  []string
	at     int    // the line that is shown; len(lines): what is being typed
	draft  string // what was typed before looking back
	prefix string // what the lines that are shown begin with
}

// add remembers a line: once, as the latest.
func (r *recall) add(text string) {
	r.lines = slices.DeleteFunc(r.lines, func(line string) bool { return line == text })
	r.lines = append(r.lines, text)
	r.lines = r.lines[max(0, len(r.lines)-recallMost):]
	r.rest()
}

// addAll remembers lines of outside, as far as they could have been typed.
func (r *recall) addAll(lines []string) {
	for _, line := range lines {
		if runes(line) <= inputMost {
			r.add(line)
		}
	}
}

// rest ends looking back.
func (r *recall) rest() { r.at = len(r.lines) }

// look gives the next line, back or forth, that begins as the typed one did; false: there is none.
func (r *recall) look(by int, typed string) (string, bool) {
	if r.at == len(r.lines) {
		r.draft, r.prefix = typed, typed
	}
	for at := r.at + by; at >= 0 && at <= len(r.lines); at += by {
		switch {
		case at == len(r.lines):
			r.at = at
			return r.draft, true
		case strings.HasPrefix(r.lines[at], r.prefix):
			r.at = at
			return r.lines[at], true
		}
	}
	return "", false
}
