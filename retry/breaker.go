package retry

import "time"

const (
	breakerFailures = 5           // failures in a row that open it; twice as many where most attempts have worked of late
	breakerShare    = 8           // an open one lets a probe through after this share of the backoff's base
	breakerLongest  = time.Minute // twice as long after each probe that failed, and never longer than this
)

// breaker keeps letters from an endpoint that fails all of them, or half of them. Open, it lets nothing through; then a
// single letter probes; one success closes it, and the lane ramps up again from one attempt at once, so
// that what has just come back is not flooded.
type breaker struct {
	state   BreakerState
	fails   int       // in a row
	recent  window    // since it was closed
	opened  int       // how often in a row a probe has failed
	until   time.Time // an open one lets a probe through then
	since   time.Time // since when it is in its state
	probing bool      // a half-open one's letter is in flight
	ramp    int       // attempts at once that are allowed while it ramps up; 0: no limit of its own
	round   int       // successes since ramp last grew: it doubles when every one of them has worked
}

// allows reports whether an attempt may begin: an open breaker whose time has come lets a probe through.
func (b *breaker) allows(now time.Time) bool {
	switch b.state {
	case Closed:
		return true
	case Open:
		return !now.Before(b.until)
	case HalfOpen:
		return !b.probing
	default:
		panic("bug: breaker in state " + string(b.state))
	}
}

// began is told of every attempt. The first one after an open breaker's time makes it half-open.
func (b *breaker) began(now time.Time) {
	if b.state == Open && b.allows(now) {
		b.moveTo(HalfOpen, now)
	}
	b.probing = b.state == HalfOpen
}

// learnedNothing is told when an attempt ended without a word from the endpoint.
func (b *breaker) learnedNothing() { b.probing = false }

// worked is told when the endpoint answered sensibly, again if the letter had failed before. It reports whether the
// state changed.
func (b *breaker) worked(now time.Time, again bool, limit int) bool {
	b.fails, b.probing = 0, false
	b.recent.add(now, false, again)
	if b.state != Closed {
		b.opened = 0
		b.slow()
		b.moveTo(Closed, now)
		return true
	}
	if b.round++; b.ramp > 0 && b.round >= b.ramp {
		b.ramp, b.round = 2*b.ramp, 0
		if b.ramp >= limit {
			b.ramp = 0
		}
	}
	return false
}

// failed is told when the endpoint failed, again if the letter had failed before; hung if it has not answered for a
// while, which nobody does by chance. It reports whether the state changed. The first probe comes soon: an endpoint
// that only stumbled should not make its letters wait.
func (b *breaker) failed(now time.Time, again, hung bool, base time.Duration) bool {
	b.fails++
	b.probing = false
	b.recent.add(now, true, again)
	if b.state == Open || b.state == Closed && !b.enough(hung) {
		return false // an attempt that was in flight when it opened says nothing new
	}
	b.until = now.Add(min(max(base/breakerShare, time.Millisecond)<<min(b.opened, 20), breakerLongest))
	b.opened++
	b.recent = window{}
	b.moveTo(Open, now)
	return true
}

// enough reports whether a closed one has seen enough to open. One attempt in ten that fails by chance makes five in a
// row once in a hundred thousand, which is every few minutes of a fast lane.
func (b *breaker) enough(hung bool) bool {
	most := breakerFailures
	if b.recent.good() && !hung {
		most *= 2
	}
	return b.fails >= most || b.recent.bad()
}

// slow begins the ramp anew.
func (b *breaker) slow() { b.ramp, b.round = 1, 0 }

func (b *breaker) moveTo(s BreakerState, now time.Time) { b.state, b.since = s, now }
