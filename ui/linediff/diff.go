package linediff

import "strings"

// Kind is what became of a line.
type Kind int

// What a row tells of.
const (
	Same    Kind = iota // a line of both, around what has changed
	Removed             // a line of the old text
	Added               // a line of the new one
	Skipped             // N lines of both that are far from any change
	Cut                 // N changed lines more than are kept
)

// Row is a line of a difference.
type Row struct {
	Kind Kind
	Text string // of a line, without its end
	N    int    // of Skipped and Cut: how many
	// At is the byte at which a changed line begins to differ from the one that it stands for.
	At int
}

// Diff is what there is to be seen of a change.
type Diff struct {
	Rows           []Row
	Removed, Added int // lines
}

const (
	around   = 3      // lines shown before and after a change
	rowsMost = 10_000 // rows kept: more are not read by anybody
)

// Compare tells how a text has become another.
func Compare(was, now string) Diff {
	a, b := strings.Split(was, "\n"), strings.Split(now, "\n")
	gone, come := changed(a, b)
	d := builder{}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if i < len(a) && j < len(b) && !gone[i] && !come[j] {
			d.same(a[i])
			i, j = i+1, j+1
			continue
		}
		from, to := i, j
		for i < len(a) && gone[i] {
			i++
		}
		for j < len(b) && come[j] {
			j++
		}
		d.change(a[from:i], b[to:j])
	}
	return d.end()
}

// builder makes rows of lines in their order, and leaves out those that nobody wants to see.
type builder struct {
	Diff
	pending []string // equal lines of which it is not known yet whether a change is near
	skipped int      // equal lines before those
	cut     int
}

func (d *builder) same(line string) {
	d.pending = append(d.pending, line)
	keep := around // those before the next change
	if len(d.Rows) > 0 {
		keep *= 2 // and those after the last one
	}
	if len(d.pending) > keep {
		first := keep - around
		d.skipped++
		d.pending = append(d.pending[:first], d.pending[first+1:]...)
	}
}

func (d *builder) change(gone, come []string) {
	d.flush(len(d.pending))
	for i, line := range gone {
		d.add(Row{Kind: Removed, Text: line, At: differsAt(come, i, line)})
	}
	for i, line := range come {
		d.add(Row{Kind: Added, Text: line, At: differsAt(gone, i, line)})
	}
	d.Removed += len(gone)
	d.Added += len(come)
}

// flush makes rows of the first n equal lines that are pending; what was skipped lies between those after the last change
// and those before the next one.
func (d *builder) flush(n int) {
	after := 0
	if len(d.Rows) > 0 {
		after = min(around, n)
	}
	for _, line := range d.pending[:after] {
		d.add(Row{Kind: Same, Text: line})
	}
	if d.skipped += len(d.pending) - n; d.skipped > 0 {
		d.add(Row{Kind: Skipped, N: d.skipped})
	}
	for _, line := range d.pending[after:n] {
		d.add(Row{Kind: Same, Text: line})
	}
	d.pending, d.skipped = d.pending[:0], 0
}

func (d *builder) add(r Row) {
	if len(d.Rows) < rowsMost {
		d.Rows = append(d.Rows, r)
		return
	}
	if r.Kind == Removed || r.Kind == Added {
		d.cut++
	}
}

func (d *builder) end() Diff {
	if d.Removed+d.Added > 0 {
		d.flush(min(around, len(d.pending)))
	}
	if d.cut > 0 {
		d.Rows = append(d.Rows, Row{Kind: Cut, N: d.cut})
	}
	return d.Diff
}

// differsAt is where a line begins to differ from the i-th of the others; 0 if there is none.
func differsAt(others []string, i int, line string) int {
	if i >= len(others) {
		return 0
	}
	other, at := others[i], 0
	for at < len(line) && at < len(other) && line[at] == other[at] {
		at++
	}
	return at
}
