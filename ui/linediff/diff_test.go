package linediff_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rehook/ui/linediff"
)

// shown is a difference as people write it.
func shown(d linediff.Diff) string {
	var b strings.Builder
	for _, r := range d.Rows {
		switch r.Kind {
		case linediff.Skipped, linediff.Cut:
			fmt.Fprintf(&b, "…%d|", r.N)
		case linediff.Same, linediff.Removed, linediff.Added:
			b.WriteString([...]string{" ", "-", "+"}[r.Kind] + r.Text + "|")
		}
	}
	return b.String()
}

func TestTheFewestLinesAreShown(t *testing.T) {
	lines := func(s string) string { return strings.Join(strings.Split(s, ""), "\n") }
	for _, c := range []struct{ was, now, want string }{
		{"abc", "abc", ""},
		{"abc", "axc", " a|-b|+x| c|"},
		{"abcabba", "cbabac", "-a|-b| c|+b| a| b|-b| a|+c|"},
		{"bc", "abc", "+a| b| c|"},
		{"abc", "ab", " a| b|-c|"},
		{"0123456789", "012345678x", "…6| 6| 7| 8|-9|+x|"},
		{"x123456789abcdefy", "X123456789abcdefY", "-x|+X| 1| 2| 3|…9| d| e| f|-y|+Y|"},
		{"x123456y", "X123456Y", "-x|+X| 1| 2| 3| 4| 5| 6|-y|+Y|"},
		{"", "a", "-|+a|"},
	} {
		if got := shown(linediff.Compare(lines(c.was), lines(c.now))); got != c.want {
			t.Errorf("%q and %q: got %q, want %q", c.was, c.now, got, c.want)
		}
	}
}

func TestALongLineSaysWhereItChanges(t *testing.T) {
	head := strings.Repeat("x", 500)
	for _, r := range linediff.Compare(head+"1", head+"23").Rows {
		if r.At != 500 {
			t.Errorf("%+v", r)
		}
	}
}

// What costs a plain algorithm minutes: a megabyte in which every line differs, or in which all lines are alike.
func TestAMegabyteTakesNoTime(t *testing.T) {
	numbered := func(n, from int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%d\n", i+from)
		}
		return b.String()
	}
	alike := strings.Repeat("0,\n", 350_000)
	for name, c := range map[string]struct{ was, now string }{
		"other lines": {numbered(150_000, 0), numbered(150_000, 1_000_000)},
		"more lines":  {numbered(150_000, 0), numbered(100_000, 1_000_000)},
		"alike":       {"1\n" + alike + "1", "2\n" + alike + alike + "2"},
		"every third": {strings.Repeat("a\nb\nc\n", 100_000), strings.Repeat("a\nb\nd\n", 100_000)},
	} {
		began := time.Now()
		d := linediff.Compare(c.was, c.now)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		if len(d.Rows) > 10_001 || d.Added+d.Removed == 0 {
			t.Errorf("%s: %d rows, %d removed, %d added", name, len(d.Rows), d.Removed, d.Added)
		}
	}
	if d := linediff.Compare(strings.Repeat("a\nb\nc\n", 20_000), strings.Repeat("a\nb\nd\n", 20_000)); d.Added != 20_000 || d.Removed != 20_000 {
		t.Errorf("of as many lines each third was changed, and %d were removed and %d added", d.Removed, d.Added)
	}
}

// Whatever both texts are, the new one can be made of the old one and the difference.
func FuzzCompare(f *testing.F) {
	f.Add("a\nb\nc", "a\nx\nc")
	f.Add("", "\n\n")
	f.Add("a\na\na\na\na\na\na\na\na\na\na", "a\na\nb\na\na\na\na\na\na\na\na\nc")
	f.Fuzz(func(t *testing.T, was, now string) {
		old := strings.Split(was, "\n")
		var made []string
		at, rows := 0, linediff.Compare(was, now)
		for _, r := range rows.Rows {
			switch r.Kind {
			case linediff.Same:
				if old[at] != r.Text {
					t.Fatalf("line %d is %q, not %q", at, old[at], r.Text)
				}
				made, at = append(made, r.Text), at+1
			case linediff.Removed:
				if old[at] != r.Text {
					t.Fatalf("line %d is %q, not %q", at, old[at], r.Text)
				}
				at++
			case linediff.Added:
				made = append(made, r.Text)
			case linediff.Skipped:
				made, at = append(made, old[at:at+r.N]...), at+r.N
			case linediff.Cut:
				return
			}
		}
		if made = append(made, old[at:]...); len(rows.Rows) > 0 && strings.Join(made, "\n") != now || len(rows.Rows) == 0 && was != now {
			t.Fatalf("%q and %q: %s", was, now, shown(rows))
		}
	})
}
