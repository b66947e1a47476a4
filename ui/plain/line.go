package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxMarks is how many combining marks one character may carry. Written languages need two (Vietnamese,
// Thai, Hebrew); a flood has hundreds.
const maxMarks = 2

// Line makes one line of s: what a terminal would obey or not show becomes a visible mark, a newline ␊
// and a tab ␉ too. It returns s itself when there was nothing to do.
func Line(s string) string {
	if printableASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for s != "" {
		if r, size := utf8.DecodeRuneInString(s); r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "‹%02X›", s[0])
			s = s[1:]
			continue
		}
		cluster := firstCluster(s)
		s = s[len(cluster):]
		if standsAlone(cluster) && ansi.StringWidthWc(cluster) == ansi.StringWidth(cluster) {
			cleanCluster(&b, cluster)
		} else {
			spread(&b, cluster)
		}
	}
	return b.String()
}

// firstCluster is what a reader sees as one character at the beginning of s: a base and what changes it.
func firstCluster(s string) string {
	cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	for i, r := range cluster {
		if r == utf8.RuneError && i > 0 {
			return s[:i] // what follows may be no UTF-8
		}
	}
	return cluster
}

// standsAlone tells whether a cluster stays one whatever is put before and after it. A vowel sign that comes
// first joins what it is drawn behind, be it a border.
func standsAlone(cluster string) bool {
	if cluster[0] < utf8.RuneSelf {
		return true
	}
	between := "x" + cluster + "x"
	before, _ := ansi.FirstGraphemeCluster(between, ansi.GraphemeWidth)
	itself, _ := ansi.FirstGraphemeCluster(between[1:], ansi.GraphemeWidth)
	return before == "x" && itself == cluster
}

// cleanCluster cleans the code points of a cluster; marks stay as long as there is something to carry them.
func cleanCluster(b *strings.Builder, cluster string) {
	carries := maxMarks // nothing can carry a mark yet
	for _, r := range cluster {
		if unicode.In(r, unicode.Mn, unicode.Me) && !hides(r) && carries < maxMarks {
			b.WriteRune(r)
			carries++
			continue
		}
		carries = writeRune(b, r)
	}
}

// spread shows the first code point of a cluster, if it has one width, and marks the others: terminals do not agree on how wide it
// is. Some count code points, some what a reader sees (हि is 2 or 1, a waving hand with a skin colour 4 or 2).
func spread(b *strings.Builder, cluster string) {
	for i, r := range cluster {
		if i == 0 && standsAlone(string(r)) && ansi.StringWidthWc(string(r)) == ansi.StringWidth(string(r)) {
			writeRune(b, r)
			continue
		}
		fmt.Fprintf(b, "‹%02X›", r)
	}
}

// Lines splits s at its newlines and cleans each line; a tab becomes four spaces, and the CR of a CR LF goes.
func Lines(s string) []string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimSuffix(line, "\r")
		lines = append(lines, Line(strings.ReplaceAll(line, "\t", "    ")))
	}
	return lines
}

// Width is how many cells clean text takes.
func Width(s string) int {
	if printableASCII(s) {
		return len(s)
	}
	return ansi.StringWidthWc(s)
}

// Truncate cuts clean text to at most width cells; what was cut ends in an ellipsis.
func Truncate(s string, width int) string {
	switch {
	case width <= 0:
		return ""
	case Width(s) <= width:
		return s
	}
	return ansi.TruncateWc(s, width, "…")
}

// PadLeft cuts or fills clean text to exactly width cells, the text at the right.
func PadLeft(s string, width int) string {
	s = Truncate(s, width)
	return Spaces(width-Width(s)) + s
}

// Short makes a line of at most width cells from text of any length and content.
func Short(s string, width int) string { return Truncate(Line(Head(s, width)), width) }

// Head cuts raw text to what width cells can show at most, so that a payload of a megabyte is not cleaned
// for the sake of its first row. What it cuts is certain to be cut by [Truncate] too.
func Head(s string, width int) string {
	limit := (max(width, 0) + 1) * utf8.UTFMax * (maxMarks + 1)
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// Spaces is n spaces, none if n is negative.
func Spaces(n int) string {
	const some = "                                                                                "
	if n <= len(some) {
		return some[:max(n, 0)]
	}
	return strings.Repeat(" ", n)
}

// writeRune writes r, or its mark, and returns how many combining marks it counts as carrying: a mark of
// ours and a space carry none.
func writeRune(b *strings.Builder, r rune) int {
	switch {
	case r < 0x20:
		b.WriteRune('␀' + r)
	case r == 0x7f:
		b.WriteRune('␡')
	case hides(r) || unicode.IsMark(r) && ansi.StringWidthWc(string(r)) == 0:
		fmt.Fprintf(b, "‹%02X›", r)
	case unicode.IsSpace(r):
		b.WriteRune(r)
	default:
		b.WriteRune(r)
		return 0
	}
	return maxMarks
}

// hides tells of characters that are not seen, or change how others are seen: C1, format characters (bidi,
// zero-width, tags), variation selectors, fillers, line separators, private and unassigned code points.
func hides(r rune) bool {
	if r < 0x7f {
		return false
	}
	if unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || r == '\u2800' {
		return true
	}
	if unicode.Is(unicode.Zs, r) {
		return false
	}
	return !unicode.IsPrint(r) || !unicode.IsMark(r) && ansi.StringWidthWc(string(r)) == 0
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
