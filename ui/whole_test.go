package ui_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
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
		x.shows("too small")
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
	if !strings.Contains(strings.Join(rows[first+1:], ""), "╭━") { // a dialog covers what it lies on
		x.closed(rows[first : x.height-1])
	}
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

// A fuzzer's byte is a key, a size or an update. None of them may tear the picture.
func FuzzThePictureIsWhole(f *testing.F) {
	f.Add([]byte("\x00\x05\x10\x20\x30\x40\x50\x60"))
	f.Add([]byte("jjj\tr\r?zaq/"))
	f.Add([]byte{0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0, 0xff, 0x81, 0x9f})
	f.Fuzz(func(t *testing.T, steps []byte) {
		synctest.Test(t, func(t *testing.T) {
			e := newEngine(append(some(), hostile()...)...)
			e.do = func(context.Context, retry.Command) ([]retry.Result, error) { return nil, nil }
			x := open(t, config(e), 80, 24)
			defer x.close()
			x.whole()
			for i, step := range steps[:min(len(steps), 40)] {
				x.step(e, i, step)
				x.whole()
			}
		})
	})
}

var fuzzKeys = []string{
	"j", "k", "g", "G", "ctrl+d", "ctrl+u", "tab", "shift+tab", "1", "2", "3", "4", "5", "6", "z", "enter", "esc", "space", "v", "a",
	"r", "p", "h", "s", "S", "/", "n", "N", "m", "y", "Y", "P", "?", "w", "right", "left", "x", "世", "backspace", ":", "ctrl+p", "redrive ", "--rate 0 endpoint:e",
}

func (x *terminal) step(e *engine, i int, step byte) {
	switch {
	case step < 0x80:
		x.press(fuzzKeys[int(step)%len(fuzzKeys)])
	case step < 0xc0:
		x.resize(40+int(step-0x80)*3, 12+int(step)*7%50)
	default:
		e.tell(func(u *retry.Update, s *retry.Status) {
			switch l := letter(100+i, "https://erp.example.com/in"); step % 6 {
			case 0:
				u.Letters = append(u.Letters, l)
			case 1:
				u.Gone = append(u.Gone, id(int(step)%12))
			case 2:
				u.Letters = append(u.Letters, parked(l, deadletter.Rejected))
			case 3:
				l.Phase = retry.Done
				u.Letters = append(u.Letters, l)
				u.Stream = append(u.Stream, retry.Delivered{At: retry.At{Time: time.Now()}, ID: l.Letter.ID, Status: 200})
			case 4:
				s.LinkDown, s.LinkError, s.LinkHint = !s.LinkDown, "no such host\x1b[2J", "check the network"
			case 5:
				u.Reset, u.Letters = true, hostile()
			}
		})
		x.pass(time.Second)
	}
}

// evil is text that would do something to a terminal.
var evil = []string{
	"\x1b[2J\x1b[H", "\x1bP1$r0m\x1b\\", "\x1b_G\x1b\\", "\x1b^x\x1b\\", "\x1bXsos\x1b\\", "\x1b]0;title\a", "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
	"\x1b]52;c;aGk=\a", "\u009b31m", "\u009d0;x\u009c", "\u202eevil\u202c", "\u2066a\u2069", "zero\u200bwidth\ufeff", "\U000e0041\U000e0042tag",
	"a\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "\xff\xfe\x80", "\r\n\t\b\a\x00", "\x1b[31mred\x1b[m", "👩\u200d👩\u200d👧", "❤\ufe0f", "हिन्दी", "世界世界世界", "\x7f\x7f",
}

func hostile() []retry.Entry {
	var all []retry.Entry
	for n, text := range evil {
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

func TestHostileTextIsShownAsMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(hostile()...)
		e.status.Queue, e.status.Where = "queue"+evil[0], evil[5]
		e.status.Endpoints[0].Endpoint = "https://" + evil[9]
		for _, text := range evil {
			e.tell(func(u *retry.Update, _ *retry.Status) {
				u.Stream = append(u.Stream, retry.Trouble{At: retry.At{Time: time.Now()}, Message: text, Hint: text})
			})
		}
		x := open(t, config(e), 200, 50)
		defer x.close()
		x.press("enter")
		for range evil {
			x.press("right", "right", "right", "4", "j", "enter")
			x.whole()
		}
		x.shows("␛[2J", "‹202E›", "‹200B›", "‹FF›", "‹9B›")
		raw := x.bytes()
		for _, bad := range []string{
			"\x1bP1", "\x1b_G", "\x1b^x", "\x1bXsos", "\x1b]8;", "\x1b]52", "\x1b]0;title", "\u009b", "\u009d", "\u202e", "\u2066", "\u200b", "\ufeff",
			"\U000e0041", "\u0301\u0301\u0301", "\xff", "\x1b[31m", "\u200d", "\ufe0f",
		} {
			if strings.Contains(raw, bad) {
				t.Errorf("%q reaches the terminal", bad)
			}
		}
	})
}
