package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
)

// countdowns are twelve letters that wait for their backoff.
func countdowns() []retry.Entry {
	var all []retry.Entry
	for n := range 12 {
		e := letter(n, "https://erp.example.com/in")
		e.Due = time.Now().Add(time.Duration(70+10*n) * time.Second)
		all = append(all, e)
	}
	return all
}

func TestAMinuteOfTwelveCountdownsIsKilobytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(countdowns()...)
		e.status.Endpoints = nil
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.writtenSince()
		x.pass(time.Minute)
		if n := x.writtenSince(); n > 9000 {
			t.Errorf("a quiet minute wrote %d bytes, want at most 9,000", n)
		} else {
			t.Logf("%d bytes", n)
		}
	})
}

func TestAtRestNothingIsWrittenButTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(parked(letter(1, "https://erp.example.com/in"), "exhausted"))
		e.status.Endpoints = nil
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.pass(10 * time.Second)
		x.writtenSince()
		x.pass(10 * time.Minute)
		if n := x.writtenSince(); n > 1500 {
			t.Errorf("ten minutes in which nothing happens wrote %d bytes:\n%q", n, x.bytes())
		} else {
			t.Logf("%d bytes", n)
		}
	})
}

func TestTheFirstFrameIsSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 120, 40)
		defer x.close()
		if n := x.writtenSince(); n > 7500 {
			t.Errorf("the first frames wrote %d bytes, want at most 7,500", n)
		} else {
			t.Logf("%d bytes", n)
		}
	})
}

func TestHoldingAKeyCostsLittleARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(steady()), 120, 40) // of long addresses
		defer x.close()
		x.writtenSince()
		const rows = 60
		for range rows {
			_, _ = x.in.Write([]byte("j"))
			x.pass(40 * time.Millisecond)
		}
		if n := x.writtenSince() / rows; n > 300 {
			t.Errorf("a row cost %d bytes, want at most 300", n)
		} else {
			t.Logf("%d bytes", n)
		}
	})
}

func TestTypingACommandCostsLittleAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.status.Endpoints[0].Until = time.Time{} // nothing of it counts down
		x := open(t, config(e), 120, 40)
		defer x.close()
		x.press("j", "space")
		e.tell(func(u *retry.Update, _ *retry.Status) {
			for n := range 11 {
				u.Gone = append(u.Gone, id(n))
			}
		})
		x.pass(10 * time.Second)
		x.writtenSince()
		const line = ":redrive endpoint:crm --rate 5 --canary"
		for _, key := range line {
			x.press(string(key))
		}
		if n := x.writtenSince() / len(line); n > 150 {
			t.Errorf("a key cost %d bytes, want at most 150", n)
		} else {
			t.Logf("%d bytes", n)
		}
	})
}
