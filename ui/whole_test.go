package ui_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// whole fails unless the picture is: every row as wide as the screen, borders closed, nothing that a terminal obeys.
func (x *terminal) whole() {
	x.t.Helper()
	rows := x.rows()
	for y, row := range rows {
		if w := ansi.StringWidthWc(row); w != x.width {
			x.t.Fatalf("row %d is %d cells wide, want %d:\n%s", y, w, x.width, x.text())
		}
		for _, r := range row {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u200b' {
				x.t.Fatalf("row %d holds %U", y, r)
			}
		}
	}
	if x.width < 60 || x.height < 15 {
		if text := x.text(); !strings.Contains(text, "too small") && !strings.Contains(text, "quit?") {
			x.t.Fatalf("it does not say that it is too small:\n%s", text)
		}
		return
	}
	first := 1
	if strings.HasPrefix(rows[1], " ✗") {
		first = 2
	}
	for y := first; y < x.height-1; y++ {
		ends := "│" + "│"
		switch row := []rune(rows[y]); {
		case y == first:
			ends = "╭╮"
		case y == x.height-2:
			ends = "╰╯"
		case row[0] == '├':
			ends = "├┤"
		}
		if got := firstAndLast(rows[y]); got != ends {
			x.t.Fatalf("row %d ends in %q, want %q:\n%s", y, got, ends, x.text())
		}
	}
	for y, row := range rows[first+1:] {
		if before, _, ok := strings.Cut(row, "╭━"); ok { // a dialog covers what it lies on
			x.boxed(first+1+y, ansi.StringWidthWc(before))
			return
		}
	}
	x.closed(rows[first : x.height-1])
}

// boxed fails if the dialog that begins in a row is not a whole box.
func (x *terminal) boxed(top, left int) {
	x.t.Helper()
	rows := x.rows()
	right := -1
	for col := range columnsOf(rows[top], "╮") {
		if col > left && (right < 0 || col < right) {
			right = col
		}
	}
	for y := top + 1; y < len(rows); y++ {
		if ends := columnsOf(rows[y], "╰╯"); ends[left] && ends[right] {
			return
		}
		if sides := columnsOf(rows[y], "│"); !sides[left] || !sides[right] {
			break
		}
	}
	x.t.Fatalf("the dialog at row %d, from column %d to %d, is not closed:\n%s", top, left, right, x.text())
}

func firstAndLast(row string) string {
	runes := []rune(row)
	return string(runes[0]) + string(runes[len(runes)-1])
}

// closed fails if a vertical border ends in the open. A title may stand where it meets a rule.
func (x *terminal) closed(rows []string) {
	x.t.Helper()
	for y := range len(rows) - 1 {
		if strings.HasPrefix(rows[y+1], "├") || strings.HasPrefix(rows[y+1], "╰") {
			continue
		}
		above, below := columnsOf(rows[y], "│╭╮├┤┬┼┯┿"), columnsOf(rows[y+1], "│╰╯├┤┴┼┷┿")
		for col := range above {
			if !below[col] {
				x.t.Fatalf("the border at column %d ends below row %d:\n%s", col, y, x.text())
			}
		}
	}
}

// columnsOf are the columns that hold one of the runes.
func columnsOf(row, runes string) map[int]bool {
	found, col := map[int]bool{}, 0
	for _, r := range row {
		if strings.ContainsRune(runes, r) {
			found[col] = true
		}
		col += ansi.StringWidthWc(string(r))
	}
	return found
}

func hostile() []retry.Entry {
	var all []retry.Entry
	for n, bad := range hostilities() {
		text := bad.text
		e := letter(200+n, "https://"+text+".example.com/"+text)
		e.Letter.Error, e.Letter.ErrorCode, e.HeldBy = text, 0, text
		e.Letter.Payload = fmt.Appendf(nil, "{\"text\": %q, \"%s\": 1}", text, strings.Map(printable, text))
		e.Letter.Headers["X-"+text] = []string{text}
		e.Letter.Source = text
		e.Letter.Attempts = []deadletter.Attempt{{Error: text, Response: text}}
		if n%3 == 0 {
			e.Letter.ID = text + e.Letter.ID
			e.Letter.Payload = []byte(text)
			e.Wait, e.Due = retry.ForRelease, time.Time{}
		}
		all = append(all, e)
	}
	return all
}

// printable drops what JSON does not allow in a string.
func printable(r rune) rune {
	if r < 0x20 || r == '"' || r == '\\' || r == '\ufffd' {
		return -1
	}
	return r
}
