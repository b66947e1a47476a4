package jsontree

import (
	"encoding/json"
	"unicode/utf8"
)

// openAllUpTo is the size in bytes of a document that is shown with everything open.
const openAllUpTo = 16 << 10

// Form is how a document is shown.
type Form int

// The forms of a document.
const (
	Empty Form = iota // no bytes at all
	JSON              // a tree
	Text              // lines
	Hex               // sixteen bytes a row
)

// Tree is a document with a cursor in it. The zero value is an empty document.
type Tree struct {
	data   []byte // never changed
	form   Form
	root   *node
	rows   []line
	cursor int
	hits   []int // offsets of the query in data, ascending
}

// line is one visible row: a node, the closing bracket of one, or bytes of a text.
type line struct {
	node    *node
	closing bool
	depth   int
	span    span
}

// New reads a document. It never fails: what is not JSON is shown in another form. The bytes must not
// change afterwards.
func New(data []byte) *Tree {
	t := &Tree{data: data, form: formOf(data)}
	switch t.form {
	case JSON:
		start := skipSpace(data, 0)
		t.root = &node{value: span{start, skipValue(data, start)}, open: true}
		if len(data) <= openAllUpTo {
			t.openAll(t.root)
		}
		t.flatten()
	case Text:
		t.rows = textLines(data)
	case Hex:
		t.rows = hexLines(len(data))
	case Empty:
	}
	return t
}

// Form tells how the document is shown.
func (t *Tree) Form() Form { return t.form }

// Len is the number of rows that are open to view.
func (t *Tree) Len() int { return len(t.rows) }

// Cursor is the row that the cursor is on.
func (t *Tree) Cursor() int { return t.cursor }

// Move puts the cursor on a row, or on the nearest one that there is.
func (t *Tree) Move(to int) { t.cursor = max(0, min(to, len(t.rows)-1)) }

// Toggle opens or folds the container under the cursor; on a closing bracket, the one that it closes. It
// reports whether there was one.
func (t *Tree) Toggle() bool {
	if t.form != JSON {
		return false
	}
	n := t.rows[t.cursor].node
	if !isContainer(t.data[n.value.from]) {
		return false
	}
	n.open = !n.open
	t.flatten()
	t.cursor = t.rowOf(n)
	return true
}

// Value is the exact bytes of the value under the cursor; the whole document where it is not JSON.
func (t *Tree) Value() []byte {
	if t.form != JSON {
		return t.data
	}
	v := t.rows[t.cursor].node.value
	return t.data[v.from:v.to]
}

func (t *Tree) openAll(n *node) {
	n.open = true
	for _, child := range n.kids(t.data) {
		t.openAll(child)
	}
}

// flatten makes the rows anew from what is open.
func (t *Tree) flatten() {
	t.rows = t.appendRows(t.rows[:0], t.root, 0)
}

func (t *Tree) appendRows(rows []line, n *node, depth int) []line {
	rows = append(rows, line{node: n, depth: depth})
	if !n.open || len(n.kids(t.data)) == 0 {
		return rows
	}
	for _, child := range n.kids(t.data) {
		rows = t.appendRows(rows, child, depth+1)
	}
	return append(rows, line{node: n, closing: true, depth: depth})
}

// rowOf is the row of a node that is in view; 0 if it is not.
func (t *Tree) rowOf(n *node) int {
	for i, row := range t.rows {
		if row.node == n {
			return i
		}
	}
	return 0
}

func formOf(data []byte) Form {
	switch {
	case len(data) == 0:
		return Empty
	case json.Valid(data):
		return JSON
	case isText(data):
		return Text
	}
	return Hex
}

// isText accepts UTF-8 with no controls but those that lay out text.
func isText(data []byte) bool {
	for _, c := range data {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(data)
}
