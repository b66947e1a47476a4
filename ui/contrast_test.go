package ui_test

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// paper is what a terminal draws with where nothing says otherwise, and its 16 colours.
type paper struct {
	name         string
	text, ground uint32
	colours      [16]uint32
}

// The palettes that most terminals have. Solarized is not among them: of its bright colours most are greys, by design, and
// with those no program that means yellow by 11 can be read.
var (
	xterm = [16]uint32{
		0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
		0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
	}
	vga = [16]uint32{
		0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
		0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
	}
	darkPapers = []paper{
		{"xterm on black", 0xe5e5e5, 0x000000, xterm},
		{"VGA", 0xaaaaaa, 0x000000, vga},
		{"Windows", 0xcccccc, 0x0c0c0c, [16]uint32{
			0x0c0c0c, 0xc50f1f, 0x13a10e, 0xc19c00, 0x0037da, 0x881798, 0x3a96dd, 0xcccccc,
			0x767676, 0xe74856, 0x16c60c, 0xf9f1a5, 0x3b78ff, 0xb4009e, 0x61d6d6, 0xf2f2f2,
		}},
		{"GNOME", 0xd0cfcc, 0x171421, [16]uint32{
			0x171421, 0xc01c28, 0x26a269, 0xa2734c, 0x12488b, 0xa347ba, 0x2aa1b3, 0xd0cfcc,
			0x5e5c64, 0xf66151, 0x33d17a, 0xe9ad0c, 0x2a7bde, 0xc061cb, 0x33c7de, 0xffffff,
		}},
	}
	lightPapers = []paper{
		{"xterm on white", 0x000000, 0xffffff, xterm},
		{"VGA on white", 0x000000, 0xffffff, vga},
		{"GNOME on white", 0x171421, 0xffffff, darkPapers[3].colours},
	}
	// greys are grounds that are not quite black or white: with 16 colours they are not ours to answer for.
	greys      = []paper{{"dark grey", 0xcccccc, 0x1e1e1e, xterm}}
	lightGreys = []paper{{"light grey", 0x222222, 0xfafaf5, xterm}}
)

// Every character on every screen has a contrast of at least 4.5 to 1 (WCAG AA): it is measured cell by cell, so that no
// style of any pane or dialog escapes.
func TestTextCanBeReadOnDarkAndLight(t *testing.T) {
	for _, c := range []struct {
		name, says string // COLORFGBG
		profile    colorprofile.Profile
		papers     []paper
	}{
		{"256 colours on dark", "15;0", colorprofile.ANSI256, append(darkPapers, greys...)},
		{"256 colours on light", "0;15", colorprofile.ANSI256, append(lightPapers, lightGreys...)},
		{"16 colours on dark", "", colorprofile.ANSI, darkPapers},
		{"16 colours on light", "0;15", colorprofile.ANSI, lightPapers},
	} {
		t.Run(c.name, func(t *testing.T) {
			measured := map[string]bool{}
			everyScreen(t, 120, 40, func(x *terminal, where string) {
				x.t.Helper()
				x.readable(where, c.papers, measured)
			}, locale("COLORFGBG="+c.says), tea.WithColorProfile(c.profile))
		})
	}
}

// readable fails if a character cannot be told from what is behind it. Each style is measured once.
func (x *terminal) readable(where string, papers []paper, measured map[string]bool) {
	x.t.Helper()
	for y := range x.height {
		for col := range x.width {
			cell := x.cell(col, y)
			if !isText(cell.Content) {
				continue
			}
			style := fmt.Sprint(cell.Style.Fg, cell.Style.Bg, cell.Style.Attrs)
			if measured[style] {
				continue
			}
			measured[style] = true
			for _, p := range papers {
				text, ground := p.of(cell.Style, false)
				if bright, _ := p.of(cell.Style, true); contrast(bright, ground) < contrast(text, ground) {
					text = bright
				}
				if got := contrast(text, ground); got < 4.5 {
					x.t.Errorf("%s: %q at %d,%d on %s has a contrast of %.2f: %v on %v in\n%s", where, cell.Content, col, y, p.name, got, text, ground, x.rows()[y])
				}
			}
		}
	}
}

// of is how a cell is drawn: text and what is behind it. Some terminals make bold text of the first eight colours bright.
func (p paper) of(s uv.Style, brightens bool) (text, ground color.Color) {
	if c, ok := s.Fg.(ansi.BasicColor); ok && brightens && c < 8 && s.Attrs&uv.AttrBold != 0 {
		s.Fg = c + 8
	}
	text, ground = p.colour(s.Fg, p.text), p.colour(s.Bg, p.ground)
	if s.Attrs&uv.AttrFaint != 0 {
		text = between(text, ground)
	}
	if s.Attrs&uv.AttrReverse != 0 {
		text, ground = ground, text
	}
	return text, ground
}

// colour is one of the terminal's, or as it is said; nil is the terminal's own.
func (p paper) colour(c color.Color, own uint32) color.Color {
	switch c := c.(type) {
	case nil:
		return rgb(own)
	case ansi.BasicColor:
		return rgb(p.colours[c])
	case ansi.IndexedColor:
		if c < 16 {
			return rgb(p.colours[c])
		}
	}
	return c
}

func rgb(c uint32) color.Color {
	return color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 255} //nolint:gosec // the bytes of it
}

// between is how most terminals draw what is faint.
func between(a, b color.Color) color.Color {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	half := func(a, b uint32) uint8 { return uint8((a + b) >> 9) } //nolint:gosec // both have 16 bits
	return color.RGBA{half(ar, br), half(ag, bg), half(ab, bb), 255}
}

// isText leaves out blanks, borders, bars and charts.
func isText(content string) bool {
	for _, r := range content {
		return r != ' ' && (r < 0x2500 || r > 0x259f) && (r < 0x2800 || r > 0x28ff)
	}
	return false
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is the relative luminance of WCAG 2.
func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}
