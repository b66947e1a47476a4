package ui

import (
	"testing"
	"testing/synctest"
	"time"
)

// slow takes its time for what is written.
type slow time.Duration

func (s slow) Write(p []byte) (int, error) {
	<-time.After(time.Duration(s))
	return len(p), nil
}

// While a slow line takes one picture nothing is looked for, and the next may have been made: it must not wait for the look
// that comes anyway. Within a program a write holds a lock, for which a bubble's time would not pass.
func TestALookFollowsASlowWriteAndNoFastOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Hour)
		defer ticker.Stop()
		m := New(Config{})
		m.pulse = &pulse{ticker: func() *time.Ticker { return ticker }}
		defer m.pulse.stop()
		looked := func() (after time.Duration) {
			since := time.Now()
			select {
			case <-ticker.C:
			case <-time.After(lookAnyway / 2):
			}
			return time.Since(since)
		}
		for _, w := range []struct {
			takes time.Duration
			looks bool
		}{{0, false}, {time.Millisecond, false}, {30 * time.Millisecond, true}, {time.Minute, true}} {
			if _, err := m.Watch(slow(w.takes)).Write([]byte("a picture")); err != nil {
				t.Fatal(err)
			}
			if after := looked(); (after <= drawIn) != w.looks {
				t.Errorf("after a write of %v the first look came after %v", w.takes, after)
			}
			<-time.After(time.Second) // it comes to rest
		}
	})
}
