package retry

import (
	"math"
	"time"
)

// bucketShare is the part of a second whose tokens a bucket can hold, so that a busy loop loses none of the rate. At
// less than as many attempts a second it holds one, and they are evenly spaced.
const bucketShare = 20

// almost is what floats may make of a token that is there at the moment that was computed for it.
const almost = 1e-6

// bucket is a token bucket: an attempt takes a token, and rate new ones come a second. Its zero value is full. The
// rate is given each time, because what an endpoint lets through changes.
type bucket struct {
	tokens float64
	at     time.Time // when they were counted
}

// nextAt is when there is a token: now, if there is one.
func (b *bucket) nextAt(now time.Time, rate float64) time.Time {
	b.fill(now, rate)
	if rate == 0 || b.tokens >= 1-almost {
		return now
	}
	wait := min((1-b.tokens)/rate, time.Hour.Seconds()) // it is asked again then
	return now.Add(time.Duration(math.Ceil(wait * float64(time.Second))))
}

// take takes a token.
func (b *bucket) take(now time.Time, rate float64) {
	b.fill(now, rate)
	b.tokens = max(b.tokens-1, 0)
}

func (b *bucket) fill(now time.Time, rate float64) {
	if b.at.IsZero() {
		b.tokens = bucketHolds(rate)
	}
	b.tokens = min(b.tokens+now.Sub(b.at).Seconds()*rate, bucketHolds(rate))
	b.at = now
}

func bucketHolds(rate float64) float64 { return max(1, rate/bucketShare) }
