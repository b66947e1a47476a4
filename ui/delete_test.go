package ui_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rehook/retry"
	"rehook/ui"
)

// deletes answers as an engine that deletes whatever it is asked to.
func deletes(_ context.Context, c retry.Command) ([]retry.Result, error) {
	var results []retry.Result
	for _, id := range c.(retry.Delete).IDs {
		results = append(results, retry.Result{ID: id, Did: retry.DidDelete})
	}
	return results, nil
}

func TestDeletingOneAsks(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = deletes
		x.press("j", "x")
		x.shows("DELETE 1 LETTER", "Kept in the trash: rehook import brings them back")
		x.hides("type 1")
		x.press("esc")
		x.hides("DELETE 1 LETTER")
		if len(e.commands()) != 0 {
			t.Fatalf("asked for %v, though it was not confirmed", e.commands())
		}
		x.press("x", "enter")
		x.says("✓ " + id(0)[:8] + " deleted")
		if got, ok := e.commands()[0].(retry.Delete); !ok || got.By != "ben" || !slices.Equal(got.IDs, []string{id(0)}) {
			t.Errorf("asked for %+v", e.commands())
		}
	})
}

func TestDeletingManyWantsTheirNumber(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = deletes
		x.press("a", "x")
		x.shows("DELETE 10 LETTERS", "left as they are: 1 being attempted", "type 10 to delete them:")
		x.hides("begins at once") // nothing is sent
		x.hides("at most")
		x.press("enter", "1", "enter")
		x.shows("type 10 to delete them: 1")
		x.press("1")
		x.shows("that is not 10")
		x.press("enter")
		if len(e.commands()) != 0 {
			t.Fatalf("asked for %v, though the number was not typed", e.commands())
		}
		x.press("backspace", "0")
		x.hides("that is not 10")
		x.press("enter")
		x.shows("DELETED", "10 deleted")
		if got := e.commands()[0].(retry.Delete).IDs; len(got) != 10 {
			t.Errorf("asked for %v", got)
		}
	})
}

func TestTheNumberIsOfThoseThatTheEngineCanDelete(t *testing.T) {
	for can, asks := range map[int]string{9: "type 9 to delete them:", 1: "enter delete", 0: "close: there is nothing to delete"} {
		screen(t, func(x *terminal, e *engine) {
			answer := make(chan retry.Plan)
			e.plan = func(context.Context, retry.Command) (retry.Plan, error) { return <-answer, nil }
			e.do = deletes
			x.press("a", "x", "1")
			x.shows("type 10 to delete them: 1")
			answer <- retry.Plan{Verb: "delete", Letters: can, Cannot: []retry.Reason{{Why: "it is just being settled", Letters: 10 - can}}}
			x.pass(time.Second)
			x.shows(strings.ToUpper(fmt.Sprintf("delete %d letter", can)), "it is just being settled", asks)
			x.hides("them: 1", "type 10")
			if can == 9 {
				x.press("enter", "1", "0", "enter")
			}
			if can == 0 {
				x.press("enter")
			}
			if len(e.commands()) != 0 {
				t.Errorf("of %d letters that can be deleted: asked for %v", can, e.commands())
			}
		})
	}
}

func TestANumberTypedBeforeTheQuestionWasReadDeletesNothing(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("a")
		_, _ = x.in.Write([]byte("x10\r"))
		x.pass(time.Second)
		x.shows("DELETE 10 LETTERS")
		x.hides("delete them: 1")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestDeletingParkedLetters(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = deletes
		x.press("w", "x", "enter")
		x.says(id(11)[:8] + " deleted")
		x.press("w", "x")
		x.says("x delete: only for letters that wait or are parked")
	})
}

func TestAReadOnlyScreenDeletesNothing(t *testing.T) {
	readOnly := func(e *engine) ui.Config {
		cfg := config(e)
		cfg.ReadOnly = true
		return cfg
	}
	screenOf(t, readOnly, func(x *terminal, e *engine) {
		x.press("j", "x", "enter")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestTheQuestionFitsTheSmallestScreen(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("a", "x")
		for _, size := range [][2]int{{60, 15}, {80, 24}, {200, 50}} {
			x.resize(size[0], size[1])
			x.whole()
			x.shows("type 10 to delete them", "enter delete", "esc leave them")
		}
	})
}
