package ui_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// anHour lets time pass in which an outage comes and goes.
func anHour(x *terminal, e *engine) {
	for n := range 360 {
		e.tell(func(_ *retry.Update, s *retry.Status) {
			wave := math.Sin(float64(n) / 57)
			s.Depth = deadletter.Depth{Visible: int(600 + 580*wave), InFlight: 120, Parked: n / 20}
			s.DepthAt = time.Now()
			s.Counters.Taken += int64(30 + 25*wave)
			s.Counters.Delivered += int64(30 - 25*wave)
		})
		x.pass(10 * time.Second)
	}
}

func TestQueuesZoomed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.status.Where, e.status.Requests = "eu-west-1", deadletter.Requests{Sent: 900, ADay: 14_321}
		x := open(t, config(e), 60, 15)
		defer x.close()
		x.press("1", "z")
		anHour(x, e)
		for _, size := range []struct{ w, h int }{{60, 15}, {80, 24}, {120, 40}, {200, 50}} {
			x.resize(size.w, size.h)
			x.shows("1h ago", "peak 1,299", "≈14k requests a day", "oldest 1h")
			x.whole()
			x.golden(fmt.Sprintf("queues_%dx%d", size.w, size.h))
		}
	})
}

func TestADepthThatHardlyChangesDoesNotLookDrained(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		for _, n := range []int{30, 29} {
			for range 16 {
				x.pass(5 * time.Second)
				e.tell(func(_ *retry.Update, s *retry.Status) {
					s.Depth, s.DepthAt = deadletter.Depth{Visible: n}, time.Now()
				})
			}
		}
		x.pass(2 * time.Second)
		x.shows("queue       29 ", "▇▇▇▇▇ 5m")
	})
}

func TestASparklineSaysHowLongItIsAndLeavesGaps(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		read := func() {
			e.tell(func(_ *retry.Update, s *retry.Status) { s.DepthAt = time.Now() })
		}
		for range 20 {
			read()
			x.pass(10 * time.Second) // what is read every ten seconds has no gaps
		}
		x.shows("███ 5m")
		x.hides("█ █")
		x.pass(10 * time.Minute) // nobody reads it
		read()
		x.pass(5 * time.Second)
		x.shows("██      █ 15m", "in 3.9/s · out 3.2/s")
		for range 300 {
			read()
			x.pass(10 * time.Second)
		}
		x.shows("█ 1h")
	})
}

func TestQueuesTellWhetherRatesRiseAndTheQueueGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		x := open(t, config(e), 200, 50)
		defer x.close()
		depth := 100
		for n := range 40 {
			e.tell(func(_ *retry.Update, s *retry.Status) {
				in := int64(10)
				if n > 33 {
					in, s.PerSecond.Received = 50, 10
				}
				depth += int(in) - 10
				s.Counters.Taken, s.Counters.Delivered = s.Counters.Taken+in, s.Counters.Delivered+10
				s.Depth, s.DepthAt = deadletter.Depth{Visible: depth}, time.Now()
			})
			x.pass(5 * time.Second)
			if n == 33 {
				x.shows("in 3.9/s · out 3.2/s")
				x.hides("+8.0/s")
			}
		}
		x.shows("in 10/s ↑ · out 3.2/s", "5m  +8.0/s")
	})
}

func TestWhatTheQueueCostsIsSaidOnlyWhereItCosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.status.Requests = deadletter.Requests{Sent: 9, ADay: 86_400}
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.hides("req/day")
		for aDay, words := range map[float64]string{940: "≈940", 1_440: "≈1.4k", 34_560: "≈35k", 123_456: "≈120k", 2_345_678: "≈2.3M"} {
			e.tell(func(_ *retry.Update, s *retry.Status) { s.Where, s.Requests.ADay = "eu-west-1", aDay })
			x.pass(time.Second)
			x.shows("─ " + words + " req/day ─")
		}
		e.tell(func(_ *retry.Update, s *retry.Status) { s.Requests.ADay = 0 })
		x.pass(time.Second)
		x.hides("req/day")
	})
}

func TestTheOldestLetterIsSaid(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.shows("oldest 11m · ends in 13d 0h")
		e.tell(func(u *retry.Update, s *retry.Status) { u.Gone, s.DepthAt = []string{id(10)}, time.Now() })
		x.pass(6 * time.Second)
		e.tell(func(_ *retry.Update, s *retry.Status) { s.DepthAt = time.Now() })
		x.pass(time.Second)
		x.shows("oldest 10m · ends in")
		older := letter(20, "https://crm.example.com")
		older.Letter.Timestamp = time.Now().Add(-3 * time.Hour)
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Letters = []retry.Entry{older} })
		x.pass(time.Second) // no sample: what has just come is told at once
		x.shows("oldest 3h · ends in")
		x.resize(60, 15)
		x.shows("QUEUES  33 in queue", "· ends in 12d 23h")
	})
}

// How much is in the queue may be unknown, as where nobody may read that.
func TestTheOldestLetterIsLookedForWhereTheDepthIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.status.DepthAt = time.Time{}
		older := letter(20, "https://crm.example.com")
		older.Letter.Timestamp = time.Now().Add(-3 * time.Hour)
		e.entries[older.Letter.ID] = older
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.shows("oldest 3h")
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Gone = []string{older.Letter.ID} })
		x.pass(time.Minute)
		x.shows("oldest 12m")
	})
}

func TestChartsCostTheLineLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(parked(letter(1, "https://erp.example.com/in"), "exhausted"))
		e.status.Endpoints = nil
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.press("1", "z")
		anHour(x, e)
		for _, c := range []struct {
			when string
			most int // bytes a minute
		}{{"an hour of mountains moves on", 9000}, {"nothing has happened for an hour", 150}} {
			x.writtenSince()
			for n := range 360 {
				e.tell(func(_ *retry.Update, s *retry.Status) { s.DepthAt = time.Now() })
				x.pass(10 * time.Second)
				if n == 59 {
					if got := x.writtenSince() / 10; got > c.most {
						t.Errorf("while %s, a minute wrote %d bytes, want at most %d", c.when, got, c.most)
					} else {
						t.Logf("%s: %d bytes a minute", c.when, got)
					}
				}
			}
		}
	})
}

func TestTheZoomedQueuesAreWholeAtEverySize(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		x.press("1", "z")
		for n := range 30 {
			e.tell(func(_ *retry.Update, s *retry.Status) {
				s.Depth, s.DepthAt = deadletter.Depth{Visible: n * 1_000_000, InFlight: 123_456_789}, time.Now()
			})
			x.pass(10 * time.Second)
		}
		for h := 15; h < 40; h++ {
			x.resize(60+3*h, h)
			x.whole()
			if strings.Contains(x.text(), "peak") != (h >= 15) {
				t.Errorf("no charts at height %d", h)
			}
		}
	})
}
