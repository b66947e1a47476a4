package ui_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/remote"
	"rehook/ui"
)

// Both kinds of engine fit the screen.
var (
	_ ui.Engine = (*retry.Engine)(nil)
	_ ui.Engine = (*remote.Client)(nil)
)

// foretells answers as an engine with nine letters for one endpoint, and one that it cannot send.
func foretells(_ context.Context, c retry.Command) (retry.Plan, error) {
	r, ok := c.(retry.Redrive)
	if ok && r.To == "nowhere" {
		return retry.Plan{}, fmt.Errorf("redrive: %w: %q is no URL", retry.ErrRefused, r.To)
	}
	p := retry.Plan{
		Letters: 9, Cannot: []retry.Reason{{Why: "its endpoint is not allowed", Letters: 1}}, Rate: r.Rate, Canary: r.Canary,
		Endpoints: []retry.Planned{{Letters: 9, Endpoint: retry.Endpoint{Endpoint: "https://told.example.com", Limit: 3, Rate: 7}}},
	}
	if r.To != "" {
		p.Endpoints[0].Endpoint.Endpoint = r.To
	}
	if r.Rate > 0 {
		p.Takes = time.Duration(float64(8*time.Second) / r.Rate)
	}
	return p, nil
}

func TestThePlanIsTheEngines(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("a", "r")
		x.shows("REDRIVE 10 LETTERS", "4  erp.example.com", "asking the engine …")
		x.pass(11 * time.Second)
		x.shows("4  erp.example.com", context.DeadlineExceeded.Error()) // it never said
		x.press("esc")
		e.plan = foretells
		x.press("r")
		x.shows("REDRIVE 9 LETTERS", "9  told.example.com", "at most 3 at once, 7.0/s", "begins at once",
			"1 being attempted, 1: its endpoint is not allowed")
	})
}

func TestAnEndpointThatIsTooLongIsNotSentToInPart(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = foretells
		x.press("a", "R", "tab", "tab")
		paste := func(text string) {
			x.program.Send(tea.PasteMsg{Content: text})
			x.pass(time.Second)
		}
		paste("https://other.example.com/in?code=" + strings.Repeat("a", 970))
		x.shows("9  told.example.com", "left as it was: at most 1,000 characters")
		paste("https://other.example.com/in")
		x.shows("9  other.example.com")
		x.hides("at most 1,000")
		paste(strings.Repeat("b", 990))
		x.shows("9  other.example.com", "example.com/in   left as it was: at most 1,000 characters")
		x.press("left")
		x.hides("at most 1,000")
	})
}

func TestRedriveWithOptions(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = foretells
		x.press("a", "R")
		x.shows("REDRIVE 9 LETTERS WITH OPTIONS", "as many as the endpoints take", "each letter's own")
		x.press("0", "5", "left", ".", "tab", "space", "tab")
		x.shows("one first, then ten, then the rest; 0.5/s, takes at least 16s", "[x]")
		x.press("\x1b[200~https://other.example.com/in\x1b[201~")
		x.shows("9  other.example.com")
		x.press("enter")
		got, ok := e.commands()[0].(retry.Redrive)
		if !ok || got.Rate != 0.5 || !got.Canary || got.To != "https://other.example.com/in" || len(got.IDs) != 10 || got.By != "ben" {
			t.Errorf("asked for %+v", e.commands())
		}
	})
}

func TestAPlanLeadsToItsOptions(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = foretells
		x.press("a", "r")
		x.shows("R options")
		x.press("R", "tab", "space")
		x.shows("REDRIVE 9 LETTERS WITH OPTIONS", "one first, then ten, then the rest")
		x.press("enter")
		if got, ok := e.commands()[0].(retry.Redrive); !ok || !got.Canary || len(got.IDs) != 10 {
			t.Errorf("asked for %+v", e.commands())
		}
		x.press("esc", "esc", "w", "a", "r")
		x.shows("RELEASE")
		x.hides("R options")
	})
}

func TestAPlanForNothingIsOnlyLeft(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = func(context.Context, retry.Command) (retry.Plan, error) {
			return retry.Plan{Cannot: []retry.Reason{{Why: "it has been delivered", Letters: 10}}}, nil
		}
		x.press("a", "R")
		x.shows("REDRIVE 0 LETTERS WITH OPTIONS", "10: it has been delivered")
		x.hides("enter redrive")
		x.press("enter")
		x.shows("WITH OPTIONS")
		x.press("esc", "r")
		x.shows("REDRIVE 0 LETTERS", "esc close: there is nothing to redrive")
		x.hides("enter redrive")
		x.hides("begins at once")
		x.press("R")
		x.hides("WITH OPTIONS")
		x.press("enter")
		x.hides("REDRIVE 0 LETTERS")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestWhyLettersAreLeftOutIsSaidToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.plan = func(context.Context, retry.Command) (retry.Plan, error) {
			return retry.Plan{Letters: 5, Cannot: []retry.Reason{{Why: "it has been delivered", Letters: 3}, {Why: "its last attempt has only just been made: try again in a moment", Letters: 2}}}, nil
		}
		x := open(t, config(e), 80, 24)
		defer x.close()
		x.press("a", "r")
		x.whole()
		x.shows("left as they are: 1 being attempted, 3: it has been delivered", "moment  ")
	})
}

func TestOptionsThatCannotBeSayWhyAtOnce(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = foretells
		x.press("a", "R", "f", "a", "enter")
		x.shows("a number above 0", "WITH OPTIONS")
		x.press("backspace", "backspace", "shift+tab", "shift+tab")
		for _, letter := range "nowhere" {
			x.press(string(letter))
		}
		x.shows(`"nowhere" is no URL`)
		x.press("enter")
		x.shows("WITH OPTIONS")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestADryRunSendsNothing(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = foretells
		x.press("j", "R", "up", "space")
		x.shows("enter close: a dry run")
		x.press("enter")
		x.says("a dry run: nothing was sent")
		x.press("R", "esc")
		x.hides("WITH OPTIONS")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestTheFormFitsEveryScreen(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = foretells
		x.press("a", "R")
		for _, size := range [][2]int{{60, 15}, {80, 24}, {200, 50}} {
			x.resize(size[0], size[1])
			x.whole()
			x.shows("rate a second", "dry run", "begins at once", "enter redrive", "esc leave")
		}
	})
}
