package ui_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

// A fuzzer's byte is a key, a size or an update. None of them may tear the picture.
func FuzzThePictureIsWhole(f *testing.F) {
	f.Add([]byte("\x00\x05\x10\x20\x30\x40\x50\x60"))
	f.Add([]byte("jjj\tr\r?zaq/"))
	f.Add([]byte{0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0, 0xff, 0x81, 0x9f})
	var every []byte
	for n := range uint8(255) {
		every = append(every, n)
	}
	for steps := range slices.Chunk(append(every, 255), 32) { // every key, size and update once
		f.Add(steps)
	}
	f.Fuzz(func(t *testing.T, steps []byte) {
		t.Chdir(t.TempDir()) // for exports
		synctest.Test(t, func(t *testing.T) {
			e := newEngine(append(some(), hostile()...)...)
			e.status.Counters.InFlight = 1 // so that it asks before it is quit
			e.do, e.plan = answers, planFor
			x := open(t, fuzzed(e), 80, 24)
			defer x.close()
			x.whole()
			for i, step := range steps[:min(len(steps), 40)] {
				x.step(e, i, step)
				x.whole()
			}
		})
	})
}

func fuzzed(e *engine) ui.Config {
	cfg := config(e)
	cfg.OwnsEngine = true
	return cfg
}

// fuzzKeys are what a byte types: keys of the panes and of every dialog. Whether to quit is asked, and not answered.
var fuzzKeys = [][]string{
	{"j"},
	{"k"},
	{"g"},
	{"G"},
	{"ctrl+d"},
	{"ctrl+u"},
	{"tab"},
	{"shift+tab"},
	{"1"},
	{"2"},
	{"3"},
	{"4"},
	{"5"},
	{"6"},
	{"z"},
	{"enter"},
	{"esc"},
	{"space"},
	{"v"},
	{"a"},
	{"r"},
	{"R"},
	{"p"},
	{"h"},
	{"x"},
	{"s"},
	{"S"},
	{"t"},
	{"/"},
	{"n"},
	{"N"},
	{"m"},
	{"y"},
	{"Y"},
	{"P"},
	{"?"},
	{"w"},
	{"right"},
	{"left"},
	{"J"},
	{"c"},
	{"0"},
	{"7"},
	{"世"},
	{"e\u0301"},
	{"backspace"},
	{"e"},
	{"E"},
	{":"},
	{"!"},
	{"H"},
	{"u"},
	{"o"},
	{"f"},
	{"i"},
	{"b"},
	{"l"},
	{"d"},
	{"D"},
	{"A"},
	{"M"},
	{"T"},
	{"W"},
	{".", "."},
	{"-"},
	{"*"},
	{"blur"},
	{"focus"},
	{"ctrl+z"},
	{"a", "r"},
	{"a", "R"},
	{"a", "x"},
	{"a", "p", "enter"},
	{"a", "x", "1", "2"},
	{"5", "/"},
	{"4", "/"},
	{"4", "t"},
	{"w", "a", "r", "enter"},
	{"a", "r", "enter"},
	{"J", "enter"},
	{"up"},
	{"down"},
}

func (x *terminal) step(e *engine, i int, step byte) {
	x.t.Helper()
	switch {
	case step == 0x7f:
		x.press("q")
		x.whole()
		x.press("esc")
	case step >= 0x78 && step < 0x7f:
		x.gesture(i, step)
	case step < 0x78:
		x.press(fuzzKeys[int(step)%len(fuzzKeys)]...)
	case step < 0xc0: // from 20x5 to 250x70
		x.resize(20+(int(step-0x80)*37+i*11)%231, 5+(int(step-0x80)*17+i*7)%66)
	default:
		x.happens(e, i, step)
		x.pass(time.Second)
	}
}

// gesture is what is no key: a paste of something hostile, a click, the wheel.
func (x *terminal) gesture(i int, step byte) {
	at := tea.Mouse{X: i * 13 % x.width, Y: (i*7 + int(step)) % x.height, Button: tea.MouseLeft}
	switch step % 4 {
	case 0:
		all := hostilities()
		x.program.Send(tea.PasteMsg{Content: all[(i*5+int(step))%len(all)].text})
	case 1:
		x.program.Send(tea.MouseClickMsg(at))
	case 2:
		at.Button = tea.MouseWheelDown
		x.program.Send(tea.MouseWheelMsg(at))
	case 3:
		at.Button = tea.MouseWheelUp
		x.program.Send(tea.MouseWheelMsg(at))
	}
	x.pass(300 * time.Millisecond)
}

// happens has the engine tell of something: every kind of event, letters in every phase, links that break.
func (x *terminal) happens(e *engine, i int, step byte) {
	all := hostilities()
	bad := all[(i*3+int(step))%len(all)].text
	l := letter(100+i, "https://erp.example.com/in")
	if step >= 0xe0 {
		l = letter(100+i, "https://"+bad+"/"+bad)
		l.Cause = bad
	}
	e.tell(func(u *retry.Update, s *retry.Status) {
		switch step % 16 {
		case 0:
			u.Letters = append(u.Letters, l)
		case 1:
			u.Gone = append(u.Gone, id(i%12))
		case 2:
			u.Letters = append(u.Letters, parked(l, deadletter.Rejected))
		case 3:
			l.Phase = retry.Done
			u.Letters = append(u.Letters, l)
			u.Stream = append(u.Stream, retry.Delivered{At: retry.At{Time: time.Now()}, ID: l.Letter.ID, Status: 200})
		case 4:
			s.LinkDown, s.LinkError, s.LinkHint = !s.LinkDown, "no such host"+bad, "check the network"
		case 5:
			u.Reset, u.Letters = true, hostile()
		case 6:
			u.Stream = append(u.Stream, everyEvent(bad)...)
		case 7:
			waits := []retry.Wait{retry.ForBackoff, retry.ForRetryAfter, retry.ForBreaker, retry.ForTurn, retry.ForRelease, retry.ForResume, retry.ForCommand, retry.ForParking, retry.Wait(bad)}
			l.Wait = waits[i%len(waits)]
			u.Letters = append(u.Letters, l)
		case 8:
			l.Phase = []retry.Phase{retry.InFlight, retry.Settling, retry.InParked, retry.Phase(bad)}[i%4]
			u.Letters = append(u.Letters, l)
		case 9:
			s.Paused, s.PausedBy = !s.Paused, bad
		case 10:
			s.Jobs = []retry.Job{
				{ID: "1", Verb: bad, By: bad, Total: 20_000, Left: 12_345, Failed: i, Step: retry.NextTen, Rate: 5},
				{ID: "2", Verb: "redrive", By: "anna", Total: 3, Done: 3, Ended: time.Now(), Stopped: bad},
			}
		case 11:
			s.Causes = []retry.Cause{{Key: bad, Endpoint: bad, Reason: bad, Shape: bad, Waiting: 3, First: time.Now(), Last: time.Now()}, {}}
		case 12:
			s.Endpoints = append(s.Endpoints, retry.Endpoint{Endpoint: bad, State: retry.BreakerState(bad), LastError: bad, Waiting: 1 << 30, Rate: 1e9, Learned: i%2 == 0})
		case 13:
			s.Depth, s.DepthAt = deadletter.Depth{Visible: 1 << 40, InFlight: -1, Parked: i}, time.Now()
		case 14:
			u.Missed, s.Queue, s.Where, s.FirstExpiry = 1<<20, bad, bad, time.Now().Add(-time.Hour)
		case 15:
			e.refuses, e.ended = nil, nil
			if i%2 == 0 {
				e.refuses, e.ended = errors.New("no engine"+bad), retry.ErrStopped
			}
		}
	})
}

func everyEvent(text string) []retry.Event {
	at := retry.At{Time: time.Now()}
	return []retry.Event{
		retry.Captured{At: at, ID: text, Endpoint: text},
		retry.Received{At: at, ID: text, Endpoint: text},
		retry.Scheduled{At: at, ID: text, Backoff: time.Hour},
		retry.Attempting{At: at, ID: text},
		retry.Delivered{At: at, ID: text, Endpoint: text, Status: 200},
		retry.Failed{At: at, ID: text, Endpoint: text, Error: text},
		retry.Parked{At: at, ID: text, Reason: deadletter.ParkReason(text)},
		retry.Released{At: at, ID: text, By: text},
		retry.Deleted{At: at, ID: text, By: text},
		retry.Edited{At: at, ID: text, By: text},
		retry.Held{At: at, ID: text, By: text},
		retry.LeaseLost{At: at, ID: text},
		retry.BreakerMoved{At: at, Endpoint: text, State: retry.Open, Until: time.Now().Add(time.Minute)},
		retry.DepthRead{At: at, Queue: text},
		retry.Trouble{At: at, Message: text, Hint: text},
		retry.Alert{At: at, Kind: retry.AlertKind(text), Endpoint: text, Message: text, Hint: text},
	}
}

// answers does to every second letter what it is asked to.
func answers(_ context.Context, c retry.Command) ([]retry.Result, error) {
	all := hostilities()
	results := []retry.Result{}
	for n := range 30 {
		results = append(results, retry.Result{ID: id(n), Did: []retry.Did{retry.DidDeliver, retry.DidFail, retry.DidSkip}[n%3], Note: all[n].text})
	}
	if fmt.Sprintf("%T", c) == "retry.Pause" {
		return nil, errors.New(all[12].text)
	}
	return results, nil
}

func planFor(context.Context, retry.Command) (retry.Plan, error) {
	all := hostilities()
	p := retry.Plan{Verb: "redrive", Letters: 12, Unknown: 3, Takes: time.Hour}
	for n := range 12 {
		p.Endpoints = append(p.Endpoints, retry.Planned{Letters: n, Endpoint: retry.Endpoint{Endpoint: "https://" + all[n].text, State: retry.Open, Limit: 8}})
		p.Cannot = append(p.Cannot, retry.Reason{Why: all[2*n].text, Letters: n})
	}
	return p, nil
}
