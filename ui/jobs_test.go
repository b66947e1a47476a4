package ui_test

import (
	"context"
	"testing"
	"time"

	"rehook/retry"
	"rehook/ui"
)

// works are a command of another operator, one of the own, and one that has ended.
func works(e *engine) ui.Config {
	e.status.Jobs = []retry.Job{
		{ID: "j1", Verb: "redrive", By: "anna", Total: 400, Done: 9, Failed: 2, Skipped: 1, Left: 388, Step: retry.TheRest, Rate: 5},
		{ID: "j2", Verb: "park", By: "ben", Total: 20, Done: 4, Left: 16},
		{ID: "j3", Verb: "delete", By: "cleo\x1b[31m", Total: 3, Done: 3, Ended: time.Now()},
	}
	return config(e)
}

func TestEveryScreenSeesWhatIsUnderWay(t *testing.T) {
	screenOf(t, works, func(x *terminal, e *engine) {
		x.shows("redrive by anna  12 of 400 · 2 failed · 1 skipped · canary: the rest · 5.0/s · 1 more · J shows it")
		for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}} {
			x.resize(size[0], size[1])
			x.whole()
			x.shows("redrive by anna  12 of 400")
		}
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Jobs = s.Jobs[2:] })
		x.pass(time.Second)
		x.hides("J shows it")
	})
}

func TestJobsAreOpenedLetterByLetter(t *testing.T) {
	screenOf(t, works, func(x *terminal, _ *engine) {
		x.press("J")
		x.whole()
		x.shows("JOBS", "park by you", "4 of 20", "delete by cleo")
		x.press("enter")
		x.shows("REDRIVE BY ANNA, SO FAR", "1 delivered, 1 failed")
		x.press("esc")
		x.hides("REDRIVE BY ANNA, SO FAR")
	})
}

func TestCancellingNamesWhoseItIs(t *testing.T) {
	screenOf(t, works, func(x *terminal, e *engine) {
		x.press("J", "c")
		x.shows("it is not yours but anna's: c again cancels it")
		x.press("j", "c") // the own: at once
		x.says("cancelled: what was not begun")
		x.press("J", "c", "c")
		for i, want := range []string{"j2", "j1"} {
			if got, ok := e.commands()[i].(retry.Cancel); !ok || got.Job != want || got.By != "ben" {
				t.Errorf("asked for %+v, want to cancel %s", e.commands(), want)
			}
		}
		x.press("J")
		x.shows("c cancel")
		x.press("j", "j", "c") // it has ended
		x.hides("c cancel")
		if len(e.commands()) != 2 {
			t.Errorf("asked for %+v", e.commands())
		}
	})
}

func TestAReadOnlyScreenCancelsNothing(t *testing.T) {
	readOnly := func(e *engine) ui.Config {
		cfg := works(e)
		cfg.ReadOnly = true
		return cfg
	}
	screenOf(t, readOnly, func(x *terminal, e *engine) {
		x.press("J", "c", "c", "j", "c")
		x.shows("JOBS")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestWhatRunsDoesNotBlockTheScreen(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		end := make(chan struct{})
		e.do = func(ctx context.Context, _ retry.Command) ([]retry.Result, error) {
			select {
			case <-end:
			case <-ctx.Done():
			}
			return []retry.Result{{ID: id(0), Did: retry.DidDeliver}, {ID: id(1), Did: retry.DidDeliver}}, ctx.Err()
		}
		x.press("a", "r", "enter", "enter")
		x.hides("REDRIVING")
		x.press("g", "j")
		x.cursorOn(0)
		close(end)
		x.pass(time.Second)
		x.says("redriven: 2 delivered")
	})
}

func TestAnAnswerToAnOlderQuestionIsNone(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.plan = func(ctx context.Context, c retry.Command) (retry.Plan, error) {
			if c.(retry.Redrive).Rate == 0 {
				<-time.After(3 * time.Second)
			}
			return foretells(ctx, c)
		}
		x.press("a", "R", "2")
		x.shows("takes at least 4s")
		x.pass(5 * time.Second)
		x.shows("takes at least 4s")
	})
}
