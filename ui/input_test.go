package ui_test

import "testing"

func TestAFilterIsCorrectedInItsMiddle(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("/", "e", "p", "left", "r", "home", "-", "end", "enter")
		x.shows("/-erp")
	})
}
