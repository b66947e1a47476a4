package retry

import (
	"net/http"
	"strconv"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// restFor is how long a lane rests whose first letter needs a longer lease, while so many are being extended already.
const restFor = 50 * time.Millisecond

// makeReady puts a letter that is due into its lane, unless somebody holds it, a command will say when its turn comes,
// or it is to be parked. A paused engine parks nothing by itself either: with other settings the letter may be sent.
func (e *Engine) makeReady(it *item) {
	switch {
	case it.parkAs != "" && e.paused:
		e.touch(it)
		return
	case it.parkAs != "":
		e.park(it, it.parkAs, it.parkWhy)
		return
	}
	if it.heldBy == "" && !it.kept() {
		it.enter(it.lane.ready)
		e.consider(it.lane)
	}
	e.touch(it)
}

// consider puts a lane in line for a slot if it can use one, or to sleep until it can.
func (e *Engine) consider(l *lane) {
	if l.ready.len() == 0 || e.paused && !l.ready.first().forced || l.resting(e.now) {
		return
	}
	if l.queued() {
		e.line.hurry(l)
		return
	}
	if l.may(e.now) {
		e.line.join(l)
		return
	}
	if l.learned.at(e.now) > 0 && l.inFlight >= l.limit() && !l.tokenAt(e.now).After(e.now) && l.learned.idle() {
		e.unlearned(l)
	}
	if at, spaced := l.mayAt(e.now); !at.IsZero() { // else the end of an attempt considers it again
		l.spaced = spaced
		e.sleep(l, at)
	}
}

func (e *Engine) sleep(l *lane, until time.Time) {
	if l.waking >= 0 {
		e.sleeping.remove(l.waking)
	}
	l.wakeAt = until
	e.sleeping.push(l)
}

// dispatch begins attempts while there are slots.
func (e *Engine) dispatch() {
	for !e.stopping && e.flying < e.cfg.Concurrency {
		l := e.line.next(e.cfg.Concurrency)
		if l == nil {
			return
		}
		e.line.leave(l)
		was := l.breaker.state
		if it := e.take(l); it != nil {
			e.attempt(it)
		}
		if l.breaker.state != was {
			e.breakerMoved(l)
		}
		e.consider(l)
	}
}

// take takes the lane's first letter out, if it may be attempted under a lease that outlasts the attempt.
// One whose lease does not goes to have it extended, and comes back.
func (e *Engine) take(l *lane) *item {
	for l.ready.len() > 0 && (!e.paused || l.ready.first().forced) && l.may(e.now) {
		it := l.ready.first()
		if it.leased(e.now, e.needs(it)) {
			it.leave()
			return it
		}
		if !it.extending && e.extending >= extendsMost {
			l.restUntil = e.now.Add(restFor)
			e.sleep(l, l.restUntil)
			return nil
		}
		it.leave()
		e.extend(it, leaseReady+e.needs(it))
	}
	return nil
}

// attempted decides what an attempt means.
func (e *Engine) attempted(it *item, r delivery.Result) {
	l := it.lane
	if it.to != "" {
		e.attemptedElsewhere(it, r)
		return
	}
	if r.Cancelled {
		l.breaker.learnedNothing()
		e.moveTo(it, idle)
		e.makeReady(it)
		return
	}
	e.counters.Attempts++
	l.answered(e.now, r)
	switch r.Outcome {
	case delivery.Delivered:
		e.succeed(it, r)
	case delivery.Retry:
		e.fail(it, r)
		e.again(it, r)
	case delivery.Unauthorized:
		e.refuse(it, r, deadletter.Unauthorized)
	case delivery.Rejected:
		e.refuse(it, r, deadletter.Rejected)
	}
}

// succeed ends a letter that the endpoint took.
func (e *Engine) succeed(it *item, r delivery.Result) {
	it.lane.delivered++
	e.alerts.over(subject{AlertUnauthorized, it.lane.endpoint})
	e.deliveries.add(e.now, 1)
	e.answeredWell(it.lane, it.letter.RetryCount > 0)
	e.emit(Delivered{at(e.now), it.letter.ID, it.url, r.Status, r.Latency, it.letter.RetryCount})
	e.finishJobs(it, Result{ID: it.letter.ID, Did: DidDeliver, Note: statusText(r)})
	e.end(it)
}

// fail keeps the failure of an attempt: the letter's copy with the attempt in it, and the lane's figures.
func (e *Engine) fail(it *item, r delivery.Result) {
	failed := it.letter.Clone()
	failed.AddAttempt(r.Attempt())
	it.letter, it.unsaved = failed, true
	e.countFailure(it.lane)
	e.emit(Failed{at(e.now), failed.ID, it.url, r.Status, r.Latency, failed.RetryCount, r.Error})
	e.finishJobs(it, Result{ID: failed.ID, Did: DidFail, Note: statusText(r)})
}

func (e *Engine) countFailure(l *lane) {
	l.failed++
	e.counters.Failures++
	e.failures.add(e.now, 1)
}

// again schedules another attempt by replacing the letter's message, or parks a letter that has had them all.
func (e *Engine) again(it *item, r delivery.Result) {
	e.heedFailure(it.lane, r, it.letter.RetryCount > 1)
	if it.letter.RetryCount >= e.cfg.MaxRetries {
		e.park(it, deadletter.Exhausted, "")
		return
	}
	wait := e.backoff.Next(it.letter.RetryCount-1, e.cfg.Rand)
	next := e.now.Add(wait)
	if r.NotBefore.After(next) {
		next = r.NotBefore.Add(e.backoff.Next(0, e.cfg.Rand)) // not all of them in the same moment
	}
	it.letter.NextAttemptAt = next.UTC().Round(0).Truncate(time.Millisecond).Add(time.Millisecond)
	it.due, it.waitSince, it.why = it.letter.NextAttemptAt, e.now, waitOf(it.letter)
	e.emit(Scheduled{at(e.now), it.letter.ID, it.url, it.letter.RetryCount, it.letter.NextAttemptAt, it.due.Sub(e.now)})
	e.replace(it)
}

// heedFailure takes what a failure means for its lane, again if the letter had failed before.
func (e *Engine) heedFailure(l *lane, r delivery.Result, again bool) {
	l.failedAt = e.now
	if r.NotBefore.After(l.notBefore) {
		l.notBefore = r.NotBefore
		e.reclaimAll(l)
		e.touchReady(l)
	}
	switch {
	case r.Status == http.StatusTooManyRequests && l.breaker.state == Closed:
		e.throttled(l, r, again)
	case r.NotBefore.IsZero() || l.breaker.state != Closed:
		e.answeredBadly(l, again)
	}
}

// throttled slows a lane down whose endpoint answers 429 again and again. Only where that has not helped, the answer
// counts as a failure.
func (e *Engine) throttled(l *lane, r delivery.Result, again bool) {
	knew := l.learned.at(e.now) > 0
	if !l.learned.refused(e.now, r.At, l.tempo.perSecond(e.now), l.notBefore.Sub(e.now)) {
		return
	}
	l.bucket = bucket{at: e.now}
	e.reclaimAll(l)
	if !knew {
		e.cfg.Logger.Info("the endpoint answers 429: slowed down", "endpoint", l.endpoint, "per_second", l.learned.rate)
	}
	if r.NotBefore.IsZero() {
		e.answeredBadly(l, again)
	}
}

// unlearned tells that a lane is no longer slowed down.
func (e *Engine) unlearned(l *lane) {
	e.cfg.Logger.Info("the endpoint takes all again: at full speed", "endpoint", l.endpoint)
}

// refuse parks a letter that the endpoint, or our own guard, will never take.
func (e *Engine) refuse(it *item, r delivery.Result, reason deadletter.ParkReason) {
	if r.Status == 0 { // our own guard: no connection was made, so it was no attempt
		e.counters.Attempts--
		it.lane.breaker.learnedNothing()
		e.finishJobs(it, Result{ID: it.letter.ID, Did: DidFail, Note: r.Error})
		e.parkBecause(it, reason, r.Error)
		return
	}
	e.fail(it, r)
	e.answeredWell(it.lane, it.letter.RetryCount > 1) // it answers, only not as we would like
	if reason == deadletter.Unauthorized {
		e.unauthorized(it, r.Status)
	}
	e.park(it, reason, "")
}

// parkBecause parks a letter with an error that was not an attempt's.
func (e *Engine) parkBecause(it *item, reason deadletter.ParkReason, why string) {
	refused := it.letter.Clone()
	refused.Error = why
	it.letter = refused
	e.park(it, reason, "")
}

func (e *Engine) answeredWell(l *lane, again bool) {
	l.learned.took()
	if l.breaker.worked(e.now, again, l.bounds.atOnce) {
		l.learned.restart(e.now)
		e.breakerMoved(l)
	}
}

// answeredBadly counts a failure. Where the breaker is open now, what operators redrive to the endpoint is left.
func (e *Engine) answeredBadly(l *lane, again bool) {
	if l.breaker.failed(e.now, again, l.silence > 0, e.cfg.BackoffBase) {
		e.breakerMoved(l)
	}
	if l.breaker.state == Open {
		e.leaveToBreaker(l)
	}
}

func (e *Engine) breakerMoved(l *lane) {
	ev := BreakerMoved{At: at(e.now), Endpoint: l.endpoint, State: l.breaker.state}
	switch {
	case l.breaker.state == Closed:
		l.downSince = time.Time{}
	case l.downSince.IsZero():
		l.downSince = e.now
	}
	if l.breaker.state == Open {
		ev.Until = l.breaker.until
		e.reclaimAll(l)
	}
	e.emit(ev)
	e.outage(l)
	e.touchReady(l)
}

func statusText(r delivery.Result) string {
	if r.Error != "" {
		return r.Error
	}
	return strconv.Itoa(r.Status)
}
