package ui_test

import (
	"context"
	"testing"

	"rehook/retry"
	"rehook/ui"
)

// quits tells whether the program has ended.
func (x *terminal) quits() bool {
	select {
	case err := <-x.ended:
		x.ended <- err
		return true
	default:
		return false
	}
}

func TestADialogThatCannotBeSeenIsNotConfirmed(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("j", "p")
		x.shows("PARK 1 LETTER")
		x.resize(50, 12)
		x.shows("too small", "PARK 1 LETTER", "esc leaves it")
		x.press("enter")
		if got := e.commands(); len(got) != 0 {
			t.Fatalf("asked for %v, unseen", got)
		}
		x.press("esc")
		x.hides("PARK 1 LETTER")
		x.resize(120, 40)
		x.hides("PARK 1 LETTER")
		x.press("p", "enter")
		if len(e.commands()) != 1 {
			t.Errorf("asked for %v, want a park", e.commands())
		}
	})
}

func TestWhatIsTypedOnAScreenThatIsTooSmallIsNotTaken(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("/", "e")
		x.resize(50, 12)
		x.press("z", "z", "\x1b[200~zz\x1b[201~")
		x.resize(120, 40)
		x.shows("/e ")
		x.hides("/ez")
		x.resize(50, 12)
		x.press("esc")
		x.resize(120, 40)
		x.shows("? help")
	})
}

func TestAScreenThatIsTooSmallQuits(t *testing.T) {
	for name, before := range map[string][]string{
		"from the panes": nil, "with a dialog": {"j", "p"}, "while typing": {"/", "e"}, "with the help": {"?"},
	} {
		for _, key := range []string{"q", "ctrl+c"} {
			t.Run(key+" "+name, func(t *testing.T) {
				screen(t, func(x *terminal, _ *engine) {
					x.press(before...)
					x.resize(50, 12)
					x.press(key)
					if !x.quits() {
						t.Error("it does not quit")
					}
				})
			})
		}
	}
}

func TestTheQuestionWhetherToQuitIsSeenOnAScreenThatIsTooSmall(t *testing.T) {
	owning := func(e *engine) ui.Config {
		e.status.Counters.InFlight = 3
		cfg := config(e)
		cfg.OwnsEngine = true
		return cfg
	}
	for _, size := range [][2]int{{50, 12}, {100, 8}, {22, 3}} {
		screenOf(t, owning, func(x *terminal, _ *engine) {
			x.press("j", "p")
			x.resize(size[0], size[1])
			x.press("q")
			x.shows("quit? 3 in flight", "enter quit  esc stay")
			x.press("esc")
			x.hides("quit?")
			x.press("q", "j")
			x.shows("quit?")
			if x.quits() {
				t.Fatal("it quits before it is confirmed")
			}
			x.press("enter")
			if !x.quits() {
				t.Error("enter does not quit")
			}
		})
	}
}

func TestWhatRunsCanStillBeCancelledWhenQuittingWasAskedForUnseen(t *testing.T) {
	owning := func(e *engine) ui.Config {
		e.status.Counters.InFlight = 3
		cfg := config(e)
		cfg.OwnsEngine = true
		return cfg
	}
	screenOf(t, owning, func(x *terminal, e *engine) {
		e.do = func(ctx context.Context, _ retry.Command) ([]retry.Result, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		x.press("a", "r", "enter")
		x.resize(50, 12)
		x.shows("REDRIVING 10 LETTERS", "esc cancels it")
		x.press("q", "esc")
		x.resize(120, 40)
		x.press("esc")
		x.says("redrive was cancelled")
	})
}
