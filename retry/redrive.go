package retry

import (
	"slices"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// beginRedrive has letters attempted now, or sees that they wait for their turn.
func (e *Engine) beginRedrive(j *job, c Redrive) {
	j.to, j.rate = c.To, c.Rate
	j.toEndpoint, _ = delivery.EndpointOf(c.To) // it has been checked
	if c.Rate > 0 || c.Canary {
		j.pace = newPace(c, e.now)
	}
	e.each(j, func(it *item) {
		why := e.cannotRedrive(it, j.to)
		switch {
		case why != "":
			j.finish(Result{ID: it.letter.ID, Did: DidSkip, Note: why})
		case j.pace == nil || it.state == inFlight:
			it.jobs = append(it.jobs, j)
			e.attemptNow(j, it)
		default:
			it.jobs = append(it.jobs, j)
			e.keep(j, it)
		}
	})
	if c.Canary {
		j.pace.spread(e)
	}
}

// cannotRedrive says why a letter of the inventory is not attempted at an operator's wish.
func (e *Engine) cannotRedrive(it *item, to string) string {
	switch {
	case it.lane == nil:
		return "it cannot be sent: " + it.parkWhy
	case it.state == settling:
		return "its last attempt has only just ended"
	case it.state == inFlight && it.to != to:
		return "it is being attempted: try again in a moment"
	case it.forced && it.to != to, slices.ContainsFunc(it.jobs, func(j *job) bool { return j.to != to }):
		return "another command sends it elsewhere"
	}
	return ""
}

// attemptNow has a letter attempted as soon as its lane lets it, ahead of others.
func (e *Engine) attemptNow(j *job, it *item) {
	switch it.state {
	case idle:
		it.leave()
		e.letGo(it)
		it.forced, it.askedAt, it.parkAs = true, later(it.askedAt, j.began), ""
		e.sendElsewhere(it, j)
		e.makeReady(it)
	case returning:
		e.letGo(it)
		it.forced, it.askedAt = true, later(it.askedAt, j.began) // attempted as soon as the queue hands it out again
		e.sendElsewhere(it, j)
	case inFlight, onDeck, settling:
		// What comes of the attempt is the answer.
	}
}

// sendElsewhere has the next attempt of a letter go to another endpoint than its own, through that endpoint's lane.
func (e *Engine) sendElsewhere(it *item, j *job) {
	if j.to == "" || it.to == j.to {
		return
	}
	it.to, it.home = j.to, it.lane.endpoint
	e.quit(it)
	e.join(it, j.toEndpoint)
	it.url = deadletter.MaskURL(j.to)
}

// bringHome gives a letter its own endpoint again. It must be in no heap.
func (e *Engine) bringHome(it *item) {
	if it.to == "" {
		return
	}
	it.to = ""
	e.quit(it)
	e.join(it, it.home)
	it.url = deadletter.MaskURL(it.letter.OriginalEndpoint)
}

// outgoing is the letter as it is sent.
func (it *item) outgoing() *deadletter.Letter {
	if it.to == "" {
		return it.letter
	}
	l := it.letter.Clone()
	l.OriginalEndpoint = it.to
	return l
}

// destination is where the letter's next attempt goes.
func (it *item) destination() string {
	if it.to != "" {
		return it.to
	}
	return it.letter.OriginalEndpoint
}

// attemptedElsewhere decides what an attempt at another endpoint means: to its lane what any attempt means, to the
// letter nothing, unless it was taken. That endpoint's refusal says nothing of the letter's own, so it neither spends
// one of its attempts nor parks it.
func (e *Engine) attemptedElsewhere(it *item, r delivery.Result) {
	l := it.lane
	did := Result{ID: it.letter.ID, Did: DidFail, Note: statusText(r)}
	switch {
	case r.Cancelled:
		l.breaker.learnedNothing()
		did.Did = DidSkip
	case r.Outcome == delivery.Delivered:
		e.counters.Attempts++
		l.answered(e.now, r)
		e.succeed(it, r)
		return
	case r.Status == 0 && r.Outcome == delivery.Rejected: // our own guard: no connection was made
		l.breaker.learnedNothing()
	default:
		e.counters.Attempts++
		l.answered(e.now, r)
		e.countFailure(l)
		e.emit(Failed{at(e.now), it.letter.ID, it.url, r.Status, r.Latency, it.letter.RetryCount, r.Error})
		if again := it.letter.RetryCount > 0; r.Outcome == delivery.Retry {
			e.heedFailure(l, r, again)
		} else {
			e.answeredWell(l, again)
		}
	}
	e.finishJobs(it, did)
	e.moveTo(it, idle)
	e.bringHome(it)
	e.place(it)
	e.touch(it)
}

// leaveToBreaker leaves what operators redrive to an endpoint as it was, now that its breaker is open: each letter
// would only spend an attempt.
func (e *Engine) leaveToBreaker(l *lane) {
	const note = "the endpoint still fails and its breaker is open: left waiting"
	for _, it := range l.forcedLetters() {
		e.unforce(it)
		e.stopped(it.jobs, l)
		e.finishJobs(it, Result{ID: it.letter.ID, Did: DidSkip, Note: note})
	}
	for _, j := range slices.Clone(e.jobs) {
		if j.pace != nil {
			e.leaveUnbegun(j, l, note)
		}
	}
}

// stopped has commands say that a lane's letters were left.
func (e *Engine) stopped(jobs []*job, l *lane) {
	for _, j := range jobs {
		if j.stopped == "" {
			j.stopped = l.endpoint + " still fails, and its breaker is open"
		}
	}
}
