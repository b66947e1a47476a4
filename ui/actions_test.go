package ui_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

func TestInTheDetailAnActionIsForTheLetterThatIsShown(t *testing.T) {
	for key, want := range map[string]retry.Command{
		"r": retry.Redrive{IDs: []string{id(2)}, By: "ben"},
		"p": retry.Park{IDs: []string{id(2)}, By: "ben"},
		"h": retry.Hold{IDs: []string{id(2)}, By: "ben"},
	} {
		t.Run(key, func(t *testing.T) {
			screen(t, func(x *terminal, e *engine) {
				e.do = func(context.Context, retry.Command) ([]retry.Result, error) {
					return []retry.Result{{ID: id(2), Did: retry.DidSkip}}, nil
				}
				x.press("j", "space", "space", "enter") // marks 0 and 1, opens 2
				x.shows("● 2 selected", "5 DETAIL  "+id(2)[:8])
				x.press(key)
				if key == "p" {
					x.shows("PARK 1 LETTER")
					x.press("enter")
				}
				if got := e.commands(); len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want) {
					t.Errorf("asked for %+v, want %+v", got, want)
				}
				x.shows("● 2 selected") // it was not for them
			})
		})
	}
}

// copied is what the clipboard was sent since the last call of writtenSince.
func (x *terminal) copied() string {
	x.t.Helper()
	_, after, _ := strings.Cut(x.bytes(), "\x1b]52;c;")
	data, _, _ := strings.Cut(after, "\a")
	text, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		x.t.Fatalf("%q: %v", data, err)
	}
	return string(text)
}

func TestInTheListTheLetterUnderTheCursorIsCopiedBeforeTheDetailFollows(t *testing.T) {
	for key, want := range map[string]string{"y": `{"n":1}`, "Y": `--data-binary '{"n":1}'`} {
		screen(t, func(x *terminal, e *engine) {
			e.tell(func(u *retry.Update, _ *retry.Status) {
				for n := range 2 {
					l := letter(n, "https://erp.example.com/in")
					l.Letter.Payload = fmt.Appendf(nil, `{"n":%d}`, n)
					u.Letters = append(u.Letters, l)
				}
			})
			x.pass(time.Second)
			x.press("j")
			x.shows("5 DETAIL  " + id(0)[:8])
			x.writtenSince()
			if _, err := io.WriteString(x.in, "j"+key); err != nil {
				t.Fatal(err)
			}
			x.pass(100 * time.Millisecond) // less than the detail takes to follow
			x.says(id(1)[:8])
			if got := x.copied(); !strings.Contains(got, want) {
				t.Errorf("%s copied %q, want %q", key, got, want)
			}
		})
	}
}

func TestWithNothingUnderTheCursorNothingIsCopied(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("w", "w")
		x.shows("delivered yet")
		for _, key := range []string{"y", "Y"} {
			x.writtenSince()
			x.press(key)
			x.says("there is no letter here")
			if x.copied() != "" {
				t.Errorf("%s copied %q", key, x.copied())
			}
		}
	})
}

func TestTheCursorStaysWithTheLetterThatIsRead(t *testing.T) {
	for name, keys := range map[string][]string{"opened": {"enter"}, "gone to": {"tab"}} {
		t.Run(name, func(t *testing.T) {
			screen(t, func(x *terminal, e *engine) {
				x.press("w")
				x.press(keys...)
				x.shows("━ 5 DETAIL  " + id(11)[:8])
				e.tell(func(u *retry.Update, _ *retry.Status) {
					for n := 20; n < 60; n++ {
						l := parked(letter(n, "https://erp.example.com/in"), deadletter.Exhausted)
						l.Letter.Parked.At = time.Now()
						u.Letters = append(u.Letters, l)
					}
				})
				x.pass(2 * time.Second)
				x.shows("━ 5 DETAIL  " + id(11)[:8])
				x.cursorOn(11)
				x.press("esc")
				x.pass(time.Second)
				x.shows("5 DETAIL  " + id(11)[:8])
			})
		})
	}
}

func TestAKeyThatIsForSomethingElseSaysForWhat(t *testing.T) {
	for _, c := range []struct {
		before []string
		key    string
		says   string
	}{
		{[]string{"w"}, "p", "p park: only for waiting letters"},
		{[]string{"w"}, "h", "h hold: only for waiting letters"},
		{[]string{"w", "enter"}, "p", "p park: only for waiting letters"},
		{[]string{"w", "w"}, "r", "r redrive: only for waiting letters"},
		{[]string{"2"}, "r", "r redrive: in MESSAGES and DETAIL"},
		{[]string{"w", "2"}, "r", "r release: in MESSAGES and DETAIL"},
		{[]string{"1"}, "space", "␣ fold: in DETAIL, pause stream: in ENGINE, select: in MESSAGES"},
		{[]string{"1"}, "/", "/ search: in DETAIL, filter: in MESSAGES"},
		{[]string{"5"}, "s", "s sort: in MESSAGES"},
		{nil, "m", "m unmask: in DETAIL"},
		{nil, "left", "← previous tab: in DETAIL"},
		{[]string{"5"}, "t", "t by cause: in MESSAGES"},
	} {
		t.Run(strings.Join(append(c.before, c.key), " "), func(t *testing.T) {
			screen(t, func(x *terminal, e *engine) {
				x.press(c.before...)
				x.press(c.key)
				x.says(c.says)
				x.press("j")
				x.says("? help") // the next key takes the note away
				if got := e.commands(); len(got) != 0 {
					t.Errorf("asked for %v", got)
				}
			})
		})
	}
}

func TestAReadOnlyScreenSaysThatItIs(t *testing.T) {
	readOnly := func(e *engine) ui.Config {
		cfg := config(e)
		cfg.ReadOnly = true
		return cfg
	}
	screenOf(t, readOnly, func(x *terminal, _ *engine) {
		for key, says := range map[string]string{"r": "r redrive", "p": "p park", "h": "h hold", "P": "P pause"} {
			x.press(key)
			x.says(says + ": the screen is read-only")
		}
	})
}
