package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"rehook/ui/plain"
)

// table is rows of text for people. Text from outside may be added as it is: it is made safe here.
type table struct {
	header []string
	rows   [][]string
}

func (t *table) add(cells ...string) {
	for i, c := range cells {
		cells[i] = plain.Line(c)
	}
	t.rows = append(t.rows, cells)
}

// show prints rows in one of the three formats: the table, one JSON array, or one JSON object a line.
func show[T any](w io.Writer, format string, t table, rows []T) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	switch format {
	case "json":
		encoder.SetIndent("", "  ")
		if rows == nil {
			rows = []T{}
		}
		return printed(encoder.Encode(rows))
	case "ndjson":
		for _, row := range rows {
			if err := encoder.Encode(row); err != nil {
				return printed(err)
			}
		}
		return nil
	}
	_, err := io.WriteString(w, t.String())
	return printed(err)
}

// String gives the rows in columns, each as wide as its widest cell.
func (t table) String() string {
	widths := make([]int, len(t.header))
	rows := append([][]string{t.header}, t.rows...)
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], plain.Width(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(plain.Pad(cell, widths[i]) + "  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// printed says what a failed write was about.
func printed(err error) error {
	if err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}
