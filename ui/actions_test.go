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
