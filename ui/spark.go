package ui

import (
	"slices"
	"strings"
)

var sparks = []rune("▁▂▃▄▅▆▇█")

// sparkline draws figures in at most width cells, the highest of each share of them, on a scale from nothing to
// the highest of all: what has hardly changed looks so.
func sparkline(figures []int, width int) string {
	if len(figures) == 0 || width <= 0 {
		return ""
	}
	each := (len(figures) + width - 1) / width
	var columns []float64
	for part := range slices.Chunk(figures, each) {
		columns = append(columns, float64(max(0, slices.Max(part))))
	}
	return spark(columns)
}

// spark draws one figure a cell; less than 0 is not known, and a gap.
func spark(columns []float64) string {
	if len(columns) == 0 {
		return ""
	}
	high := max(1, slices.Max(columns))
	var b strings.Builder
	for _, v := range columns {
		if v < 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(sparks[int(v/high*float64(len(sparks)-1)+0.5)])
	}
	return b.String()
}

// area draws figures as a mountain range, one a column, in h rows of eight steps each.
func area(columns []float64, high float64, h int) []string {
	rows := make([]string, h)
	for y := range rows {
		floor := float64(8 * (h - 1 - y)) // steps below this row
		var b strings.Builder
		for _, v := range columns {
			steps := v/high*float64(8*h) - floor
			switch {
			case v < 0 || steps < 0.5 && (y < h-1 || v == 0):
				b.WriteByte(' ')
			case steps < 0.5: // something is never nothing
				b.WriteRune(sparks[0])
			default:
				b.WriteRune(sparks[min(int(steps+0.5), 8)-1])
			}
		}
		rows[y] = b.String()
	}
	return rows
}
