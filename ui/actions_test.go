package ui_test

import (
	"context"
	"fmt"
	"testing"

	"rehook/retry"
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
