package ui_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/charmbracelet/colorprofile"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
)

// offered is the lowest border: what could be typed.
func (x *terminal) offered() string { return strings.Trim(x.rows()[x.height-2], "╰─╯ ") }

func (x *terminal) offers(words string) {
	x.t.Helper()
	if got := x.offered(); got != words {
		x.t.Errorf("offered is %q, want %q", got, words)
	}
}

func TestWhatCouldBeTypedIsShownAndCompleted(t *testing.T) {
	for typed, offers := range map[string]string{
		"re":                        "redrive  release  resume",
		"fi":                        "filter",
		"zz":                        "",
		"redrive -":                 "-status:  -endpoint:  -reason:  -retries>=  -age>  -expires<  -id:  -source:  -jq:  --rate  --canary  4 more",
		"redrive --r":               "--rate",
		"redrive --canary --c":      "",
		"redrive --id 7f --i":       "--id",
		"redrive --rate ":           "",
		"redrive --to https://e":    "https://erp.example.com",
		"redrive --id a0000":        "a000000a  a0000000  a0000001  a0000002  a0000006  a0000003  a0000004  a0000005  a0000009  a0000007  a0000008",
		"redrive st":                "status:",
		"ls status:":                "503  5xx  0  429  4xx",
		"ls endpoint:":              "crm.example.com  erp.example.com  ops.example.com",
		"ls endpoint:op":            "ops.example.com",
		"ls -endpoint:rp.ex":        "erp.example.com",
		"ls reason:t":               `timeout  "too many requests"`,
		"ls reason:\"to":            `"too many requests"`,
		"ls source:":                "eventbridge",
		"ls age>":                   "2h",
		"ls retries>=":              "3",
		"ls jq:":                    `.type=="Text"`,
		"limit ":                    "crm.example.com  erp.example.com  ops.example.com  --rate  --at-once  --why",
		"show a000000":              "a000000a  a0000000  a0000001  a0000002  a0000006  a0000003  a0000004  a0000005  a0000009  a0000007  a0000008",
		"sort ":                     "due  age  expires  endpoint  tries  why  --reverse",
		"pause ":                    "--why",
		"nonsense ":                 "",
		"redrive status:503 --ca":   "--canary",
		"redrive status:503 --id x": "",
	} {
		t.Run(typed, func(t *testing.T) {
			screen(t, func(x *terminal, _ *engine) {
				x.press(":", typed)
				x.offers(offers)
				x.whole()
			})
		})
	}
}

func TestTabGoesThroughWhatCouldBeTyped(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press(":", "re", "tab")
		x.typing(":redrive")
		x.says("attempt letters that wait now")
		x.press("tab")
		x.typing(":release")
		x.says("bring parked letters back")
		x.press("tab", "tab")
		x.typing(":redrive")
		x.press("shift+tab")
		x.typing(":resume")
		x.offers("redrive  release  resume")
		x.press("backspace", "backspace") // typing ends it
		x.typing(":resu")
		x.offers("resume")
		x.press("tab") // the only one is taken for good
		x.typing(":resume")
		x.offers("--why")
		x.press("\x15", "ls en", "tab")
		x.typing(":ls endpoint:")
		x.offers("crm.example.com  erp.example.com  ops.example.com")
		x.press("tab", "tab")
		x.typing(":ls endpoint:erp.example.com")
		x.press("enter")
		x.shows("4 of waiting 11")
	})
}

func TestTheRestOfAWordIsTakenWithRight(t *testing.T) {
	for _, key := range []string{"right", "\x1b[F", "\x05"} {
		screen(t, func(x *terminal, _ *engine) {
			x.press(":", "e", "nd")
			x.typing(":endpoints") // not typed yet
			x.press(key)
			x.press("x")
			x.typing(":endpoints x")
			x.press("esc", ":", "e", "nd", "enter")
			x.shows(`there is no verb "end": did you mean endpoints?`)
		})
	}
}

func TestAGhostIsToldFromTextWithoutColour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 80, 24, tea.WithColorProfile(colorprofile.ASCII))
		defer x.close()
		x.press(":", "e", "nd")
		if cell := x.cell(6, x.height-1); cell.Content != "o" || cell.Style.Attrs == 0 {
			t.Errorf("the ghost's cell is %+v", cell)
		}
	})
}

func TestNoValueFromOutsideIsOfferedThatIsNotPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spaced := letter(1, "https://erp.example.com/in")
		spaced.Letter.Error, spaced.Letter.ErrorCode = "no such host", 0
		x := open(t, config(newEngine(append(hostile(), spaced)...)), 200, 50)
		defer x.close()
		for _, typed := range []string{"ls endpoint:", "ls reason:", "ls source:", "ls id:", "redrive --id ", "redrive --to "} {
			x.press("\x1b", ":", typed)
			if got := x.offered(); strings.ContainsAny(got, "‹␛") {
				t.Errorf("%q offers %q", typed, got)
			}
			for range 5 {
				x.press("tab")
				x.whole()
			}
		}
		x.press("\x15", "ls reason:no", "tab", "enter")
		x.shows("1 of waiting")
	})
}

func TestTenThousandLettersCompleteAsFastAsTen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		for n := range 10_000 {
			l := letter(n, fmt.Sprintf("https://host%d.example.com/in", n))
			e.entries[l.Letter.ID] = l
		}
		x := open(t, config(e), 80, 24)
		defer x.close()
		x.press(":", "ls endpoint:host")
		if got := x.offered(); !strings.Contains(got, "host0.example.com") || strings.Contains(got, "host99") {
			t.Errorf("offered is %q: not what is on the screen", got)
		}
	})
}

func TestEarlierLinesComeBack(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = func(context.Context, retry.Command) ([]retry.Result, error) { return nil, nil }
		for _, line := range []string{"sort age", "ls status:429", "ls", "sort age", "sort due"} {
			x.speak(line)
		}
		x.press(":", "up")
		x.typing(":sort due")
		x.press("up")
		x.typing(":sort age")
		x.press("up")
		x.typing(":ls")
		x.press("up", "up", "up") // sort age is there once
		x.typing(":ls status:429")
		x.press("down", "down", "down", "down")
		x.typing(":   tab lists") // as it was
		x.press("sort", "up", "up")
		x.typing(":sort age")
		x.press("up")
		x.typing(":sort age") // none before it begins so
		x.press("down", "down")
		x.typing(":sort")
		x.press("esc", ":", "ls s", "up", "enter")
		x.shows("1 of waiting 11")
	})
}

func TestWhatCouldNotBeDoneIsNotRemembered(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.speak("sort age")
		x.speak("sort colour")
		x.press("esc", ":", "up")
		x.typing(":sort age")
	})
}
