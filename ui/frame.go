package ui

import "strings"

// Directions in which a border runs from a cell.
const (
	toLeft = 1 << iota
	toRight
	toUp
	toDown
)

// borderRunes draws a border by the directions in which it runs on.
var borderRunes = [16]rune{
	0:                                ' ',
	toLeft:                           '─',
	toRight:                          '─',
	toLeft | toRight:                 '─',
	toUp:                             '│',
	toDown:                           '│',
	toUp | toDown:                    '│',
	toRight | toDown:                 '╭',
	toLeft | toDown:                  '╮',
	toRight | toUp:                   '╰',
	toLeft | toUp:                    '╯',
	toUp | toDown | toRight:          '├',
	toUp | toDown | toLeft:           '┤',
	toLeft | toRight | toDown:        '┬',
	toLeft | toRight | toUp:          '┴',
	toLeft | toRight | toUp | toDown: '┼',
}

// heavier is the border above the pane that has the focus: seen without colour too.
var heavier = strings.NewReplacer("─", "━", "┬", "┯", "┴", "┷", "┼", "┿", "═", "━")

// doubled is every border of a production queue, so that it cannot be taken for another's on any terminal.
var doubled = strings.NewReplacer("─", "═", "│", "║", "╭", "╔", "╮", "╗", "╰", "╚", "╯", "╝", "├", "╠", "┤", "╣", "┬", "╦", "┴", "╩", "┼", "╬")

// frame is the borders of a layout as runes, row by row.
type frame struct {
	layout layout
	runes  [][]rune
}

// newFrame draws the border of every box; where they touch, they join.
func newFrame(l layout, production bool) frame {
	f := frame{layout: l}
	runs := make([][]byte, l.height)
	for y := range runs {
		runs[y] = make([]byte, l.width)
	}
	for _, box := range l.boxes {
		if box.w > 0 {
			outline(runs, box)
		}
	}
	f.runes = make([][]rune, l.height)
	for y, row := range runs {
		f.runes[y] = make([]rune, l.width)
		for x, directions := range row {
			f.runes[y][x] = borderRunes[directions]
		}
		if production {
			f.runes[y] = []rune(doubled.Replace(string(f.runes[y])))
		}
	}
	return f
}

// outline marks the cells round a box.
func outline(runs [][]byte, box rect) {
	left, right, top, bottom := box.x-1, box.x+box.w, box.y-1, box.y+box.h
	for x := left; x <= right; x++ {
		for _, y := range [...]int{top, bottom} {
			if x > left {
				runs[y][x] |= toLeft
			}
			if x < right {
				runs[y][x] |= toRight
			}
		}
	}
	for y := top; y <= bottom; y++ {
		for _, x := range [...]int{left, right} {
			if y > top {
				runs[y][x] |= toUp
			}
			if y < bottom {
				runs[y][x] |= toDown
			}
		}
	}
}

// piece is a part of a screen row: styled text of a known width at a column.
type piece struct {
	x, width int
	text     string
}

// row joins pieces, ascending and without overlap, with the border between them.
func (f frame) row(y int, pieces []piece, border style) string {
	var b strings.Builder
	x := 0
	for _, p := range append(pieces, piece{x: f.layout.width}) {
		if p.x > x {
			b.WriteString(border.paint(string(f.runes[y][x:p.x])))
		}
		b.WriteString(p.text)
		x = p.x + p.width
	}
	return b.String()
}

// title is the border above a box with text in it: left, and at its right end.
func (f frame) title(box rect, left, right *line, focused bool, st *styles) piece {
	border, bar := st.frame, string(f.runes[box.y-1][box.x:box.x+box.w])
	if focused {
		border, bar = st.accent, heavier.Replace(bar)
	}
	runes := []rune(bar)
	out := newLine(box.w)
	put := func(l *line) {
		if l.used > 0 {
			out.b.WriteString(" " + l.b.String() + " ")
			out.used += l.used + 2
		}
	}
	out.add(border, string(runes[:1]))
	put(left)
	if from := box.w - right.used - 3; right.used > 0 && from > out.used {
		out.add(border, string(runes[out.used:from]))
		put(right)
	}
	out.add(border, string(runes[out.used:]))
	return piece{box.x, box.w, out.b.String()}
}
