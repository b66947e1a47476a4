package ui_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/ui"
)

// speak types a command line and gives it.
func (x *terminal) speak(text string) {
	x.t.Helper()
	x.press(":", text, "enter")
}

// typing is what stands in the footer while a command is typed.
func (x *terminal) typing(words string) {
	x.t.Helper()
	if !strings.HasPrefix(x.last(), words) {
		x.t.Errorf("the footer says %q, want it to begin with %q", x.last(), words)
	}
}

func TestAFilterIsForAllLettersOfTheViewAndFreezesThem(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		var ids []string
		e.do = does(&ids)
		x.press("j", "space")
		x.speak("ls status:429")
		x.speak(`redrive endpoint:"erp.example.com" -id:` + id(0)[:8])
		x.shows("REDRIVE 3 LETTERS", "3  erp.example.com") // not only the one that the list shows
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Letters = append(u.Letters, letter(30, "https://erp.example.com/in"))
		})
		x.press("enter")
		if slices.Sort(ids); !slices.Equal(ids, []string{id(2), id(4), id(7)}) {
			t.Errorf("done to %v", ids)
		}
		x.press("esc")
		x.shows("● 1 selected") // it was not for that one
	})
}

func TestWithoutAFilterAVerbIsForWhatWasSelectedWhenTheLineWasOpened(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		var ids []string
		e.do = does(&ids)
		x.press("j", ":", "hold")
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Gone = append(u.Gone, id(0)) })
		x.pass(time.Second)
		x.cursorOn(1)
		x.press(" ")
		x.shows("or the letter " + id(0)[:8])
		x.press("enter")
		x.shows("✗ cannot hold or let go of: 1 gone")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v: the letter that took its place is not the one", e.commands())
		}
	})
}

func TestTheOptionsOfALineAreAskedForAsRDoes(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = foretells
		x.speak("redrive status:503 --rate 0.5 --canary --to https://other.example.com/in --why later")
		x.shows("REDRIVE 9 LETTERS WITH OPTIONS", "0.5", "[x]", "https://other.example.com/in", "one first, then ten, then the rest; 0.5/s")
		x.press("enter")
		got := asked[retry.Redrive](t, e)
		if got.Rate != 0.5 || !got.Canary || got.To != "https://other.example.com/in" || got.Why != "later" || len(got.IDs) < 5 {
			t.Errorf("asked for %+v", got)
		}
	})
}

func TestADryRunOfALineDoesNothing(t *testing.T) {
	for line, shows := range map[string]string{
		"redrive --dry-run": "WITH OPTIONS", "park --dry-run": "PARK 1 LETTER", "delete endpoint:erp --dry-run": "DELETE 4 LETTERS",
	} {
		screen(t, func(x *terminal, e *engine) {
			x.press("j")
			x.speak(line)
			x.shows(shows, "enter close: a dry run")
			x.hides("to delete them:")
			x.press("enter")
			x.says("a dry run: nothing was sent")
			if len(e.commands()) != 0 {
				t.Errorf("%s asked for %v", line, e.commands())
			}
		})
	}
}

func TestWhatIsWrongWithALineIsSaidAndNothingIsDone(t *testing.T) {
	for line, why := range map[string]string{
		"redriv":                                `there is no verb "redriv": did you mean redrive or release or resume?`,
		"zap":                                   `there is no verb "zap": on an empty line tab shows all`,
		"redrive --rte 5":                       `redrive has no flag "--rte": there are --rate, --canary, --to, --id, --dry-run, --why`,
		"redrive --rate":                        "--rate: a number is missing, as in --rate 5",
		"redrive --rate --canary":               "--rate: a number is missing",
		"redrive --rate fast":                   `--rate: "fast" is not a number above 0`,
		"redrive --rate 0":                      `--rate: "0" is not a number above 0`,
		"redrive --canary=yes":                  "--canary takes no value",
		"redrive --to erp.example.com":          "--to: give the URL of an endpoint",
		"redrive --to https://me@x.example.com": "the URL holds a user name or password",
		"redrive status:abc":                    "status:abc: it is no status: status:503",
		"redrive endpoint:":                     "endpoint:: nothing to look for",
		`redrive "open`:                         "the quote is not closed",
		"redrive colour:red":                    `there is no property "colour"`,
		"redrive endpoint:nowhere":              "redrive: no waiting letter matches",
		"redrive --id zzz":                      `redrive: no letter here has an id that begins with "zzz"`,
		"redrive --id a":                        `13 letters have an id that begins with "a", as ` + id(0) + ": write more of it",
		"release":                               "cannot release: 1 not parked",
		"pause now":                             `pause takes nothing: "now" is too much`,
		"limit":                                 "limit: ENDPOINT is missing, as in limit crm.example.com",
		"limit crm.example.com x":               "limit takes one ENDPOINT",
		"limit nowhere.example.com":             `limit: this engine has had no letter for "nowhere.example.com"`,
		"limit crm.example.com --rate -1":       `--rate: "-1" is no number above 0`,
		"limit crm.example.com --rate NaN":      `--rate: "NaN" is no number above 0`,
		"limit crm.example.com --at-once 1.5":   `--at-once: "1.5" is not a whole number`,
		"sort":                                  "sort: COLUMN is missing, as in sort age",
		"sort colour":                           `there is no column "colour": there are due, age, expires, endpoint, tries, why`,
		"show zzz":                              `show: no letter here has an id that begins with "zzz"`,
		"ls age:2":                              "a time is never exactly that",
	} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEngine(some()...)
				x := open(t, config(e), 200, 50)
				defer x.close()
				x.press("j")
				if line == "release" || strings.HasPrefix(line, "redrive --rate 0") {
					x.press("k", "j")
				}
				x.speak(line)
				x.shows("✗ ", why)
				x.typing(":" + line)
				x.whole()
				if len(e.commands()) != 0 {
					t.Errorf("asked for %v", e.commands())
				}
				x.press("backspace")
				x.hides(why)
				x.press("esc")
				x.says("? help")
			})
		})
	}
}

func TestAnEngineThatIsLostIsNotCommanded(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.tell(func(*retry.Update, *retry.Status) { e.ended, e.refuses = retry.ErrStopped, retry.ErrStopped })
		x.pass(time.Second)
		for _, line := range []string{"redrive", "pause"} {
			x.speak(line)
			x.shows("✗ " + line + ": no engine is attached")
			x.press("esc")
		}
	})
}

func TestALineThatIsUnderstoodByHalfIsCorrected(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		var ids []string
		e.do = does(&ids)
		x.speak("redrive endpont:crm")
		x.shows(`there is no property "endpont"`)
		for range 6 { // before the n
			x.press("left")
		}
		x.press("i", "enter")
		x.shows("REDRIVE 2 LETTERS", "2  crm.example.com")
	})
}

func TestTheCaretMovesAndEdits(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press(":", "sort age")
		x.press("\x01", "x", "\x1b[F", "y", "left", "\x7f") // home, end
		x.typing(":xsort agy")
		x.press("\x05", "\x17", "z") // to the end, a word back
		x.typing(":xsort z")
		x.press("\x01", "\x1b[3~") // delete
		x.typing(":sort z")
		x.press("right", "right", "\x0b")
		x.typing(":so")
		x.press("\x15")
		x.says("tab lists all commands")
		x.press("backspace")
		x.says("? help")
	})
}

func TestTheCaretIsSeen(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		reversed := func(col int, content string) {
			t.Helper()
			cell := x.cell(col, x.height-1)
			if cell.Content != content || cell.Style.Attrs == 0 {
				t.Errorf("at %d stands %q, want %q reversed: %q", col, cell.Content, content, x.last())
			}
		}
		x.press(":", "sort")
		reversed(6, " ")
		x.press("left")
		reversed(5, "t")
		x.press("esc", "/", "e")
		reversed(3, " ")
	})
}

func TestAPasteIntoTheLineIsOneLineAndBounded(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press(":", "\x1b[200~ls\nstatus:429\t\x1b[2J\x1b]0;evil\a\n\x1b[201~")
		x.typing(":ls status:429")
		x.whole()
		x.press("\x15", "\x1b[200~"+strings.Repeat("x", 100_000)+"\x1b[201~")
		x.whole()
		x.press("enter")
		x.shows("✗ there is no verb")
		x.press("esc", ":", "\u202e\u200bls")
		x.typing(":‹202E›‹200B›ls")
		x.whole()
	})
}

func TestAReadOnlyScreenHasNoVerbsThatAct(t *testing.T) {
	readOnly := func(e *engine) ui.Config {
		cfg := config(e)
		cfg.ReadOnly = true
		return cfg
	}
	screenOf(t, readOnly, func(x *terminal, e *engine) {
		x.press("j")
		for _, line := range []string{"redrive", "park", "hold", "release", "delete endpoint:erp", "pause", "resume", "limit crm.example.com"} {
			x.speak(line)
			x.shows(strings.Fields(line)[0] + ": the screen is read-only")
			x.press("esc")
		}
		x.press(":", "re")
		x.hides("redrive", "release", "resume")
		x.press("esc", "ctrl+p", "red")
		x.hides("redrive")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestTheCommandLineAtEverySize(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 50}} {
		synctest.Test(t, func(t *testing.T) {
			x := open(t, config(newEngine(append(some(), hostile()...)...)), size[0], size[1])
			defer x.close()
			x.press(":", "redrive ")
			x.whole()
			for range 12 {
				x.press("tab")
				x.whole()
			}
			x.press("enter")
			x.whole()
			x.press(strings.Repeat("世界", 80))
			x.whole()
			x.press("enter")
			x.whole()
			x.press("\x01", "right", "right")
			x.whole()
		})
	}
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 80, 24)
		defer x.close()
		x.press(":", "redrive endpoint:")
		x.press("tab")
		x.golden("command_80x24")
		x.press(" --rat 5", "enter")
		x.golden("command_wrong_80x24")
	})
}

func TestACommandIsNotTypedOnAScreenThatIsTooSmall(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press(":", "sort")
		x.resize(50, 12)
		x.press("z", "enter", "\x1b[200~zz\x1b[201~")
		x.resize(120, 40)
		x.typing(":sort   sort the letters")
		x.resize(50, 12)
		x.press("esc")
		x.resize(120, 40)
		x.says("? help")
		x.press("ctrl+p")
		x.resize(50, 12)
		x.shows("COMMANDS", "esc leaves it")
		x.press("\x1b[200~zz\x1b[201~")
		x.resize(120, 40)
		x.hides("no command has these words")
	})
}
