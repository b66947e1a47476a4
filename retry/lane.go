package retry

import (
	"time"

	"rehook/retry/delivery"
)

// lane is what one endpoint gets: its due letters in order, so many attempts at once, so many a second, and a breaker.
type lane struct {
	endpoint  string // scheme, host and port
	ready     *heap[*item]
	bounds    bounds
	breaker   breaker
	bucket    bucket
	learned   learned
	notBefore time.Time // the endpoint asked for quiet until then
	failedAt  time.Time // when it last failed to take a letter
	downSince time.Time // its breaker has not been closed since; zero: it is
	slots     []*slot   // that attempts are in flight in
	inFlight  int
	letters   int // in the inventory, whatever their state

	lined     int    // place in the line for a slot, -1: it does not stand there
	linedAs   repute // the part of the line that it stands in
	turn      int64  // its number there
	waking    int    // place in the heap of lanes that wait for a moment, -1: it does not
	wakeAt    time.Time
	spaced    bool      // it waits for its rate
	tookAt    time.Time // when an attempt last took a token
	restUntil time.Time // nothing can be done for its letters until then

	known   bool  // the endpoint has answered
	silence int   // attempts in a row that have ended without an answer, after a while
	tempo   tempo // of deliveries

	delivered, failed int64
	lastStatus        int
	lastError         string
	latency           time.Duration // exponentially weighted: a fifth of it is the last answer
	latencies         *latencies    // nil until it has answered
}

// bounds are what a lane never goes beyond.
type bounds struct {
	rate   float64 // attempts a second; 0: as many as there are slots for
	atOnce int
	by     string // who has set them; "": the configuration
}

const (
	newcomerSlots = 2           // attempts at once to an endpoint that has only just answered for the first time
	hungAfter     = time.Second // an attempt that ends later than this without an answer has held its slot for nothing
	flowsUnder    = 250 * time.Millisecond
	slowFrom      = time.Second // an endpoint that takes as long, on average, is slow
	silentAfter   = 2           // of those in a row make an endpoint silent that has answered before
)

func newLane(endpoint string, now time.Time, b bounds) *lane {
	return &lane{
		endpoint: endpoint, bounds: b, ready: newReady(), lined: -1, waking: -1,
		breaker: breaker{state: Closed, since: now, ramp: newcomerSlots},
	}
}

// queued reports whether the lane stands in line for a slot.
func (l *lane) queued() bool { return l.lined >= 0 }

// resting reports whether the lane waits for something other than its endpoint.
func (l *lane) resting(now time.Time) bool { return l.restUntil.After(now) }

// repute is what the endpoint is known for.
func (l *lane) repute() repute {
	switch {
	case l.silence >= silentAfter, l.silence > 0 && !l.known:
		return silent
	case !l.known:
		return unknown
	case l.latency >= slowFrom:
		return slow
	}
	return answering
}

// limit is how many attempts may be in flight at once: one where it is not known that the endpoint answers, since one
// that hangs has no more of what all lanes share.
func (l *lane) limit() int {
	switch {
	case l.breaker.state != Closed, !l.known, l.repute() == silent:
		return 1
	case l.breaker.ramp > 0:
		return min(l.breaker.ramp, l.bounds.atOnce)
	}
	return l.bounds.atOnce
}

// rate is how many attempts may begin a second, 0: as many as there are slots for.
func (l *lane) rate(now time.Time) float64 {
	learned := l.learned.at(now)
	if learned == 0 || l.bounds.rate > 0 && l.bounds.rate < learned {
		return l.bounds.rate
	}
	return learned
}

// blockedUntil is the moment before which nothing may be attempted; zero if there is none.
func (l *lane) blockedUntil(now time.Time) time.Time {
	var until time.Time
	if l.breaker.state == Open {
		until = l.breaker.until
	}
	if l.notBefore.After(until) {
		until = l.notBefore
	}
	if !until.After(now) {
		return time.Time{}
	}
	return until
}

// tokenAt is when the rate lets the next attempt begin.
func (l *lane) tokenAt(now time.Time) time.Time { return l.bucket.nextAt(now, l.rate(now)) }

// flows reports whether nothing but its slots holds the lane's letters up, and these are free again so soon that no other
// lane minds when one goes on with another letter.
func (l *lane) flows(now time.Time) bool {
	return l.latency < flowsUnder && l.breaker.state == Closed && l.breaker.ramp == 0 && !l.notBefore.After(now) && l.rate(now) == 0
}

// probes reports whether the lane's first letter passes a closed door: an operator's does, as a deliberate probe,
// alone.
func (l *lane) probes(now time.Time) bool {
	first := l.ready.first()
	return first.forced && l.inFlight == 0 && !l.hushes(first, now)
}

// hushes reports whether the endpoint wants quiet, and has failed since the operator asked for a letter's attempt: what
// it said to the first of a thousand letters holds for the others.
func (l *lane) hushes(it *item, now time.Time) bool {
	return it.forced && l.notBefore.After(now) && it.askedAt.Before(l.failedAt)
}

// may reports whether the lane's first letter may be attempted.
func (l *lane) may(now time.Time) bool {
	switch open := l.blockedUntil(now).IsZero() && l.breaker.allows(now); {
	case l.tokenAt(now).After(now):
		return false
	case !open:
		return l.probes(now)
	}
	return l.inFlight < l.limit()
}

// mayAt is the moment that the lane waits for; zero if it waits for something else. It says too whether that is its
// rate alone.
func (l *lane) mayAt(now time.Time) (at time.Time, spaced bool) {
	if !l.probes(now) {
		at = l.blockedUntil(now)
	}
	door := at
	if token := l.tokenAt(now); token.After(now) && token.After(at) && l.inFlight < l.limit() {
		at = token
	}
	return at, !at.IsZero() && door.IsZero()
}

// began is told of every attempt. It reports whether the endpoint's own limit turns out to be gone.
func (l *lane) began(now time.Time) (lifted bool) {
	l.breaker.began(now)
	rate := l.rate(now)
	if rate == 0 {
		return false
	}
	l.bucket.take(now, rate)
	if l.spaced && rate == l.learned.rate {
		lifted = l.learned.waited(now.Sub(later(l.tookAt, l.learned.fellAt)))
	}
	l.spaced, l.tookAt = false, now
	return lifted
}

// answered keeps the figures of an attempt.
func (l *lane) answered(now time.Time, r delivery.Result) {
	l.lastStatus, l.lastError = r.Status, r.Error
	if r.Outcome == delivery.Delivered {
		l.tempo.add(now)
	}
	if r.Status == 0 { // no answer tells nothing of how fast it answers
		l.unanswered(r.Latency)
		return
	}
	l.known, l.silence = true, 0
	if l.latencies == nil {
		l.latencies = &latencies{}
	}
	l.latencies.add(r.Latency)
	if l.latency == 0 {
		l.latency = r.Latency
		return
	}
	l.latency += (r.Latency - l.latency) / 5
}

// unanswered tells an endpoint that hangs from one that refuses at once. One that hangs ramps up when it answers again.
func (l *lane) unanswered(after time.Duration) {
	if after < hungAfter {
		l.silence = 0
		return
	}
	if l.silence++; l.repute() == silent {
		l.breaker.slow()
	}
}

// forcedLetters are the ready letters that an operator wants attempted now.
func (l *lane) forcedLetters() []*item {
	var forced []*item
	for it := range l.ready.all() {
		if it.forced {
			forced = append(forced, it)
		}
	}
	return forced
}
