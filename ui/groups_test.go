package ui_test

import (
	"slices"
	"strconv"
	"strings"
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

// What shows the letters of an endpoint or of a view leaves an opened group, also where the filter stays the same.
func TestAGroupThatIsLeftNarrowsNothing(t *testing.T) {
	for _, leave := range [][]string{{"2", "enter"}, {":", "waiting", "enter"}} {
		synctest.Test(t, func(t *testing.T) {
			e := caused()
			for id, entry := range e.entries {
				entry.Letter = entry.Letter.Clone()
				entry.Letter.OriginalEndpoint = "https://erp.example.com/in"
				e.entries[id] = entry
			}
			e.status.Endpoints = []retry.Endpoint{{Endpoint: "https://erp.example.com", Waiting: 5}}
			x := open(t, config(e), 120, 40)
			defer x.close()
			x.press("2", "g", "enter")
			x.shows(" waiting 5 ")
			x.hides("of waiting")
			x.press("t", "j", "enter")
			x.shows("one cause", "2 of waiting 5")
			x.press(leave...)
			x.hides("one cause", "of waiting")
			x.press("t", "t")
			x.shows(" waiting 5 ")
			x.hides("of waiting")
		})
	}
}

func TestLettersAreGroupedByCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := caused()
		x := open(t, config(e), 80, 24)
		defer x.close()
		x.press("t")
		x.shows("by cause", "COUNT", "erp.example.com", `{"error":"down"}`, "ops.example.com", "timeout", "no respon")
		x.shows("  tries now") // the advice is there to its end
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
		x.press("space", "g", "v", "j")
		x.shows("5 selecting")
		x.press("v")
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

func TestAGroupThatLeavesUnderTheCursorIsAccountedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := caused()
		x := open(t, config(e), 80, 24)
		defer x.close()
		x.press("t", "j")
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Gone = append(u.Gone, id(1)) })
		x.pass(time.Second)
		x.hides("is left here")
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Gone = append(u.Gone, id(3)) })
		x.pass(time.Second)
		x.says("ops.example.com timeout: no letter of this group is left here")
	})
}

// rowsSum adds the counts of the groups that are seen.
func (x *terminal) rowsSum() int {
	sum := 0
	for _, row := range x.rows() {
		if fields := strings.Fields(strings.Trim(strings.ReplaceAll(row, "▸", " "), "│ ")); len(fields) > 1 && strings.ContainsAny(fields[1], "▁▂▃▄▅▆▇█") {
			n, err := strconv.Atoi(fields[0])
			if err == nil {
				sum += n
			}
		}
	}
	return sum
}

func TestTheGroupsMakeUpTheWholeList(t *testing.T) {
	for name, engines := range map[string][]retry.Cause{"none of its own": nil, "its own": {{Key: "other", Reason: "other", Waiting: 1}}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := caused()
				unlisted, told := letter(20, "https://new.example.com/in"), letter(21, "https://far.example.com/in")
				unlisted.Cause, told.Cause = "nobody tells of this", "other"
				e.entries[unlisted.Letter.ID], e.entries[told.Letter.ID] = unlisted, told
				e.status.Causes = append(engines, e.status.Causes...)
				x := open(t, config(e), 120, 40)
				defer x.close()
				x.press("t")
				if x.shows("waiting 7", "2 ▁▁▁▁▁▁▁▁▁▁ various"); x.rowsSum() != 7 {
					t.Errorf("the rows make up %d of 7 letters:\n%s", x.rowsSum(), x.text())
				}
				x.press("G", "h")
				x.shows("2 LETTERS")
				x.press("enter")
				got, ok := e.commands()[0].(retry.Hold)
				if want := []string{id(20), id(21)}; !ok || !slices.Equal(got.IDs, want) {
					t.Errorf("asked for %+v, want to hold %v", e.commands(), want)
				}
				x.press("esc", "esc", "G", "enter")
				x.shows("one cause", "2 of waiting 7", "new.example.com/in", "far.example.com/in")
				x.hides("erp.example.com/in")
			})
		})
	}
}

func TestTheDetailIsAboutTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := caused()
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.shows(`"id": "4f1c9e7a"`)
		x.press("t")
		x.hides(`"id": "4f1c9e7a"`, "DETAIL  a000")
		x.shows("3 letters in the group", `↳ {"error":"down"}`, "first 1h ago · last 2m ago", "3 waiting · 0 parked", "the endpoint ✓", "→ the endpoint fails: its log says why")
		x.press("j")
		x.shows("2 letters in the group", "ops.example.com  timeout", "the endpoint ◐ probing · 1 in flight", "→ the endpoint does not answer in time")
		x.press("tab", "y")
		x.says("no letter is shown")
		x.press("m")
		x.says("no letter is shown")
		x.press("4", "enter")
		x.shows(`"id": "4f1c9e7a"`, "DETAIL  a0000001")
		x.press("esc")
		x.shows("2 letters in the group")
		x.press("t")
		x.shows(`"id": "4f1c9e7a"`)
	})
}

func TestSecretsThatWereShownAreMaskedOnceGroupsAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(caused()), 120, 40)
		defer x.close()
		x.press("enter", "right", "right", "m")
		x.shows("hunter2")
		x.press("4", "t", "t")
		x.shows("X-Hub-Signature-256")
		x.hides("hunter2")
	})
}

func TestEveryCauseHasAdvice(t *testing.T) {
	for reason, words := range map[string]string{
		"401": "renew them", "404": "the address may be wrong", "429": "takes no more a second", "418": "does not take these as they are", "502": "its log says why",
		"302": "has moved", "refused": "is it running", "dns": "the name is not known", "tls": "certificate", "not allowed": "--allow", "rejected": "read one letter", "no endpoint": "nothing can be sent",
	} {
		synctest.Test(t, func(t *testing.T) {
			e := caused()
			e.status.Causes[0].Reason = reason
			x := open(t, config(e), 120, 40)
			defer x.close()
			x.press("t")
			x.shows("→ ", words)
		})
	}
}

// The range ended at the group under the cursor, which is gone: the one in its place was not chosen.
func TestAnActionIsNotForAGroupThatHasTakenThePlaceOfARangesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := caused()
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.press("t", "j", "v")
		x.shows("● 2 selecting")
		e.tell(func(u *retry.Update, s *retry.Status) {
			u.Gone = append(u.Gone, id(1), id(3))
			s.Causes = s.Causes[:1]
		})
		x.pass(50 * time.Millisecond)
		_, _ = x.in.Write([]byte("h"))
		x.pass(50 * time.Millisecond)
		if len(e.commands()) != 0 {
			t.Errorf("asked for %+v", e.commands())
		}
		x.says("has just changed")
		x.hides("selecting")
	})
}
