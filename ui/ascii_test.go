package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

func locale(variables ...string) tea.ProgramOption {
	return tea.WithEnvironment(append([]string{"TERM=xterm-256color"}, variables...))
}

func TestNothingButASCIIReachesATerminalThatHasNoOther(t *testing.T) {
	everyScreen(t, 100, 30, func(x *terminal, where string) {
		x.t.Helper()
		for _, c := range []byte(x.bytes()) {
			if c > 0x7e {
				x.t.Fatalf("%s: the byte %X was written:\n%s", where, c, x.text())
			}
		}
		x.writtenSince()
	}, locale("LANG=C"))
}

func TestAnASCIIScreenIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 80, 24, locale("LANG=C"))
		defer x.close()
		x.golden("ascii_80x24")
		x.resize(100, 80)
		x.press("?")
		x.shows("j down", "S-tab", "space   select")
	})
}

// The console of Linux draws a box of double lines where others have heavy ones.
func TestTheConsoleIsDrawnWithWhatItsFontHas(t *testing.T) {
	const has = "─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬╤╧╪×•·→←↑↓░▒█éüß"
	everyScreen(t, 80, 24, func(x *terminal, where string) {
		x.t.Helper()
		if strings.HasPrefix(where, "hostile") {
			return // what comes from outside may hold anything
		}
		for y, row := range x.rows() {
			for _, r := range row {
				if r > 0x7e && !strings.ContainsRune(has, r) {
					x.t.Fatalf("%s: row %d holds %q:\n%s", where, y, r, x.text())
				}
			}
		}
	}, tea.WithEnvironment([]string{"TERM=linux", "LANG=C.UTF-8"}), tea.WithColorProfile(colorprofile.ANSI))
}
