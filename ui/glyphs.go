package ui

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"rehook/ui/plain"
)

// glyphs say which characters stand for the screen's own where a terminal lacks those. Panes write what reads best;
// the picture as a whole is put into the terminal's characters, cell by cell, so that none escapes.
type glyphs struct {
	table  map[rune]rune
	keys   *strings.Replacer // writes out the signs of keys: an arrow that became a v would name another key
	others bool              // characters that the table does not know are drawn as they are
}

// unicodeGlyphs draws everything as it is.
var unicodeGlyphs = glyphs{others: true}

// asciiGlyphs is for terminals that have no more than ASCII: what is not in the table becomes a question mark.
var asciiGlyphs = glyphs{keys: strings.NewReplacer("↓", "down", "↑", "up", "→", "right", "←", "left", "⇧", "S-", "␣", "space"), table: forms(
	"─━═│┃║", "-=#||#", "╭╮╰╯┌┐└┘", "++++++++", "├┤┬┴┼┯┷┿", "++++++++", "╔╗╚╝╠╣╦╩╬", "#########", "╤╧╪", "+++",
	"✓✗●•·‖", "+x**-=", "◐◓◑◒", "oOoO", "▸▾→←↑↓↳", ">v><^v`", "␣⇧…", "_^~", "—–−×≈°", "---x~o", "‹›", "<>",
	"▁▂▃▄▅▆▇█", "_.:-=+*#", "░▒▓", ".:%",
)}

// consoleGlyphs is for the console of Linux, whose font has 256 characters and not every one the same: these are in
// all of them (the kernel's own, and those of kbd and console-setup).
var consoleGlyphs = glyphs{others: true, keys: strings.NewReplacer("⇧", "S-", "␣", "space"), table: forms(
	"━┃", "═│", "╭╮╰╯", "┌┐└┘", "┯┷┿", "╤╧╪", "✓✗●‖", "+x•=", "◐◓◑◒", "oOoO", "▸▾↳", ">v`", "␣⇧…", "_^~", "—–−≈", "---~",
	"‹›", "<>", "▁▂▃▄▅▆▇", "__░░▒▒█", "▓", "▒",
)}

// forms makes a table of pairs: characters, and what stands for each of them.
func forms(pairs ...string) map[rune]rune {
	table := map[rune]rune{}
	for i := 0; i+1 < len(pairs); i += 2 {
		to := []rune(pairs[i+1])
		for n, r := range []rune(pairs[i]) {
			table[r] = to[n]
		}
	}
	return table
}

// draw puts a picture into the terminal's characters. No cell moves: what stands for a character is as wide.
func (g *glyphs) draw(picture string) string {
	if g.table == nil {
		return picture
	}
	var b strings.Builder
	b.Grow(len(picture))
	for _, r := range picture {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		g.put(&b, r)
	}
	return b.String()
}

// key is how a key is called on this terminal.
func (g *glyphs) key(show string) string {
	if g.keys == nil {
		return show
	}
	return g.keys.Replace(show)
}

func (g *glyphs) put(b *strings.Builder, r rune) {
	to, known := g.table[r]
	switch {
	case known:
		b.WriteRune(to)
	case isBraille(r):
		b.WriteByte(" .:-=+*##"[bits.OnesCount8(uint8(r-firstBraille))]) //nolint:gosec // within a byte: isBraille
	case isMark(r):
		b.WriteByte('?')
	case g.others:
		b.WriteRune(r)
	default:
		b.WriteString("??"[:plain.Width(string(r))])
	}
}

// Braille patterns draw charts: each has a bit a dot.
const firstBraille = 0x2800

func isBraille(r rune) bool { return r >= firstBraille && r <= firstBraille+0xff }

// isMark tells of the marks of package plain for control characters.
func isMark(r rune) bool { return r >= '␀' && r <= '␡' }
