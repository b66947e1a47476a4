package ui

import (
	"cmp"
	"fmt"

	"rehook/ui/plain"
)

// draw shows the line in the footer, and what it means beside it.
func (l *commandLine) draw(s *state, row *line) string {
	row.add(s.styles.hint, ":")
	ghost := l.ghost()
	width := plain.Width(plain.Line(l.String())+ghost) + 1
	l.caret.draw(s, row, min(width, row.left()-1), ghost)
	const least = 12 // cells, in which a hint says something
	if row.skip(2).left() > least {
		row.add(s.styles.quiet, plain.Truncate(l.hint(), row.left()-1))
	}
	return row.String()
}

// hint says what the word is that is offered, or what the line is for.
func (l *commandLine) hint() string {
	switch {
	case l.cut:
		return fmt.Sprintf("cut: at most %s characters", thousands(inputMost))
	case len(l.text) == 0:
		return "tab lists all commands · ↑ earlier ones · esc leaves"
	case l.turned > 0:
		return l.offers[l.turned-1].help
	case len(l.offers) > 0 && l.word() != "":
		return l.offers[0].help
	}
	return l.usage
}

// badRows is how many rows what is wrong with a line takes at most.
const badRows = 3

// drawShelf shows what belongs to the line in the lowest border: what could be typed, or what is wrong.
func (l *commandLine) drawShelf(s *state, rows []string) {
	y, width := s.layout.height-2, s.layout.width
	if l.bad == "" {
		if shelf := l.shelf(s, width-6); shelf.used > 0 {
			rows[y] = leftOf(rows[y], 2) + styleOff + shelf.b.String() + rightOf(rows[y], 2+shelf.used, width)
		}
		return
	}
	lines := wrap("✗ "+l.bad, width-6)
	lines = lines[:min(len(lines), badRows)]
	for i, text := range lines[:len(lines)-1] {
		at := y - len(lines) + 1 + i
		rows[at] = leftOf(rows[at], 1) + styleOff + newLine(width-2).skip(2).add(s.styles.bad, text).String() + rightOf(rows[at], width-1, width)
	}
	last := newLine(width-4).skip(1).add(s.styles.bad, lines[len(lines)-1]).skip(1)
	rows[y] = leftOf(rows[y], 2) + styleOff + last.b.String() + rightOf(rows[y], 2+last.used, width)
}

// shelf is the offers that fit in a row, those of them that tab has come to.
func (l *commandLine) shelf(s *state, width int) *line {
	row := newLine(width)
	for i := l.page(width); i < len(l.offers); i++ {
		text := " " + l.offers[i].shown() + " "
		more, room := fmt.Sprintf(" %s more ", thousands(len(l.offers)-i)), row.left()
		if i < len(l.offers)-1 {
			room -= plain.Width(more)
		}
		if row.used > 0 && room < plain.Width(text) {
			row.add(s.styles.quiet, more)
			break
		}
		look := s.styles.quiet
		if i == l.turned-1 {
			look = s.styles.tab
		}
		row.add(look, text)
	}
	return row
}

// page is the first offer of the row in which the one stands that tab has come to.
func (l *commandLine) page(width int) int {
	first, used := 0, 0
	const more = 10 // cells that "12 more" takes
	for i := range max(0, l.turned) {
		w := plain.Width(l.offers[i].shown()) + 2
		if used += w; used > width-more && i > first {
			first, used = i, w
		}
	}
	return first
}

func (o offer) shown() string { return cmp.Or(o.label, o.text) }
