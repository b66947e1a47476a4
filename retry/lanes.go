package retry

import (
	"cmp"
	"slices"
	"time"
)

const (
	lanesMost   = 1000             // lanes without a letter that are kept for what they know of their endpoint
	rememberFor = 10 * time.Minute // how long it is of use that a breaker was open, after its time has come
)

// join gives a letter its lane.
func (e *Engine) join(it *item, endpoint string) {
	l := e.lanes[endpoint]
	if l == nil {
		e.forgetLanes()
		l = newLane(endpoint, e.now, e.bounds())
		e.lanes[endpoint] = l
	}
	it.lane = l
	l.letters++
}

// bounds are those of the configuration.
func (e *Engine) bounds() bounds {
	return bounds{rate: e.cfg.PerEndpointRate, atOnce: e.cfg.PerEndpoint}
}

// quit takes a letter out of its lane's account.
func (e *Engine) quit(it *item) {
	if it.lane != nil {
		it.lane.letters--
		it.lane = nil
	}
}

// forgetLanes drops lanes without a letter when there are many, so that letters to ever new endpoints cost no memory:
// those that know nothing of use, and of the others those whose knowledge ends soonest, as far as they are too many.
// What an operator has set is kept. It looks again when there are twice as many as it left, so a lane costs it little.
func (e *Engine) forgetLanes() {
	if len(e.lanes) < max(lanesMost, 2*e.lanesLeft) {
		return
	}
	var useful []*lane
	for _, l := range e.lanes {
		switch {
		case l.letters > 0 || l.queued() || l.bounds.by != "":
		case l.knowsUntil(e.now).After(e.now):
			useful = append(useful, l)
		default:
			e.forget(l)
		}
	}
	if more := len(useful) - lanesMost/2; more > 0 {
		slices.SortFunc(useful, func(a, b *lane) int {
			return cmp.Or(a.knowsUntil(e.now).Compare(b.knowsUntil(e.now)), cmp.Compare(a.endpoint, b.endpoint))
		})
		for _, l := range useful[:more] {
			e.forget(l)
		}
	}
	e.lanesLeft = len(e.lanes)
}

func (e *Engine) forget(l *lane) {
	if l.waking >= 0 {
		e.sleeping.remove(l.waking)
	}
	delete(e.lanes, l.endpoint)
}

// knowsUntil is how long it is of use what the lane knows of its endpoint; a moment that is past if it is of none.
func (l *lane) knowsUntil(now time.Time) time.Time {
	until := l.notBefore
	if l.breaker.state != Closed {
		until = later(until, l.breaker.until.Add(rememberFor))
	}
	if l.learned.at(now) > 0 {
		until = later(until, l.learned.fellAt.Add(learnedFor))
	}
	return until
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
