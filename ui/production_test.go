package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"rehook/ui"
)

func production(e *engine) ui.Config {
	cfg := config(e)
	cfg.Production = true
	return cfg
}

func TestAProductionQueueCannotBeMistaken(t *testing.T) {
	for name, c := range map[string]struct {
		opts    []tea.ProgramOption
		corners string
	}{
		"in colour":      {nil, "╔╗╚╝"},
		"without colour": {[]tea.ProgramOption{tea.WithColorProfile(colorprofile.ASCII)}, "╔╗╚╝"},
		"in ASCII":       {[]tea.ProgramOption{locale("LANG=C"), tea.WithColorProfile(colorprofile.ASCII)}, "####"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEngine(some()...)
				e.plan = foretell
				x := open(t, production(e), 80, 24, c.opts...)
				defer x.close()
				for _, keys := range [][]string{{}, {"a"}, {"x"}, {"esc"}, {"R"}, {"esc"}, {"?"}} {
					x.press(keys...)
					rows := x.rows()
					if got := firstAndLast(rows[1]) + firstAndLast(rows[22]); got != c.corners {
						t.Errorf("after %v the corners are %s, want %s:\n%s", keys, got, c.corners, x.text())
					}
					want := 1 // in the header
					if len(keys) == 1 && strings.Contains("xR?", keys[0]) {
						want = 2 // and in the dialog
					}
					if got := strings.Count(x.text(), " PRODUCTION "); got != want {
						t.Errorf("after %v it says so %d times, want %d:\n%s", keys, got, want, x.text())
					}
				}
			})
		})
	}
}

func TestAProductionFrameIsLoud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		x := open(t, production(e), 80, 24)
		defer x.close()
		quiet := open(t, config(e), 80, 24)
		defer quiet.close()
		if at, other := x.cell(0, 10).Style, quiet.cell(0, 10).Style; at.Fg == nil || other.Fg != nil {
			t.Errorf("the frame is drawn in %v, another's in %v", at.Fg, other.Fg)
		}
		if !strings.HasPrefix(x.windowTitle(), "rehook PRODUCTION ") {
			t.Errorf("the window's title is %q", x.windowTitle())
		}
		x.golden("production_80x24")
		for _, size := range [][2]int{{60, 15}, {120, 40}, {200, 50}} {
			x.resize(size[0], size[1])
			x.shows(" PRODUCTION ", "● running")
		}
	})
}
