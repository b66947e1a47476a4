package ui

import (
	"strings"

	"rehook/ui/plain"
)

// line builds one row of a pane, cell by cell. Whatever is added to it, it comes out exactly as wide as it
// was asked to be: this is what keeps one pane out of its neighbour.
type line struct {
	b     strings.Builder
	width int
	used  int
	under style // beneath the whole row
	alone bool  // under is all the style that the row has
}

func newLine(width int) *line { return &line{width: width} }

// on puts a style beneath the whole row.
func (l *line) on(under style, alone bool) *line {
	l.under, l.alone = under, alone
	return l
}

// off ends what on began: the rest of the row has nothing beneath it.
func (l *line) off() *line { return l.on("", false) }

// add appends clean text, cut where the row ends.
func (l *line) add(s style, text string) *line {
	text = plain.Truncate(text, l.width-l.used)
	l.used += plain.Width(text)
	if l.alone {
		s = ""
	}
	if strings.TrimLeft(text, " ") == "" && s != reverse {
		s = "" // nothing to be seen of it
	}
	l.b.WriteString((l.under + s).paint(text))
	return l
}

// cell appends clean text as a column of exactly width cells.
func (l *line) cell(s style, text string, width int) *line {
	if left := l.width - l.used; width > left {
		width = left
	}
	text = plain.Truncate(text, width)
	return l.add(s, text).skip(width - plain.Width(text))
}

// cellRight appends clean text as a column, at its right edge.
func (l *line) cellRight(s style, text string, width int) *line {
	text = plain.Truncate(text, width)
	return l.skip(width-plain.Width(text)).add(s, text)
}

// skip appends empty cells.
func (l *line) skip(n int) *line { return l.add("", plain.Spaces(min(n, l.width-l.used))) }

// right fills up to where text of the given width ends the row, and adds it.
func (l *line) right(s style, text string) *line {
	return l.skip(l.width-l.used-plain.Width(text)).add(s, text)
}

// left is how many cells are free.
func (l *line) left() int { return l.width - l.used }

func (l *line) String() string {
	l.skip(l.left())
	return l.b.String()
}

// centred are h lines with some text in their middle, each line of it with its own style.
func centred(w, h int, text ...said) []string {
	lines := make([]string, 0, h)
	for range max(0, (h-len(text))/2) {
		lines = append(lines, plain.Spaces(w))
	}
	for _, t := range text {
		lines = append(lines, newLine(w).skip((w-plain.Width(t.text))/2).add(t.style, t.text).String())
	}
	return fill(lines, w, h)
}

// said is clean text with its style.
type said struct {
	style style
	text  string
}

// fill cuts lines to h, or adds empty ones.
func fill(lines []string, w, h int) []string {
	lines = lines[:min(len(lines), max(h, 0))]
	for len(lines) < h {
		lines = append(lines, plain.Spaces(w))
	}
	return lines
}

// wrap breaks clean text into lines of at most width cells, at spaces where there are any.
func wrap(text string, width int) []string {
	var lines []string
	current := ""
	for word := range strings.FieldsSeq(text) {
		if current != "" && plain.Width(current)+1+plain.Width(word) > width {
			lines, current = append(lines, current), ""
		}
		if current != "" {
			current += " "
		}
		current += word
	}
	return append(lines, current)
}
