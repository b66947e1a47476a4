package plain_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"rehook/ui/plain"
)

func TestWhatATerminalObeysBecomesAMark(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain text", "plain text"},
		{"", ""},
		{"Müller, 世界, ✓", "Müller, 世界, ✓"},
		{"a\x1b[2Jb", "a␛[2Jb"},
		{"\x00\a\b\t\n\r\x7f", "␀␇␈␉␊␍␡"},
		{"\r\n", "␍␊"},
		{"\u009b31m", "‹9B›31m"},
		{"\xff\xfeok", "‹FF›‹FE›ok"},
		{"a\xcc", "a‹CC›"},
		{"\u202eabc", "‹202E›abc"},
		{"a\u200bb\ufeff", "a‹200B›b‹FEFF›"},
		{"\U000e0041", "‹E0041›"},
		{"\u2028", "‹2028›"},
		{"\u00ad", "‹AD›"},
		{"\ue000", "‹E000›"},
		{"\u3164", "‹3164›"},
		{"\u2800", "‹2800›"},
		{"e\u0301", "e\u0301"},
		{"a\u0301\u0302\u0303", "a\u0301\u0302‹303›"},
		{"\u0301a", "‹301›a"},
		{" \u0301", " ‹301›"},
		{"❤\ufe0f", "❤‹FE0F›"},
		{"👍🏽", "👍‹1F3FD›"},
		{"a\u00a0b", "a\u00a0b"},
		{"\ufffd", "\ufffd"},
	} {
		if got := plain.Line(c.in); got != c.want {
			t.Errorf("Line(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNoCharacterThatHidesOrCommandsStays(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		if !utf8.ValidRune(r) || r >= 0x18000 && r%97 > 0 && (r < 0x1b000 || r > 0x20000) && (r < 0xe0000 || r > 0xe1000) {
			continue // of ideographs, private and unassigned code points a sample will do
		}
		line := plain.Line("a" + string(r) + "b")
		nothing := unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
		if nothing && strings.ContainsRune(line, r) {
			t.Errorf("%U stays: %q", r, line)
		}
		if wc := ansi.StringWidthWc(line); wc != ansi.StringWidth(line) || wc < 3 && !unicode.IsMark(r) {
			t.Errorf("%U: %q is %d cells wide", r, line, wc)
		}
	}
}

func TestLines(t *testing.T) {
	got := strings.Join(plain.Lines("a\tb\r\nc\x1b\n"), "|")
	if want := "a    b|c␛|"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextIsCutToCells(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"abc", 5, "abc"},
		{"abcdef", 5, "abcd…"},
		{"世界世界", 5, "世界…"},
		{"世界世界", 4, "世…"},
		{"x", 0, ""},
		{"x", -1, ""},
	} {
		if got := plain.Short(c.in, c.width); got != c.want {
			t.Errorf("Short(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
	if got := plain.PadLeft("世界世界", 4); got != " 世…" {
		t.Errorf("PadLeft gave %q", got)
	}
}

func TestAMegabyteIsCutBeforeItIsCleaned(t *testing.T) {
	long := strings.Repeat("\x1b", 1<<20)
	if n := testing.AllocsPerRun(10, func() { plain.Short(long, 10) }); n > 20 {
		t.Errorf("%v allocations", n)
	}
	if got := plain.Head("é", 0); !utf8.ValidString(got) {
		t.Errorf("Head cut a character in two: %q", got)
	}
}

// Whatever comes in, no byte that a terminal obeys comes out, the width is what was promised, and terminals
// that count code points agree with those that count graphemes.
func FuzzLine(f *testing.F) {
	for _, s := range []string{"abc", "\x1b[31m", "हिन्दी", "กำลัง", "👩\u200d👩", "\xff\xcc", "e\u0301\u0301\u0301", "🇩🇪🇫", "\u1100\u1161\u11a8", "\ufffd\u0301"} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		width %= 200
		line := plain.Line(s)
		for i, r := range line {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r == utf8.RuneError && line[i] != 0xef {
				t.Fatalf("Line(%q) holds %U", s, r)
			}
		}
		if wc, graphemes := ansi.StringWidthWc(line), ansi.StringWidth(line); wc != graphemes {
			t.Fatalf("Line(%q) = %q is %d cells by code points and %d by graphemes", s, line, wc, graphemes)
		}
		if plain.Line(line) != line {
			t.Fatalf("Line is not its own fixed point: %q, then %q", line, plain.Line(line))
		}
		if got := plain.Width(plain.Short(s, width)); got > max(width, 0) {
			t.Fatalf("Short(%q, %d) is %d cells wide", s, width, got)
		}
		if got := plain.Width(plain.PadLeft(line, width)); got != max(width, 0) {
			t.Fatalf("PadLeft(%q, %d) is %d cells wide", line, width, got)
		}
	})
}
