package jsontree

import "bytes"

// maxHits bounds how many places of a query are remembered.
const maxHits = 10_000

// Search looks for text, whatever its case, in keys and values, folded or not, and puts the cursor on the
// first hit at or after it. It returns the number of that hit, from 1, and how many there are, at most 10,000.
// An empty query forgets the hits.
func (t *Tree) Search(query string) (n, of int) {
	t.hits = nil
	if query == "" {
		return 0, 0
	}
	hay, needle := bytes.ToLower(t.data), bytes.ToLower([]byte(query))
	if len(hay) != len(t.data) { // lower case of another length: offsets would not fit
		hay, needle = t.data, []byte(query)
	}
	for from := 0; len(t.hits) < maxHits; {
		i := bytes.Index(hay[from:], needle)
		if i < 0 {
			break
		}
		t.hits = append(t.hits, from+i)
		from += i + len(needle)
	}
	if len(t.hits) == 0 {
		return 0, 0
	}
	first := t.hitFrom(t.offset())
	t.reveal(first)
	return first + 1, len(t.hits)
}

// Next puts the cursor on the next hit (by is 1) or the previous one (-1), round the ends, and returns its
// number, from 1, and how many there are.
func (t *Tree) Next(by int) (n, of int) {
	if len(t.hits) == 0 {
		return 0, 0
	}
	here := t.rows[t.cursor]
	at := t.offset()
	i := t.hitFrom(at)
	if by > 0 {
		for i < len(t.hits) && t.sameRow(t.hits[i], here) {
			i++
		}
	} else {
		i--
	}
	i = (i + len(t.hits)) % len(t.hits)
	t.reveal(i)
	return i + 1, len(t.hits)
}

// hitFrom is the first hit at or after an offset; the first of all when there is none.
func (t *Tree) hitFrom(offset int) int {
	for i, hit := range t.hits {
		if hit >= offset {
			return i
		}
	}
	return 0
}

// offset is where the cursor's row begins in the document.
func (t *Tree) offset() int {
	if len(t.rows) == 0 {
		return 0
	}
	return t.start(t.rows[t.cursor])
}

func (t *Tree) start(at line) int {
	switch {
	case t.form != JSON:
		return at.span.from
	case at.closing:
		return at.node.value.to - 1
	case at.node.key.empty():
		return at.node.value.from
	}
	return at.node.key.from
}

// reveal opens what hides a hit and puts the cursor on its row.
func (t *Tree) reveal(hit int) {
	offset := t.hits[hit]
	if t.form != JSON {
		t.cursor = t.lastRowFrom(offset)
		return
	}
	n := t.root
	for {
		child := childAt(n.kids(t.data), offset)
		if child == nil {
			break
		}
		n.open = true
		n = child
	}
	t.flatten()
	t.cursor = t.rowOf(n)
}

func childAt(children []*node, offset int) *node {
	for _, child := range children {
		from := child.value.from
		if !child.key.empty() {
			from = child.key.from
		}
		if from <= offset && offset < child.value.to {
			return child
		}
	}
	return nil
}

func (t *Tree) lastRowFrom(offset int) int {
	found := 0
	for i, row := range t.rows {
		if row.span.from > offset {
			break
		}
		found = i
	}
	return found
}

// sameRow tells whether a hit is seen in a row already.
func (t *Tree) sameRow(hit int, at line) bool {
	if t.form != JSON {
		return hit < at.span.to
	}
	if isContainer(t.data[at.node.value.from]) && !at.closing { // its row shows the key alone
		return hit < at.node.value.from
	}
	return hit < at.node.value.to
}
