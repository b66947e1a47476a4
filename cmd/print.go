package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// row is what a command prints: an object of JSON, or the cells of a table.
type row interface{ cells() []string }

// show prints rows in one of the three formats: a table, one JSON array, or one JSON object a line.
func show[R row](w io.Writer, format string, header []string, rows []R) error {
	switch format {
	case "json":
		if rows == nil {
			rows = []R{}
		}
		return printed(encode(w, rows, "  "))
	case "ndjson":
		for _, r := range rows {
			if err := encode(w, r, ""); err != nil {
				return printed(err)
			}
		}
		return nil
	}
	t := table{header}
	for _, r := range rows {
		t.add(r.cells())
	}
	_, err := io.WriteString(w, t.String())
	return printed(err)
}

// showOne prints the one thing that was asked for: a table of one row, or one JSON object.
func showOne[R row](w io.Writer, format string, header []string, r R) error {
	if format == "table" {
		return show(w, format, header, []R{r})
	}
	return printed(writeJSON(w, r))
}

// encode writes v as JSON that is safe to show in a terminal.
func encode(w io.Writer, v any, indent string) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(deadletter.AppendVisible(nil, text.Bytes()))
	return err
}

// table is rows of text for people, the first of them the header.
type table [][]string

// add takes text from outside as it is: it is made safe here.
func (t *table) add(cells []string) {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = plain.Line(c)
	}
	*t = append(*t, safe)
}

// String gives the rows in columns, each as wide as its widest cell.
func (t table) String() string {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], plain.Width(cell))
		}
	}
	var b strings.Builder
	for _, row := range t {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + plain.Spaces(widths[i]-plain.Width(cell)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// printed says what a failed write was about. That nobody reads any more, as with "| head", is no failure.
func printed(err error) error {
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return fmt.Errorf("print the result: %w", err)
}
