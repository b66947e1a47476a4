package ui_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/ui"
)

func TestThePaletteFindsAKeyAndDoesIt(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		var ids []string
		e.do = does(&ids)
		x.press("j", "ctrl+p")
		x.shows("COMMANDS", "redrive with options", "enter do it")
		x.press("park quEUe") // two words, whatever their case
		x.shows("▸ p      park", "move to the parked queue")
		x.press("enter")
		x.shows("PARK 1 LETTER")
		x.press("enter")
		if got := asked[retry.Park](t, e); got.IDs[0] != id(0) {
			t.Errorf("asked for %+v", got)
		}
	})
}

func TestThePaletteFindsAVerb(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("ctrl+p", "sort column", "down", "enter")
		x.typing(":sort")
		x.shows("due  age  expires")
		x.press("age", "enter")
		x.shows("↓ age")
		x.press("ctrl+p", "stream or endpo", "esc")
		x.press(":", "tab") // on an empty line
		x.shows("COMMANDS")
		x.press("organization", "enter")
		x.shows("━ 3 GENESYS")
	})
}

func TestThePaletteSaysWhyACommandIsOffAndDoesNotDoIt(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("w", "w", "ctrl+p", "redrive")
		x.shows("R      redrive with options", "not now: only for waiting letters")
		x.press("enter")
		x.shows("COMMANDS")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
		x.press("\x15", "jobs")
		x.shows("not now: nothing is under way")
		x.press("\x15", "zzz")
		x.shows("no command has these words", "0 of ")
		x.press("enter", "esc")
		x.hides("COMMANDS")
	})
}

func TestThePaletteGoesToThePaneOfAKey(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("1", "ctrl+p", "select the letter")
		x.shows("▸ ␣      select")
		x.press("enter")
		x.shows("━ 4 MESSAGES", "● 1 selected")
		x.press("1", "ctrl+p", "to the previous hit")
		x.shows("not now: nothing is searched for")
	})
}

func TestEnterTypedBeforeThePaletteWasReadDoesNothing(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("j")
		_, _ = x.in.Write([]byte("\x10\r"))
		x.pass(50 * time.Millisecond)
		x.shows("COMMANDS")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

// Every key and every verb of the documentation is in the palette, but those that mean something only now and then.
func TestNothingIsForgottenInThePalette(t *testing.T) {
	rows := regexp.MustCompile("(?m)^\\| `[^`]+` \\| .* \\| (.+) \\|$").FindAllStringSubmatch(ui.KeysMarkdown(), -1)
	if len(rows) < 60 {
		t.Fatalf("only %d rows are documented", len(rows))
	}
	sometimes := []string{"in groups:", "where the configurations could not be read", "the engine attempts again"}
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 120, 40)
		defer x.close()
		x.press("ctrl+p")
		for _, row := range rows {
			help := strings.Fields(row[1])
			if strings.HasPrefix(row[1], sometimes[0]) || strings.HasPrefix(row[1], sometimes[1]) || row[1] == sometimes[2] {
				continue
			}
			x.press("\x15", "\x1b[200~"+row[1]+"\x1b[201~")
			if text := x.text(); strings.Contains(text, "no command has these words") || !strings.Contains(text, help[0]) {
				t.Errorf("%q is not found", row[1])
			}
		}
	})
}

func TestThePaletteFitsEveryScreen(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("ctrl+p")
		for _, size := range [][2]int{{60, 15}, {80, 24}, {200, 50}} {
			x.resize(size[0], size[1])
			x.whole()
			x.shows("COMMANDS", "redrive", "enter do it", "esc close")
			for range 70 {
				x.press("down")
			}
			x.whole()
			x.press("\x1b[200~re\x1b[2Jd\u202e" + strings.Repeat("x", 5000) + "\x1b[201~")
			x.whole()
			x.press("\x15")
		}
	})
	for _, size := range [][2]int{{60, 15}, {80, 24}} {
		synctest.Test(t, func(t *testing.T) {
			x := open(t, config(newEngine(some()...)), size[0], size[1])
			defer x.close()
			x.press("ctrl+p", "re")
			x.golden("palette_" + map[int]string{60: "60x15", 80: "80x24"}[size[0]])
		})
	}
}

func TestHelpTellsOfCommandLineAndPalette(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("1", "?", "ctrl+d", "ctrl+d")
		x.shows("type a command", "^p", "search all keys and commands")
	})
}
