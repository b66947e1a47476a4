package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// drawn is how long after a moment each frame since then was written, in order.
func (x *terminal) drawn(since time.Time) (all []time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, at := range x.wrote {
		if !at.Before(since) {
			all = append(all, at.Sub(since))
		}
	}
	return all
}

// The library of these programs would look once a second by itself. It fails with one that no longer does so by a ticker.
func TestAKeyIsDrawnAtOnceOnAScreenAtRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(steady()), 120, 40, tea.WithFPS(1))
		defer x.close()
		for n := range 40 {
			x.pass(time.Duration(7*n) * time.Millisecond) // at any time of a frame
			typed := time.Now()
			x.press([]string{"j", "k"}[n%2])
			if all := x.drawn(typed); len(all) == 0 || all[0] > 2*time.Millisecond {
				t.Errorf("key %d: drawn after %v", n, all)
			}
		}
	})
}

func TestAFloodIsDrawnABoundedNumberOfTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(steady()), 120, 40, tea.WithFPS(1))
		defer x.close()
		began := time.Now()
		for range 1000 {
			x.program.Send(tea.KeyPressMsg{Code: 'j'})
			x.pass(time.Millisecond)
		}
		x.pass(100 * time.Millisecond)
		if n := len(x.drawn(began)); n < 60 || n > 125 {
			t.Errorf("drawn %d times in a second of a thousand keys", n)
		}
	})
}
