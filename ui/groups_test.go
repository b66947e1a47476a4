package ui_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
)

// caused are letters of two causes: 0, 2 and 4 of one, 1 and 3 of the other.
func caused() *engine {
	var all []retry.Entry
	for n := range 5 {
		e := letter(n, [...]string{"https://erp.example.com/in", "https://ops.example.com/events"}[n%2])
		e.Cause = [...]string{"one", "two"}[n%2]
		all = append(all, e)
	}
	e := newEngine(all...)
	now := time.Now()
	e.status.Causes = []retry.Cause{
		{Key: "one", Endpoint: "https://erp.example.com", Reason: "503", Shape: `{"error":"down"}`, Waiting: 3, First: now.Add(-time.Hour), Last: now.Add(-2 * time.Minute)},
		{Key: "two", Endpoint: "https://ops.example.com", Reason: "timeout", Shape: "no response", Waiting: 2, First: now.Add(-time.Hour), Last: now},
	}
	return e
}

func TestLettersAreGroupedByCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := caused()
		x := open(t, config(e), 80, 24)
		defer x.close()
		x.press("t")
		x.shows("by cause", "COUNT", "erp.example.com", `{"error":"down"}`, "ops.example.com", "timeout", "no respon")
		x.press("s")
		x.says("groups are sorted by their count")
		x.press("y")
		x.says("this is a group")
		x.press("j", "enter")
		x.shows("one cause", "2 of waiting 5")
		x.hides("erp.example.com/in")
		x.press("esc")
		x.shows("by cause", "COUNT")
		x.press("space")
		x.shows("2 selected")
		x.press("space", "g", "v", "j", "v")
		x.shows("5 selected")
		x.press("esc", "g", "h")
		x.shows("3 LETTERS")
		x.press("enter")
		if len(e.commands()) == 0 {
			t.Fatal("nothing was asked")
		}
		got, ok := e.commands()[len(e.commands())-1].(retry.Hold)
		if want := []string{id(0), id(2), id(4)}; !ok || !slices.Equal(got.IDs, want) {
			t.Errorf("asked for %+v, want to hold %v", e.commands(), want)
		}
	})
}

func TestTheFilterNarrowsGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := caused()
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.press("t", "/", "e", "n", "d", "p", "o", "i", "n", "t", ":", "o", "p", "s", "enter")
		x.hides("503      {")
		x.shows("timeout")
		x.shows("2 ▁▁▁▁▁▁▁▁▁▁ ops.example.com")
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Gone = append(u.Gone, id(1)) })
		x.pass(time.Second)
		x.shows("1 ▁▁▁▁▁▁▁▁▁▁ ops.example.com")
	})
}
