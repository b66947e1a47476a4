package jsontree

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"rehook/ui/plain"
)

const (
	bytesPerHexRow = 16
	maxTextRow     = 160 // bytes: a longer line goes on in the next row
)

func textLines(data []byte) []line {
	var rows []line
	for from := 0; from < len(data); {
		to := len(data)
		if n := bytes.IndexByte(data[from:], '\n'); n >= 0 {
			to = from + n + 1
		}
		for ; to-from > maxTextRow; from = rows[len(rows)-1].span.to {
			rows = append(rows, line{span: span{from, runeStart(data, from+maxTextRow)}})
		}
		rows = append(rows, line{span: span{from, to}})
		from = to
	}
	return rows
}

func runeStart(data []byte, i int) int {
	for !utf8.RuneStart(data[i]) {
		i--
	}
	return i
}

func hexLines(size int) []line {
	var rows []line
	for from := 0; from < size; from += bytesPerHexRow {
		rows = append(rows, line{span: span{from, min(from+bytesPerHexRow, size)}})
	}
	return rows
}

func textRow(data []byte) Row {
	text := strings.TrimRight(string(data), "\r\n")
	return Row{Pieces: []Piece{{Plain, plain.Line(strings.ReplaceAll(text, "\t", "    "))}}}
}

func hexRow(data []byte, offset int) Row {
	shown := make([]byte, len(data))
	for i, c := range data {
		shown[i] = '.'
		if 0x20 <= c && c <= 0x7e {
			shown[i] = c
		}
	}
	return Row{Pieces: []Piece{
		{Note, fmt.Sprintf("%08x  ", offset)},
		{Plain, fmt.Sprintf("%-*s", bytesPerHexRow*3+1, fmt.Sprintf("% x", data))},
		{Note, string(shown)},
	}}
}
