package retry

import (
	"math/rand/v2"
	"time"
)

// Backoff spreads the attempts of a letter: exponential, with full jitter, as AWS describes it in
// "Exponential Backoff And Jitter": uniform over zero to min(cap, base · 2^n).
type Backoff struct{ Base, Cap time.Duration }

// Bound is the longest delay after n attempts had been made before the one that failed.
func (b Backoff) Bound(n int) time.Duration {
	if n < 0 {
		n = 0
	}
	if n >= 62 || b.Base > b.Cap>>n {
		return b.Cap
	}
	return b.Base << n
}

// Next draws the delay after n attempts had been made before the one that failed.
func (b Backoff) Next(n int, r *rand.Rand) time.Duration {
	return time.Duration(r.Int64N(int64(b.Bound(n)) + 1))
}
