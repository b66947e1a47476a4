package jsontree

import (
	"fmt"

	"rehook/ui/plain"
)

// Kind is what a piece of a row is, for a caller that colours it.
type Kind int

// The kinds of pieces.
const (
	Plain   Kind = iota // text that is no JSON
	Mark                // the mark that says open or folded
	Punct               // brackets, colons, commas
	Key                 // an object's key, quotes included
	String              // a string, quotes included
	Number              // a number, digit by digit as it was written
	Literal             // true, false, null
	Note                // what we say ourselves: the size of what is folded
)

// Piece is clean text of one kind.
type Piece struct {
	Kind Kind
	Text string
}

// Row is one row of the document, its pieces from left to right.
type Row struct{ Pieces []Piece }

// Row makes row i for a place of width cells. Long values are cut a little beyond it; the caller cuts to
// the cell.
func (t *Tree) Row(i, width int) Row {
	at := t.rows[i]
	switch t.form {
	case Text:
		return textRow(t.data[at.span.from:at.span.to])
	case Hex:
		return hexRow(t.data[at.span.from:at.span.to], at.span.from)
	case JSON, Empty:
	}
	return t.jsonRow(at, width)
}

func (t *Tree) jsonRow(at line, width int) Row {
	n := at.node
	row := Row{Pieces: []Piece{{Mark, plain.Spaces(2*at.depth) + t.mark(at)}}}
	add := func(kind Kind, raw []byte) {
		row.Pieces = append(row.Pieces, Piece{kind, plain.Line(plain.Head(string(head(raw, width)), width))})
	}
	if !at.closing && !n.key.empty() {
		add(Key, t.data[n.key.from:n.key.to])
		add(Punct, []byte(": "))
	}
	value := t.data[n.value.from:n.value.to]
	switch first := value[0]; {
	case at.closing:
		add(Punct, value[len(value)-1:])
	case isContainer(first):
		t.addContainer(&row, n)
	default:
		add(scalarKind(first), value)
	}
	if n.parent != nil && n.index < len(n.parent.children)-1 && (at.closing || !t.spreads(n)) {
		add(Punct, []byte(","))
	}
	return row
}

// addContainer adds the opening bracket, and when it is folded what is in it and the closing one.
func (t *Tree) addContainer(row *Row, n *node) {
	opening, closing := string(t.data[n.value.from]), string(t.data[n.value.to-1])
	switch count := len(n.kids(t.data)); {
	case count == 0:
		row.Pieces = append(row.Pieces, Piece{Punct, opening + closing})
	case n.open:
		row.Pieces = append(row.Pieces, Piece{Punct, opening})
	default:
		row.Pieces = append(row.Pieces, Piece{Punct, opening + " "},
			Piece{Note, counted(count, opening)}, Piece{Punct, " " + closing})
	}
}

// spreads tells whether a node takes more than one row: its comma then stands after the closing bracket.
func (t *Tree) spreads(n *node) bool {
	return isContainer(t.data[n.value.from]) && n.open && len(n.kids(t.data)) > 0
}

func (t *Tree) mark(at line) string {
	switch {
	case at.closing || !isContainer(t.data[at.node.value.from]) || len(at.node.kids(t.data)) == 0:
		return "  "
	case at.node.open:
		return "▾ "
	}
	return "▸ "
}

func counted(n int, opening string) string {
	word := "item"
	if opening == "{" {
		word = "key"
	}
	if n > 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

func scalarKind(first byte) Kind {
	switch first {
	case '"':
		return String
	case 't', 'f', 'n':
		return Literal
	}
	return Number
}

// head bounds what is copied out of a value that may be a megabyte long.
func head(raw []byte, width int) []byte { return raw[:min(len(raw), 16*(width+1))] }
