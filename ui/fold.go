package ui

import (
	"strings"

	"rehook/ui/plain"
)

// shownLines bounds how many lines one value takes that is too long for one.
const shownLines = 8

// fold breaks a raw text into clean lines of at most width cells, at spaces where that costs little room, and
// changes nothing else. What does not fit in most lines ends in an ellipsis.
func fold(text string, width, most int) []string {
	return foldClean(plain.Line(plain.Head(text, width*most)), width, most)
}

// foldClean is fold for a text that is clean.
func foldClean(rest string, width, most int) []string {
	if width < 2 || most < 1 {
		return nil
	}
	var lines []string
	for len(lines) < most-1 {
		end := lineEnd(rest, width)
		if end == len(rest) {
			break
		}
		lines, rest = append(lines, rest[:end]), rest[end:]
	}
	return append(lines, plain.Truncate(rest, width))
}

// lineEnd is where the first line of clean text ends.
func lineEnd(text string, width int) int {
	used := 0
	for i, r := range text {
		if used += plain.Width(string(r)); used <= width {
			continue
		}
		if space := strings.LastIndexByte(text[:i], ' '); space > i*2/3 {
			return space + 1
		}
		return i
	}
	return len(text)
}
