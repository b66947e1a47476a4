package ui_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

func TestTheStreamTellsOutcomesInOneLineEach(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("6", "z")
		at := retry.At{Time: time.Now()}
		crm := "https://crm.example.com/hook"
		for _, c := range []struct {
			events []retry.Event
			line   string
		}{
			{[]retry.Event{retry.Captured{At: at, ID: id(1), Endpoint: crm, Status: 503}}, "· a0000001  crm.example.com/hook captured after 503"},
			{[]retry.Event{retry.Delivered{At: at, ID: id(1), Endpoint: crm, Status: 200, Latency: 84 * time.Millisecond, RetryCount: 1}}, "✓ a0000001  crm.example.com/hook 200 in 84 ms, try 2"},
			{[]retry.Event{
				retry.Attempting{At: at, ID: id(2), Endpoint: crm},
				retry.Failed{At: at, ID: id(2), Endpoint: crm, Error: "dial tcp: connection refused"},
				retry.Scheduled{At: at, ID: id(2), Endpoint: crm, Backoff: 12 * time.Second},
			}, "✗ a0000002  crm.example.com/hook refused, again in 12s"},
			{[]retry.Event{retry.Parked{At: at, ID: id(3), Endpoint: crm, Reason: deadletter.Unauthorized}}, "! a0000003  crm.example.com/hook parked: unauthorized"},
			{[]retry.Event{
				retry.Failed{At: at, ID: id(5), Endpoint: crm, Status: 404},
				retry.Parked{At: at, ID: id(5), Endpoint: crm, Reason: deadletter.Rejected},
			}, "! a0000005  crm.example.com/hook 404, parked: rejected"},
			{[]retry.Event{retry.Released{At: at, ID: id(4), By: "anna"}}, "· a0000004  erp.example.com/in released by anna"},
			{[]retry.Event{retry.Held{At: at, ID: id(8), By: "anna"}}, "· a0000008  ops.example.com/events held by anna"},
			{[]retry.Event{retry.Held{At: at, ID: id(0), By: "ben"}}, "· a0000000  erp.example.com/in let go by you"},
			{[]retry.Event{retry.LeaseLost{At: at, ID: id(4)}}, "✗ a0000004  erp.example.com/in lease lost: another engine may have it"},
			{[]retry.Event{retry.BreakerMoved{At: at, Endpoint: "https://crm.example.com", State: retry.Open, Until: at.Time}}, "! crm.example.com breaker open until 00:00:0"},
			{[]retry.Event{retry.BreakerMoved{At: at, Endpoint: "https://crm.example.com", State: retry.Closed}}, "✓ crm.example.com breaker closed: it is back"},
			{[]retry.Event{retry.Trouble{At: at, Message: "the queue is gone", Hint: "run queue ensure"}}, "! the queue is gone · run queue ensure"},
			{[]retry.Event{retry.Alert{At: at, Kind: retry.AlertBreaker, Endpoint: "https://crm.example.com", Message: "crm fails", Hint: "it is probed"}}, "! crm fails · it is probed"},
		} {
			e.tell(func(u *retry.Update, _ *retry.Status) { u.Stream = append(u.Stream, c.events...) })
			x.pass(2 * time.Second)
			found := false
			for _, row := range x.rows() {
				found = found || strings.Contains(strings.Join(strings.Fields(row), " "), strings.Join(strings.Fields(c.line), " "))
			}
			if !found {
				t.Errorf("%q is not told:\n%s", c.line, x.text())
			}
		}
		x.hides("attempting")
	})
}

func TestEndpointsStandInOneColumnOfTheStream(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		synctest.Test(t, func(t *testing.T) {
			e := newEngine(some()...)
			x := open(t, config(e), width, 40)
			defer x.close()
			x.press("6", "z")
			at := retry.At{Time: time.Now()}
			e.tell(func(u *retry.Update, _ *retry.Status) {
				u.Stream = []retry.Event{
					retry.Captured{At: at, ID: id(3), Endpoint: "https://crm.example.com/hook", Status: 503},
					retry.BreakerMoved{At: at, Endpoint: "https://crm.example.com", State: retry.Closed},
					retry.BreakerMoved{At: at, Endpoint: "https://crm.example.com", State: retry.Open, Until: at.Time},
				}
			})
			x.pass(time.Second)
			if width >= 80 {
				x.shows("breaker open until 00:00:0")
			}
			places := map[int]bool{}
			for _, row := range x.rows() {
				if before, _, ok := strings.Cut(row, "crm.example.com"); ok {
					places[len([]rune(before))] = true
				}
			}
			if len(places) != 1 {
				t.Errorf("at %d columns they begin at %v:\n%s", width, places, x.text())
			}
		})
	}
}

func TestTheStreamCanBeScrolledBack(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		for n := range 30 {
			e.tell(func(u *retry.Update, _ *retry.Status) {
				u.Stream = append(u.Stream, retry.Released{At: retry.At{Time: time.Now()}, ID: id(n), By: "anna"})
			})
		}
		x.pass(2 * time.Second)
		x.press("6")
		x.shows(id(29)[:8] + "  released")
		x.press("g")
		x.shows(id(0)[:8]+"  erp.example.com/in                       released", "26 newer below")
		x.press("G")
		x.shows(id(29)[:8] + "  released")
	})
}

// tells has the engine tell of so many letters that were released by somebody, from letter n on.
func (e *engine) tells(from, n int, by string) {
	e.tell(func(u *retry.Update, _ *retry.Status) {
		for i := range n {
			u.Stream = append(u.Stream, retry.Released{At: retry.At{Time: time.Now()}, ID: id(from + i), By: by})
		}
	})
}

func TestTheWheelMovesNothingInAPaneThatIsATitleAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		x := open(t, config(e), 60, 15)
		defer x.close()
		e.tells(0, 20, "anna")
		x.press("1")
		x.pass(2 * time.Second)
		before := x.text()
		for y, row := range x.rows() {
			for _, title := range []string{"ENDPOINTS", "GENESYS", "ENGINE"} {
				if !strings.Contains(row, title) {
					continue
				}
				for range 20 {
					x.press(fmt.Sprintf("\x1b[<64;10;%dM", y+1)) // wheel up
				}
			}
		}
		x.whole()
		x.press("6")
		x.resize(20, 5) // which is too small for any pane
		x.press("g", "k", "ctrl+u", "j", "G")
		x.resize(60, 15)
		x.whole()
		if x.press("1"); !strings.Contains(before, "ENGINE") || !strings.Contains(x.text(), "ENGINE") || strings.Contains(x.text(), "newer below") {
			t.Errorf("before\n%s\nand after\n%s", before, x.text())
		}
	})
}

func TestWhoGoesBackInTheStreamStaysThere(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.tells(0, 30, "anna")
		x.pass(2 * time.Second)
		x.press("6", "k")
		x.shows(id(28)[:8]+"  released", "1 newer below")
		x.hides(id(29)[:8] + "  released")
		e.tells(30, 20, "anna")
		x.pass(2 * time.Second)
		x.shows(id(28)[:8]+"  released", "21 newer below")
		for n := range 10 { // what it stands on is forgotten
			e.tells(50+200*n, 200, "anna")
			x.pass(2 * time.Second)
		}
		x.hides(id(28)[:8] + "  released")
		x.press("j", "G")
		x.shows(id(2049)[:8] + "  released")
		x.hides("newer below")
	})
}

func TestTheStreamIsPausedAndCountsWhatComes(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("6", "space")
		x.says("nothing has happened yet")
		e.tells(0, 30, "anna")
		x.pass(2 * time.Second)
		x.says("␣ pause stream")
		x.press("space")
		x.shows("‖ paused, 0 since", id(29)[:8]+"  released")
		x.says("␣ resume stream")
		for range 30 { // more than are kept
			e.tells(100, 100, "ben")
			x.pass(time.Second)
		}
		x.shows("‖ paused, 3,000 since", id(29)[:8]+"  released")
		x.hides("released by you")
		x.press("g")
		x.shows(id(0)[:8] + "  ")
		x.press("space")
		x.hides("paused")
		x.shows(id(199)[:8]+"  ", "released by you")
	})
}

func TestTheStreamIsFilteredAsItIsTyped(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.tells(0, 10, "anna")
		e.tells(10, 10, "carl")
		x.pass(2 * time.Second)
		x.press("6", "/", "C", "A", "r")
		x.shows("/CAr", "released by carl")
		x.hides("released by anna")
		x.press("l", " ", "-", id(19)[:8], "enter")
		x.shows("/CArl -"+id(19)[:8], id(18)[:8])
		x.hides("released by anna", id(19)[:8]+"  released")
		e.tells(20, 5, "anna")
		e.tells(25, 1, "carl")
		x.pass(2 * time.Second)
		x.shows(id(25)[:8]+"  ", "released by carl")
		x.hides("released by anna")
		x.press("k")
		x.shows("1 newer below")
		x.press("G", "space", "/", " ", "z", "z", "enter")
		x.shows("nothing of it matches", "‖ paused, 0 since")
		x.press("esc")
		x.shows("released by anna")
		x.hides("matches")
		x.press("/", "o", "p", "s", "esc")
		x.shows("erp.example.com")
	})
}

func TestAFloodOfEventsIsBoundedAndSaysWhatItLeavesOut(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("6", "z")
		x.writtenSince()
		for range 10 { // a thousand a second
			e.tells(0, 200, "anna")
			e.tell(func(u *retry.Update, _ *retry.Status) { u.Missed += 800 })
			x.pass(time.Second)
		}
		if n := x.writtenSince() / 10; n > 4000 {
			t.Errorf("a second of a thousand events wrote %d bytes", n)
		} else {
			t.Logf("%d bytes a second", n)
		}
		x.press("/", "m", "a", "n", "y", "enter")
		x.shows("800 events more, too many to tell")
	})
}

func TestDeliveredLettersSayWhenAndHow(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		done := letter(0, "https://erp.example.com/in")
		done.Phase, done.Due = retry.Done, time.Now()
		before := letter(1, "https://erp.example.com/in")
		before.Phase, before.Due = retry.Done, time.Now().Add(-time.Hour)
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Letters = append(u.Letters, done, before)
			u.Stream = append(u.Stream, retry.Delivered{At: retry.At{Time: time.Now()}, ID: id(0), Status: 200, Latency: 84 * time.Millisecond})
		})
		x.press("w", "w")
		x.shows("delivered 2", "✓ 00:00:00 84 ms", "✓ 23:00:00")
		x.cursorOn(0)
	})
}

func TestSecretsInURLsAreMaskedEverywhere(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		address := "https://user:" + "hunter2@secret.example.com/in?token=hunter2"
		l := letter(50, address)
		l.Due = time.Now().Add(time.Second)
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Letters = append(u.Letters, l)
			u.Stream = append(u.Stream, retry.Captured{At: retry.At{Time: time.Now()}, ID: l.Letter.ID, Endpoint: address, Status: 503})
		})
		x.pass(time.Second)
		x.shows("secret.example.com/in?token=••••••")
		x.press("j", "enter", "right", "right")
		x.shows("POST /in?token=•••••• HTTP/1.1")
		x.hides("hunter2")
		x.press("4", "p")
		x.hides("hunter2")
	})
}

func TestTheRequestIsShownAsItsSenderSaysItIsSent(t *testing.T) {
	screenOf(t, func(e *engine) ui.Config {
		cfg := config(e)
		cfg.Header = func(l *deadletter.Letter) http.Header {
			return http.Header{"idempotency-key": {l.ID}, "Authorization": {"Bearer hunter2"}}
		}
		return cfg
	}, func(x *terminal, _ *engine) {
		x.press("enter", "right", "right")
		x.shows("idempotency-key: "+id(10), "Authorization: ••••••", "Host: ops.example.com", "Content-Length: 160")
		x.hides("hunter2", "more are added")
	})
}
