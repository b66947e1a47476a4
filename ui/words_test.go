package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"rehook/retry"
	"rehook/retry/deadletter"
)

func TestALetterThatWasRefusedHereDoesNotBlameAStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := parked(letter(0, "https://erp.example.com/in"), deadletter.Rejected)
		refused.Letter.Error = "10.0.0.1 is a private address"
		x := open(t, config(newEngine(refused)), 120, 40)
		defer x.close()
		x.press("w")
		x.shows("to erp.example.com/in  10.0.0.1 is a private address", "10.0.0.1 i…")
		x.hides("503")
	})
}

func TestALetterThatItsEndpointRejectedSaysTheStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(parked(letter(1, "https://erp.example.com/in"), deadletter.Rejected))), 120, 40)
		defer x.close()
		x.press("w")
		x.shows("to erp.example.com/in  503 service unavailable")
	})
}

func TestLongValuesCanBeReadWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := func(name string) string { return name + strings.Repeat(" 0123456789", 12) + " end of " + name }
		l := letter(1, "https://erp.example.com/in?"+strings.Repeat("a=0123456789&", 10)+"z=last")
		l.Letter.Headers["X-Long"] = []string{long("header")}
		l.Letter.Payload = []byte(`{"text":"` + long("body") + `"}`)
		l.Letter.Attempts[0].Error, l.Letter.Attempts[0].Response = long("error"), long("response")
		x := open(t, config(newEngine(l)), 80, 40)
		defer x.close()
		x.press("enter", "z", "right")
		x.shows("end of error", "end of response")
		x.whole()
		x.press("right")
		x.shows("&z=last", "end of header", "end of body")
		x.whole()
	})
}

func TestALineOfABodyIsShownInABoundedNumberOfRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := letter(1, "https://erp.example.com/in")
		l.Letter.Headers["X-Long"] = []string{strings.Repeat("x", 100_000)}
		x := open(t, config(newEngine(l)), 80, 40)
		defer x.close()
		x.press("enter", "z", "right", "right")
		x.shows("x…", "Content-Length: 160", `"text":"Guten`)
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
