package ui

import (
	"slices"
	"strings"

	"rehook/ui/plain"
)

const (
	chartLeast = 5  // rows of a chart: its title, three of the range, and the time below
	chartsBoth = 12 // rows from which there are two below each other
)

// chart is a figure over time, with its own scale.
type chart struct {
	title  string
	look   style
	figure func([]sample) float64
	words  func(float64) string // the highest, in words
}

// charts draws the last hour under the figures: how deep the queues were and, where there is room, how fast letters
// came and went.
func (q *queues) charts(s *state, w, h int) []string {
	var lines []string
	if h > chartLeast+1 {
		lines, h = append(lines, plain.Spaces(w)), h-1
	}
	st, count := &s.styles, func(v float64) string { return thousands(int(v)) }
	depths := [2]chart{{"in the queue", st.accent, mostWaiting, count}, {"parked", st.warn, mostParked, count}}
	if h < chartsBoth {
		return append(lines, s.beside(depths, w, h)...)
	}
	lines = append(lines, s.beside(depths, w, h-h/2)...)
	return append(lines, s.beside([2]chart{{"received", st.accent, meanIn, rate}, {"delivered", st.good, meanOut, rate}}, w, h/2)...)
}

// beside draws two charts side by side.
func (s *state) beside(charts [2]chart, w, h int) []string {
	half := (w - 4) / 2
	left, right := charts[0].lines(s, half, h), charts[1].lines(s, half, h)
	lines := make([]string, h)
	for y := range lines {
		lines[y] = plain.Spaces(1) + left[y] + plain.Spaces(w-2-2*half) + right[y] + plain.Spaces(1)
	}
	return lines
}

func (c chart) lines(s *state, w, h int) []string {
	st := &s.styles
	columns := s.depths.columns(w, c.figure)
	if len(columns) == 0 {
		return centred(w, h, said{st.quiet, c.title + ": not read yet"})
	}
	high := slices.Max(columns)
	lines := []string{newLine(w).add(st.quiet, c.title).right("", "peak "+c.words(max(high, 0))).String()}
	for _, row := range area(columns, max(high, 1e-9), h-2) {
		lines = append(lines, newLine(w).add(c.look, row).String())
	}
	scale := []rune(strings.Repeat("─", w))
	for i, v := range columns {
		if v < 0 { // nobody looked
			scale[i] = ' '
		}
	}
	ago, now := shortSpan(s.depths.span())+" ago ", " now"
	middle := string(scale[min(len(ago), w):max(w-len(now), 0)])
	return append(lines, newLine(w).add(st.quiet, ago).add(st.border, middle).add(st.quiet, now).String())
}
