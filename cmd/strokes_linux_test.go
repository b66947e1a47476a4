package cmd_test

import (
	"fmt"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
)

// Where a border runs from the middle of its cell, and how it is drawn.
const (
	toLeft = 1 << iota
	toRight
	toUp
	toDown
	heavy // from left to right
	round // where two meet
)

// borders are the box drawing characters that the screen has.
func borders() map[rune]int {
	return map[rune]int{
		'─': toLeft | toRight, '│': toUp | toDown, '━': toLeft | toRight | heavy,
		'╭': toRight | toDown | round, '╮': toLeft | toDown | round, '╰': toRight | toUp | round, '╯': toLeft | toUp | round,
		'├': toUp | toDown | toRight, '┤': toUp | toDown | toLeft, '┬': toLeft | toRight | toDown, '┴': toLeft | toRight | toUp,
		'┼': toLeft | toRight | toUp | toDown, '┯': toLeft | toRight | toDown | heavy, '┷': toLeft | toRight | toUp | heavy,
		'┿': toLeft | toRight | toUp | toDown | heavy,
	}
}

// stroke draws what is no letter: borders, bars and shades. It tells whether it did.
func (d *drawing) stroke(x, y int, r rune, ink color.RGBA, style uv.Style) bool {
	left, top := x*cellWidth, y*cellHeight
	if runs, ok := borders()[r]; ok {
		d.border(left, top, runs, ink, style)
		return true
	}
	block := func(x, y, w, h int) {
		fmt.Fprintf(d.path("k "+d.class("fill", ink, style)), "M%d %dh%dv%dh%dz", left+x, top+y, w, h, -w)
	}
	switch {
	case r >= '▁' && r <= '█': // from below, by eighths
		h := cellHeight * int(r-'▁'+1) / 8
		block(0, cellHeight-h, cellWidth, h)
	case r >= '▉' && r <= '▏': // from the left
		block(0, 0, cellWidth*int('▏'-r+1)/8, cellHeight)
	case r == '▓' || r == '░' || r == '▒':
		h := map[rune]int{'▓': 100, '▒': 60, '░': 20}[r]
		block(0, (cellHeight-h)/2, cellWidth, h)
	default:
		return false
	}
	return true
}

// border draws one cell of a border.
func (d *drawing) border(left, top, runs int, ink color.RGBA, style uv.Style) {
	midX, midY := left+cellWidth/2, top+cellHeight/2
	fromX, toX, fromY, toY := midX, midX, midY, midY
	if runs&toLeft != 0 {
		fromX = left
	}
	if runs&toRight != 0 {
		toX = left + cellWidth
	}
	if runs&toUp != 0 {
		fromY = top
	}
	if runs&toDown != 0 {
		toY = top + cellHeight
	}
	class := d.class("stroke", ink, style)
	thin, across := d.path(class), d.path(class)
	if runs&heavy != 0 {
		across = d.path("h " + class)
	}
	if runs&round != 0 {
		fmt.Fprintf(thin, "M%d %dQ%d %d %d %d", midX, fromY+toY-midY, midX, midY, fromX+toX-midX, midY)
		return
	}
	if fromY != toY {
		fmt.Fprintf(thin, "M%d %dV%d", midX, fromY, toY)
	}
	if fromX != toX {
		fmt.Fprintf(across, "M%d %dH%d", fromX, midY, toX)
	}
}

// path is what is drawn with a look.
func (d *drawing) path(class string) *strings.Builder {
	if d.lines[class] == nil {
		d.lines[class] = &strings.Builder{}
		d.order = append(d.order, class)
	}
	return d.lines[class]
}
