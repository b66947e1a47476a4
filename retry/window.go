package retry

import (
	"math"
	"time"
)

const (
	windowFor   = 30 * time.Second // an attempt's weight falls to a third in this time,
	windowMost  = 100              // or with as many attempts: in a fast lane, a moment tells enough
	windowLeast = 20               // fewer say nothing
	windowAgain = 5                // of letters that had failed before
)

// window is how attempts at an endpoint have gone of late, each counting for less the longer it is ago.
//
// An endpoint that fails every letter once, and then takes it, fails half of all attempts and is well; one that never
// takes some letter, and takes all others at once, fails whatever is tried again and is well too. Only one that fails
// half of both is not.
type window struct {
	at             time.Time
	tried, failed  float64
	again, failing float64 // the same of letters that had failed before
}

func (w *window) add(now time.Time, failed, again bool) {
	keep := math.Exp(-now.Sub(w.at).Seconds() / windowFor.Seconds())
	keep = min(keep, windowMost/(w.tried+1))
	w.at = now
	for _, c := range []struct {
		count *float64
		hit   bool
	}{{&w.tried, true}, {&w.failed, failed}, {&w.again, again}, {&w.failing, again && failed}} {
		*c.count *= keep
		if c.hit {
			*c.count++
		}
	}
}

// bad reports whether half of all attempts failed, and half of those at letters that had failed before.
func (w *window) bad() bool {
	return w.tried >= windowLeast && w.failed >= w.tried/2 && w.again >= windowAgain && w.failing >= w.again/2
}

// good reports whether more attempts worked than failed.
func (w *window) good() bool { return w.tried >= windowLeast && w.failed < w.tried/2 }
