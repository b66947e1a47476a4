package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

func TestADepthThatHardlyChangesDoesNotLookDrained(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		for _, n := range []int{30, 29, 0} {
			x.pass(6 * time.Second)
			e.tell(func(_ *retry.Update, s *retry.Status) {
				s.Depth, s.DepthAt = deadletter.Depth{Visible: n}, time.Now()
			})
		}
		x.pass(2 * time.Second)
		x.shows("waiting         0 █▇▇▁")
	})
}

func TestParkedByHandHasOneWording(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		synctest.Test(t, func(t *testing.T) {
			x := open(t, config(newEngine(parked(letter(1, "https://erp.example.com/in"), deadletter.ByOperator))), width, 24)
			defer x.close()
			x.press("w")
			x.shows("by hand")
			x.hides("operator")
		})
	}
}

func TestAPlanCountsTheEndpointsThatItDoesNotName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []retry.Entry
		for n := range 7 {
			all = append(all, letter(n, fmt.Sprintf("https://host%d.example.com/in", n)))
		}
		x := open(t, config(newEngine(all...)), 120, 40)
		defer x.close()
		x.press("a", "r")
		if !strings.Contains(x.text(), "and 1 endpoint more") {
			t.Errorf("one endpoint more is not said:\n%s", x.text())
		}
	})
}
