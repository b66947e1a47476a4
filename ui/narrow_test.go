package ui_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
)

func TestNarrowColumnsHideNothingOfWhatIsNext(t *testing.T) {
	for name, c := range map[string]struct {
		change func(e *retry.Entry)
		shows  string
	}{
		"probe soon":      {func(e *retry.Entry) { e.Wait, e.Due = retry.ForBreaker, time.Now().Add(42*time.Second) }, "probe in 0:4"},
		"probe late":      {func(e *retry.Entry) { e.Wait, e.Due = retry.ForBreaker, time.Now().Add(14*time.Minute) }, "probe in 14:00"},
		"retry-after":     {func(e *retry.Entry) { e.Wait, e.Due = retry.ForRetryAfter, time.Now().Add(9*time.Minute) }, "after 9:00"},
		"settling":        {func(e *retry.Entry) { e.Phase = retry.Settling }, "telling queue"},
		"to be parked":    {func(e *retry.Entry) { e.Wait, e.Due = retry.ForParking, time.Now().Add(9*time.Minute) }, "parks in 9:00"},
		"attempting":      {func(e *retry.Entry) { e.Phase = retry.InFlight }, "→ attempting"},
		"paused":          {func(e *retry.Entry) { e.Wait = retry.ForResume }, "‖ paused"},
		"in a redrive":    {func(e *retry.Entry) { e.Wait = retry.ForCommand }, "its turn"},
		"no such host":    {func(e *retry.Entry) { e.Letter.ErrorCode, e.Letter.Error = 0, "lookup erp: no such host" }, "no host"},
		"certificate":     {func(e *retry.Entry) { e.Letter.ErrorCode, e.Letter.Error = 0, "x509: certificate has expired" }, "bad cert"},
		"not allowed":     {func(e *retry.Entry) { e.Letter.ErrorCode, e.Letter.Error = 0, "not allowed: 10.0.0.1 is private" }, "barred"},
		"no such backoff": {func(e *retry.Entry) { e.Due = time.Now().Add(15 * time.Minute) }, "15m"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, width := range []int{60, 80} {
				synctest.Test(t, func(t *testing.T) {
					l := letter(1, "https://erp.example.com/in")
					l.Letter = l.Letter.Clone()
					c.change(&l)
					x := open(t, config(newEngine(l)), width, 24)
					defer x.close()
					for _, row := range x.rows() {
						if strings.Contains(row, "▸") && (!strings.Contains(row, c.shows) || strings.Contains(row, "…")) {
							t.Errorf("at %d columns: %q, want %q whole", width, row, c.shows)
						}
					}
				})
			}
		})
	}
}

func TestGroupsOnANarrowScreen(t *testing.T) {
	for _, size := range []struct{ w, h int }{{60, 15}, {80, 24}, {120, 40}} {
		synctest.Test(t, func(t *testing.T) {
			x := open(t, config(caused()), size.w, size.h)
			defer x.close()
			x.press("t")
			x.whole()
			x.shows("erp.example.com", "ops.example.com", "timeout", "503", "LAST")
			x.golden(fmt.Sprintf("groups_%dx%d", size.w, size.h))
		})
	}
}

func TestTheStreamOnANarrowScreenSaysWhatCameOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		x := open(t, config(e), 60, 15)
		defer x.close()
		at, crm := retry.At{Time: time.Now()}, "https://user:"+"hunter2@crm.example.com/genesys/hook?token=hunter2"
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Stream = append(u.Stream,
				retry.Captured{At: at, ID: id(1), Endpoint: crm, Status: 503},
				retry.Failed{At: at, ID: id(2), Endpoint: crm, Status: 503},
				retry.Scheduled{At: at, ID: id(2), Endpoint: crm, Backoff: 12 * time.Second})
		})
		x.press("6", "z")
		x.shows("a00000 crm.example.com  captured after 503", "503, again in 12s")
		x.hides("hunter2")
	})
}
