package ui_test

import (
	"image/color"
	"math"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Every cell with text in it has a contrast of at least 4.5 to 1 (WCAG AA), on the backgrounds that terminals have.
func TestTextCanBeReadOnDarkAndLight(t *testing.T) {
	black, dark, white, light := color.RGBA{A: 255}, color.RGBA{30, 30, 30, 255}, color.RGBA{255, 255, 255, 255}, color.RGBA{250, 250, 245, 255}
	for name, c := range map[string]struct {
		says    string // COLORFGBG
		grounds []color.RGBA
	}{
		"dark":    {"15;0", []color.RGBA{black, dark}},
		"unknown": {"", []color.RGBA{black, dark}},
		"light":   {"0;15", []color.RGBA{white, light}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				env := tea.WithEnvironment([]string{"TERM=xterm-256color", "COLORFGBG=" + c.says})
				x := open(t, config(newEngine(some()...)), 120, 40, env, tea.WithColorProfile(colorprofile.ANSI256))
				defer x.close()
				for _, keys := range [][]string{{}, {"j", "space"}, {"enter"}, {"right"}, {"right"}, {"4", "w"}, {"2"}, {"3"}, {"4", "w", "w", "a", "p"}, {"esc", "?"}, {"esc", ":", "re", "tab"}, {"enter"}, {"esc", "ctrl+p", "n"}} {
					x.press(keys...)
					for _, ground := range c.grounds {
						x.readable(ground)
					}
				}
			})
		})
	}
}

func (x *terminal) readable(ground color.RGBA) {
	x.t.Helper()
	for y := range x.height {
		for col := range x.width {
			cell := x.emu.CellAt(col, y)
			if cell == nil || cell.Style.Fg == nil || !isText(cell.Content) {
				continue
			}
			var behind color.Color = ground
			if cell.Style.Bg != nil {
				behind = cell.Style.Bg
			}
			if got := contrast(cell.Style.Fg, behind); got < 4.5 {
				x.t.Fatalf("%q at %d,%d has a contrast of %.2f: %v on %v", cell.Content, col, y, got, cell.Style.Fg, behind)
			}
		}
	}
}

// isText leaves out blanks, borders, bars and sparklines.
func isText(content string) bool {
	for _, r := range content {
		return r != ' ' && (r < 0x2500 || r > 0x259f)
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
