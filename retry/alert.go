package retry

import (
	"fmt"
	"maps"
	"time"

	"rehook/retry/deadletter"
)

// AlertKind is what an alert is about.
type AlertKind string

// The kinds of alerts.
const (
	AlertUnauthorized AlertKind = "unauthorized" // an endpoint answers 401 or 403, and did not before
	AlertBreaker      AlertKind = "breaker_open" // an endpoint's outage has begun
	AlertExpiring     AlertKind = "expiring"     // the queue will soon drop a letter, and it was not replaced
)

// AlertKinds are all of them.
func AlertKinds() []AlertKind { return []AlertKind{AlertUnauthorized, AlertBreaker, AlertExpiring} }

const (
	alertEvery    = time.Minute    // the same alert at most so often, though it was over meanwhile
	expiringEvery = 24 * time.Hour // and this one
	alertsMinute  = 20             // of all together; those held back come when what they are about shows again
	alertsMost    = 2000           // remembered
	expiryLook    = time.Minute    // how often the oldest letters are looked at
)

// subject is what alerts are told once about: an endpoint, or a queue.
type subject struct {
	kind AlertKind
	of   string
}

// alerted is when an alert was told, and whether what it is about still lasts.
type alerted struct {
	at    time.Time
	lasts bool
}

// alerts are those that were told.
type alerts struct {
	told   map[subject]alerted
	minute time.Time // when the minute began that count is of
	count  int
	lookAt time.Time // at the oldest letters
}

// raise reports whether an alert is to be told: once as long as what it is about lasts, and seldom enough.
func (a *alerts) raise(s subject, now time.Time) bool {
	every := alertEvery
	if s.kind == AlertExpiring {
		every = expiringEvery
	}
	if was, ok := a.told[s]; ok && (was.lasts || now.Sub(was.at) < every) {
		return false
	}
	if now.Sub(a.minute) >= time.Minute {
		a.minute, a.count = now, 0
	}
	if a.count == alertsMinute {
		return false
	}
	a.count++
	a.forget(now)
	a.told[s] = alerted{now, s.kind != AlertExpiring}
	return true
}

// forget makes room: for ever new endpoints it drops what is over, and if need be what lasts.
func (a *alerts) forget(now time.Time) {
	if len(a.told) >= alertsMost {
		maps.DeleteFunc(a.told, func(_ subject, was alerted) bool { return !was.lasts && now.Sub(was.at) >= expiringEvery })
	}
	for s := range a.told {
		if len(a.told) < alertsMost {
			return
		}
		delete(a.told, s)
	}
}

// over is told when what an alert was about has ended.
func (a *alerts) over(s subject) {
	if was, ok := a.told[s]; ok {
		was.lasts = false
		a.told[s] = was
	}
}

// alert tells of something that a person should act on.
func (e *Engine) alert(of string, a Alert) {
	if e.alerts.raise(subject{a.Kind, of}, e.now) {
		a.At = at(e.now)
		e.emit(a)
	}
}

// unauthorized is told of every 401 and 403.
func (e *Engine) unauthorized(it *item, status int) {
	endpoint := it.lane.endpoint
	e.alert(endpoint, Alert{
		Kind: AlertUnauthorized, Endpoint: endpoint, ID: it.letter.ID,
		Message: fmt.Sprintf("%s answers %d: its letters are parked, because trying again will not help", endpoint, status),
		Hint:    "see to the credentials that it asks for, then release them",
	})
}

// outage is told whenever a breaker moves.
func (e *Engine) outage(l *lane) {
	switch l.breaker.state {
	case Closed:
		e.alerts.over(subject{AlertBreaker, l.endpoint})
	case Open:
		why := l.lastError
		if why == "" {
			why = fmt.Sprint(l.lastStatus)
		}
		e.alert(l.endpoint, Alert{
			Kind: AlertBreaker, Endpoint: l.endpoint,
			Message: fmt.Sprintf("%s fails, last with %q: its breaker is open, and its letters wait", l.endpoint, why),
			Hint:    "nothing is lost: it is probed, and delivered to again once it answers",
		})
	case HalfOpen:
	}
}

// watchExpiry tells of the oldest letter of each queue when it nears the end of the retention. Such a letter is replaced
// long before: that this one was not means that it could not be, or that no engine holds it.
func (e *Engine) watchExpiry() {
	if e.now.Before(e.alerts.lookAt) {
		return
	}
	e.alerts.lookAt = e.now.Add(expiryLook)
	e.nearsEnd(e.waitingEnds, e.cfg.Name, e.cfg.Queue.Retention(), "see why it was not replaced; redrive it, or keep a copy")
	e.nearsEnd(e.parkedEnds, e.cfg.ParkedName, e.cfg.Queue.ParkedRetention(), "release it, or keep a copy")
}

func (e *Engine) nearsEnd(ends *heap[*standing], queue string, retention time.Duration, hint string) {
	if ends.len() == 0 || retention == 0 {
		return
	}
	oldest := ends.first()
	left := oldest.expires.Sub(e.now)
	if left >= near(retention)/2 { // before, it is being replaced
		return
	}
	when := "any moment"
	if left > 0 {
		when = "in " + left.Round(time.Second).String()
	}
	e.alert(queue, Alert{
		Kind: AlertExpiring, Endpoint: deadletter.MaskURL(oldest.of.OriginalEndpoint), ID: oldest.of.ID,
		Message: fmt.Sprintf("the oldest letter of the queue %q expires %s: the queue drops it then", queue, when), Hint: hint,
	})
}
