package ui_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

// screen runs a test on a terminal of 120x40 with letters of every kind.
func screen(t *testing.T, test func(x *terminal, e *engine)) {
	t.Helper()
	screenOf(t, config, test)
}

func screenOf(t *testing.T, cfg func(*engine) ui.Config, test func(x *terminal, e *engine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		x := open(t, cfg(e), 120, 40)
		defer x.close()
		test(x, e)
	})
}

// id is the id of letter n of the test.
func id(n int) string { return letter(n, "").Letter.ID }

// cursor is the short id of the letter that the cursor is on.
func (x *terminal) cursor() string {
	for _, row := range x.rows() {
		if _, after, ok := strings.Cut(row, "│▸"); ok {
			return strings.Fields(strings.TrimPrefix(after, "●"))[0]
		}
	}
	return ""
}

func (x *terminal) cursorOn(n int) {
	x.t.Helper()
	if want := id(n)[:8]; x.cursor() != want {
		x.t.Errorf("the cursor is on %q, want %q:\n%s", x.cursor(), want, x.text())
	}
}

// last is the last row: hints, or what has happened.
func (x *terminal) last() string { return strings.TrimSpace(x.rows()[x.height-1]) }

func (x *terminal) says(words string) {
	x.t.Helper()
	if !strings.Contains(x.last(), words) {
		x.t.Errorf("the footer says %q, want %q", x.last(), words)
	}
}

// Letters by due: 10 is in flight, then 0, 1, 2, 6 (breaker), 3, 4, 5, 9 (its turn), 7 (retry-after), 8 (held).

func TestMoving(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.cursorOn(10)
		x.press("j")
		x.cursorOn(0)
		x.press("down", "j")
		x.cursorOn(2)
		x.press("k", "up")
		x.cursorOn(0)
		x.press("G")
		x.cursorOn(8)
		x.press("g")
		x.cursorOn(10)
		x.press("ctrl+d")
		x.cursorOn(4)
		x.press("ctrl+u")
		x.cursorOn(10)
	})
}

func TestWhatArrivesAboveMovesNeitherCursorNorMarks(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("j", "space") // marks 0, goes on to 1
		x.cursorOn(1)
		e.tell(func(u *retry.Update, _ *retry.Status) {
			for n := 20; n < 40; n++ {
				soon := letter(n, "https://erp.example.com/in")
				soon.Due = time.Now().Add(time.Second)
				u.Letters = append(u.Letters, soon)
			}
		})
		x.pass(2 * time.Second)
		x.cursorOn(1)
		x.shows("● 1 selected")
	})
}

func TestTheCursorStaysOnALetterThatIsAttempted(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("j")
		again := letter(0, "https://erp.example.com/in")
		again.Due = time.Now().Add(14 * time.Minute)
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Letters = append(u.Letters, again) })
		x.pass(time.Second)
		x.cursorOn(0)
	})
}

func TestALetterThatLeavesUnderTheCursorIsAccountedFor(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("j")
		done := letter(0, "https://erp.example.com/in")
		done.Phase = retry.Done
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Letters = append(u.Letters, done)
			u.Stream = append(u.Stream, retry.Delivered{At: retry.At{Time: time.Now()}, ID: id(0), Status: 200, Latency: 84 * time.Millisecond})
		})
		x.pass(time.Second)
		x.cursorOn(1)
		x.says(id(0)[:8] + " was delivered: 200 in 84 ms")
	})
}

func TestSelecting(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("space", "space")
		x.shows("● 2 selected")
		x.press("s", "S", "S") // sorting keeps marks
		x.shows("● 2 selected")
		x.press("esc")
		x.hides("selected")
		x.press("g", "v", "j", "j")
		x.shows("● 3 selecting")
		x.press("v")
		x.shows("● 3 selected")
		x.press("j")
		x.shows("● 3 selected")
		x.press("a")
		x.shows("● 11 selected")
		x.press("a")
		x.hides("selected")
	})
}

func TestSorting(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		for _, key := range []string{"↓ age", "↓ expires", "↓ endpoint", "↓ tries", "↓ why", "↓ due"} {
			x.press("s")
			x.shows(key)
		}
		x.press("s", "g")
		x.cursorOn(10) // the oldest
		x.press("S", "g")
		x.shows("↑ age")
		x.cursorOn(0)
	})
}

func TestRedriveOfOneIsDoneAtOnce(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = func(_ context.Context, c retry.Command) ([]retry.Result, error) {
			<-time.After(time.Second)
			return []retry.Result{{ID: c.(retry.Redrive).IDs[0], Did: retry.DidDeliver, Note: "200 in 84 ms"}}, nil
		}
		x.press("j", "r")
		x.says("redriving " + id(0)[:8])
		x.pass(time.Second)
		x.says("✓ " + id(0)[:8] + " delivered: 200 in 84 ms")
		want := retry.Redrive{IDs: []string{id(0)}, By: "ben"}
		if got, ok := e.commands()[0].(retry.Redrive); !ok || got.By != want.By || !slices.Equal(got.IDs, want.IDs) {
			t.Errorf("asked for %+v, want %+v", e.commands(), want)
		}
	})
}

func TestRedriveOfManyFirstSaysWhatItWillDo(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		answer := make(chan []retry.Result)
		e.do = func(context.Context, retry.Command) ([]retry.Result, error) { return <-answer, nil }
		x.press("a", "r")
		x.shows("REDRIVE 10 LETTERS", "4  erp.example.com", "4  ops.example.com", "2  crm.example.com", "breaker is open", "left as they are: 1 being attempted")
		if len(e.commands()) != 0 {
			t.Fatalf("asked for %v before it was confirmed", e.commands())
		}
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Letters = append(u.Letters, letter(30, "https://late.example.com"))
		})
		x.press("enter")
		x.shows("REDRIVING 10 LETTERS", "0 of 10")
		if got := e.commands()[0].(retry.Redrive).IDs; len(got) != 10 || slices.Contains(got, id(30)) || slices.Contains(got, id(10)) {
			t.Errorf("asked for %v: not the ids that were frozen", got)
		}
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Stream = append(u.Stream, retry.Delivered{ID: id(0), Status: 200, Latency: time.Millisecond}, retry.Failed{ID: id(1), Status: 503})
		})
		x.pass(time.Second)
		x.shows("2 of 10", "✗ "+id(1)[:8]+"  failed")
		answer <- []retry.Result{{ID: id(0), Did: retry.DidDeliver}, {ID: id(1), Did: retry.DidFail, Note: "503"}, {ID: id(2), Did: retry.DidSkip, Note: "held"}}
		x.pass(time.Second)
		x.shows("REDRIVEN", "1 delivered, 1 failed, 1 skipped", "skipped    held")
		x.press("esc")
		x.hides("REDRIVEN")
	})
}

func TestKeysTypedBeforeADialogWasReadDoNothing(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("a")
		_, _ = x.in.Write([]byte("r\r"))
		x.pass(time.Second)
		x.shows("REDRIVE 10 LETTERS")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestEscCancelsWhatRuns(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = func(ctx context.Context, _ retry.Command) ([]retry.Result, error) {
			<-ctx.Done()
			return []retry.Result{{ID: id(0), Did: retry.DidSkip, Note: "cancelled"}}, ctx.Err()
		}
		x.press("a", "r", "enter", "esc")
		x.shows("cancelled: what was not done yet is left as it was", "1 skipped")
		x.press("esc", "g", "j", "r")
		x.says("redriving")
		x.press("esc")
		x.says("redrive was cancelled")
	})
}

func TestParkAsks(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = func(_ context.Context, c retry.Command) ([]retry.Result, error) {
			return []retry.Result{{ID: c.(retry.Park).IDs[0], Did: retry.DidPark}}, nil
		}
		x.press("j", "p")
		x.shows("PARK 1 LETTER")
		x.press("esc")
		x.hides("PARK 1 LETTER")
		x.press("p", "enter")
		x.says(id(0)[:8] + " parked")
		if len(e.commands()) != 1 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestHold(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = func(_ context.Context, c retry.Command) ([]retry.Result, error) {
			return []retry.Result{{ID: c.(retry.Hold).IDs[0], Did: retry.DidHold}}, nil
		}
		x.press("j", "h")
		x.says(id(0)[:8] + " held")
	})
}

func TestViewsAndRelease(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = func(_ context.Context, c retry.Command) ([]retry.Result, error) {
			return []retry.Result{{ID: c.(retry.Release).IDs[0], Did: retry.DidRelease}}, nil
		}
		x.press("w")
		x.shows("every attempt failed", "unauthorized", "PARKED", "r release")
		x.cursorOn(11)
		x.press("r")
		x.says(id(11)[:8] + " released")
		x.press("w")
		x.shows("nothing has been delivered yet")
		x.press("w")
		x.cursorOn(10)
	})
}

func TestPauseAndResume(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = func(_ context.Context, c retry.Command) ([]retry.Result, error) {
			e.tell(func(_ *retry.Update, s *retry.Status) {
				p, pausing := c.(retry.Pause)
				s.Paused, s.PausedBy, s.PausedAt = pausing, p.By, time.Now()
			})
			return nil, nil
		}
		x.press("P")
		x.shows("‖ paused by you since 00:00")
		x.says("paused: nothing is attempted")
		x.press("P")
		x.shows("● running")
		x.says("resumed")
	})
}

func TestPanes(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		focused := func(name string) {
			t.Helper()
			x.shows("━ " + name)
		}
		focused("4 MESSAGES")
		x.press("tab")
		focused("5 DETAIL")
		x.press("tab", "tab")
		focused("1 QUEUES")
		x.press("shift+tab")
		focused("6 ENGINE")
		x.press("3")
		focused("3 GENESYS")
		x.press("4", "z")
		focused("4 MESSAGES")
		x.hides("QUEUES", "DETAIL")
		x.press("tab")
		focused("5 DETAIL")
		x.press("z")
		x.shows("QUEUES", "MESSAGES")
	})
}

func TestDetail(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("j", "j", "j", "enter")
		x.shows("━ 5 DETAIL  "+id(2)[:8], `"messageId": 18014398509481985.00,`)
		x.press("j", "j", "enter")
		x.shows(`▸ "channel": { 3 keys },`, ".channel")
		x.press("right")
		x.shows("84 ms", `↳ {"error":"down"}`, "2/5 attempts from the queue")
		x.press("right")
		x.shows("POST /in HTTP/1.1", "Content-Type: application/json", "X-Hub-Signature-256: ••••••")
		x.hides("hunter2")
		x.press("m")
		x.shows("X-Hub-Signature-256: sha256=hunter2")
		x.press("esc", "j", "k")
		x.hides("hunter2")
		x.press("enter", "left")
		x.shows("84 ms")
	})
}

func TestSearchInThePayload(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("enter", "/", "i", "d", "enter")
		x.shows("/id 1 of", ".id")
		x.press("n")
		x.shows("/id 2 of", ".channel.messageId")
		x.press("N")
		x.shows(".id")
		x.press("esc")
		x.hides("/id")
	})
}

func TestCopying(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("j")
		x.writtenSince()
		x.press("y")
		x.says("payload of " + id(0)[:8] + " (160 B) sent to the terminal's clipboard")
		if x.copied() != payload {
			t.Errorf("copied %q, want the payload", x.copied())
		}
		x.writtenSince()
		x.press("Y")
		x.says("secrets masked")
		if got := x.copied(); !strings.HasPrefix(got, "curl -X POST 'https://erp.example.com/in'") || strings.Contains(got, "hunter2") || !strings.Contains(got, payload) {
			t.Errorf("copied %q", got)
		}
		x.press("enter", "j")
		x.writtenSince()
		x.press("y")
		if got := x.copied(); got != `"4f1c9e7a"` {
			t.Errorf("copied %q, want the value under the cursor", got)
		}
		x.writtenSince()
		x.press("c")
		x.says(".id sent to the terminal's clipboard")
		if got := x.copied(); got != ".id" {
			t.Errorf("copied %q, want the path of the cursor", got)
		}
		x.press("g")
		x.writtenSince()
		x.press("y")
		if got := x.copied(); got != payload {
			t.Errorf("copied %q at the top of the tree, want the payload", got)
		}
		x.press("right", "c")
		x.says("only what is in JSON has a path")
	})
}

func TestFilter(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("/")
		x.press(strings.Split("status:429", "")...)
		x.shows("1 of waiting 11", "/status:429")
		x.cursorOn(7)
		x.press("enter")
		x.shows("/status:429")
		x.press("esc")
		x.hides("/status:429", " of waiting")
		x.cursorOn(7)
		x.press("/")
		x.press(strings.Split("zzzzz", "")...)
		x.shows("no letter matches")
		x.press("esc")
		x.shows("waiting 11")
		x.press("/")
		x.press(strings.Split("age:2", "")...)
		x.press("enter")
		x.says("a time is never exactly that")
		x.press("backspace", "esc")
		x.hides("a time is never")
	})
}

func TestEndpointAndWebhookShowTheirLetters(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("2", "enter")
		x.shows("━ 4 MESSAGES", "2 of waiting 11", `endpoint:"crm.example.com"`)
		x.press("3", "j", "enter")
		x.shows("4 of waiting 11", `endpoint:"erp.example.com"`)
	})
}

func TestHelpShowsTheKeysThatWorkHere(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("?")
		x.shows("KEYS HERE", "attempt now, whatever the backoff", "select the letter")
		x.press("esc", "1", "?")
		x.shows("KEYS HERE", "to the next pane")
		x.hides("select the letter")
	})
}

func TestQuitting(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		screen(t, func(x *terminal, _ *engine) {
			if x.press(key); !x.over() {
				t.Errorf("%s does not quit", key)
			}
		})
	}
}

func TestQuittingAsksWhileAttemptsAreInFlightAndTheEngineGoesToo(t *testing.T) {
	owning := func(e *engine) ui.Config {
		e.status.Counters.InFlight = 3
		cfg := config(e)
		cfg.OwnsEngine = true
		return cfg
	}
	screenOf(t, owning, func(x *terminal, e *engine) {
		x.press("q")
		x.shows("QUIT", "3 attempts are in flight.")
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Counters.InFlight = 1 })
		x.pass(time.Second)
		x.shows("1 attempt is in flight.")
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Counters.InFlight = 0 })
		x.pass(time.Second)
		x.shows("No attempt is in flight any more.")
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Counters.InFlight = 3 })
		x.pass(time.Second)
		x.press("esc")
		x.hides("3 attempts are in flight.")
		x.press("q", "n")
		x.hides("3 attempts are in flight.")
		if x.press("q", "enter"); !x.over() {
			t.Error("enter does not quit")
		}
	})
	for _, keys := range [][]string{{"q", "y"}, {"q", "q"}, {"q", "ctrl+c"}, {"ctrl+c"}} {
		screenOf(t, owning, func(x *terminal, _ *engine) {
			if x.press(keys...); !x.over() {
				t.Errorf("%q do not quit", keys)
			}
		})
	}
}

func TestReadOnlyHasNoActions(t *testing.T) {
	readOnly := func(e *engine) ui.Config {
		cfg := config(e)
		cfg.ReadOnly = true
		return cfg
	}
	screenOf(t, readOnly, func(x *terminal, e *engine) {
		x.shows("read-only")
		x.hides("redrive", "park ", "hold")
		x.press("a", "r", "p", "h", "P", "enter")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestTheFooterShowsFirstWhatIsNeededFirst(t *testing.T) {
	for _, c := range []struct {
		width int
		keys  []string
		shows string
	}{
		{60, nil, "r redrive  p park  enter open    : command  ? help  q quit"},
		{80, nil, "r redrive  p park  enter open  / filter  t by cause  : command  ? help  q quit"},
		{80, []string{"t"}, "r redrive  p park  enter open group"},
		{80, []string{"w"}, "r release  enter open  / filter  t by cause  w view  : command  ? help  q quit"},
		{60, []string{"2"}, "enter its letters                : command  ? help  q quit"},
	} {
		synctest.Test(t, func(t *testing.T) {
			x := open(t, config(newEngine(some()...)), c.width, 24)
			defer x.close()
			x.press(append([]string{"j"}, c.keys...)...)
			if !strings.HasPrefix(x.last(), c.shows) {
				t.Errorf("after %q at %d columns the footer shows %q, want %q", c.keys, c.width, x.last(), c.shows)
			}
		})
	}
}

func TestAKeyThatCannotWorkSaysWhy(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("r")
		x.says("cannot redrive: 1 being attempted")
		x.press("w", "w", "space")
		x.says("there is no letter here")
		x.press("5", "n")
		x.says("nothing is searched for")
	})
}

func TestMouse(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("\x1b[<0;30;13M") // row 12 of the screen: the third letter
		x.cursorOn(1)
		x.press("\x1b[<65;30;13M") // wheel down
		x.cursorOn(3)
		x.press("\x1b[<64;30;13M")
		x.cursorOn(1)
		x.press("\x1b[<0;50;30M")
		x.shows("━ 5 DETAIL")
	})
}

func TestTheWindowTitleShowsTheDepth(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		if want := "rehook 33 waiting, 2 parked"; x.windowTitle() != want {
			t.Errorf("the title is %q, want %q", x.windowTitle(), want)
		}
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Depth = deadletter.Depth{} })
		x.pass(time.Second)
		if want := "rehook 0 waiting"; x.windowTitle() != want {
			t.Errorf("the title is %q, want %q", x.windowTitle(), want)
		}
	})
}

func TestTenThousandLettersScroll(t *testing.T) {
	many := func(e *engine) ui.Config {
		for n := range 10_000 {
			l := letter(n, fmt.Sprintf("https://host%d.example.com/in", n%7))
			e.entries[l.Letter.ID] = l
		}
		return config(e)
	}
	screenOf(t, many, func(x *terminal, _ *engine) {
		x.press("G", "k", "k")
		x.shows("waiting 10,000")
		x.press("g")
		x.cursorOn(0)
	})
}

func TestAnActionIsNotForALetterThatHasJustTakenThePlaceOfAnother(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("j")
		x.pass(time.Second)
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Gone = append(u.Gone, id(0)) })
		x.pass(50 * time.Millisecond)
		_, _ = x.in.Write([]byte("r"))
		x.pass(50 * time.Millisecond)
		x.says("has just changed")
		if len(e.commands()) != 0 {
			t.Errorf("asked for %v", e.commands())
		}
		x.pass(time.Second)
		x.press("r")
		if len(e.commands()) != 1 {
			t.Errorf("asked for %v, want a redrive", e.commands())
		}
	})
}

func TestTheDetailStaysWithItsLetter(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("j", "enter")
		done := letter(0, "https://erp.example.com/in")
		done.Phase, done.Due = retry.Done, time.Now()
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Letters = append(u.Letters, done) })
		x.pass(2 * time.Second)
		x.shows("5 DETAIL  " + id(0)[:8])
		x.press("r")
		x.says("cannot redrive: 1 delivered already")
		x.press("esc")
		x.pass(time.Second)
		x.shows("5 DETAIL  " + id(1)[:8])
	})
}
