package retry

import "time"

// lane is what one endpoint gets: its due letters in order, so many attempts at once, and a breaker.
type lane struct {
	endpoint  string // scheme, host and port
	ready     *heap[*item]
	breaker   breaker
	notBefore time.Time // the endpoint asked for quiet until then
	slots     []*slot   // that attempts are in flight in
	inFlight  int
	letters   int  // in the inventory, whatever their state
	queued    bool // stands in line for a slot
	waking    int  // place in the heap of lanes that wait for a moment, -1: it does not
	wakeAt    time.Time
	restUntil time.Time // nothing can be done for its letters until then

	delivered, failed int64
	lastStatus        int
	lastError         string
	latency           time.Duration // exponentially weighted: a fifth of it is the last answer
}

// newcomerSlots is how many attempts an endpoint gets at once before it has answered any: one that hangs has no more
// of what all lanes share. It has them all after a few answers.
const newcomerSlots = 2

func newLane(endpoint string, now time.Time) *lane {
	return &lane{endpoint: endpoint, ready: newItemHeap(byTurn), waking: -1, breaker: breaker{state: Closed, since: now, ramp: newcomerSlots}}
}

// resting reports whether the lane waits for something other than its endpoint.
func (l *lane) resting(now time.Time) bool { return l.restUntil.After(now) }

// limit is how many attempts may be in flight at once.
func (l *lane) limit(perEndpoint int) int {
	if l.breaker.state != Closed {
		return 1
	}
	if l.breaker.ramp > 0 {
		return min(l.breaker.ramp, perEndpoint)
	}
	return perEndpoint
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

// flows reports whether nothing but its slots holds the lane's letters up.
func (l *lane) flows(now time.Time) bool {
	return l.breaker.state == Closed && l.breaker.ramp == 0 && !l.notBefore.After(now)
}

// may reports whether the lane's first letter may be attempted. An operator's letter passes a closed door, as
// a deliberate probe: alone.
func (l *lane) may(now time.Time, perEndpoint int) bool {
	open := l.blockedUntil(now).IsZero() && l.breaker.allows(now)
	if !open {
		return l.ready.first().forced && l.inFlight == 0
	}
	return l.inFlight < l.limit(perEndpoint)
}

// answered keeps the figures of an attempt.
func (l *lane) answered(status int, errText string, latency time.Duration) {
	l.lastStatus, l.lastError = status, errText
	if status == 0 {
		return // no answer tells nothing of how fast it answers
	}
	if l.latency == 0 {
		l.latency = latency
		return
	}
	l.latency += (latency - l.latency) / 5
}

// forcedLetters are the ready letters that an operator wants attempted now.
func (l *lane) forcedLetters() []*item {
	var forced []*item
	for _, it := range l.ready.items {
		if it.forced {
			forced = append(forced, it)
		}
	}
	return forced
}
