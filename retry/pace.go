package retry

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	canaryTen    = 10
	canaryWindow = 50                     // of the rest, the share of failures is that of the last so many
	canaryJudged = 20                     // once there are so many
	canaryShare  = 5                      // a step stops the redrive when more than a fifth of it has failed
	paceSlack    = 100 * time.Millisecond // what a busy loop may make up for
)

// pace begins the letters of a redrive one after the other. Those whose turn has not come are kept from being attempted
// on their own: a rate would be none, and a canary would be no canary.
type pace struct {
	waiting []string            // in their order
	unbegun map[string]struct{} // those of waiting that still wait
	going   map[string]struct{} // begun, and not ended

	every time.Duration // between two; 0: no rate
	next  time.Time     // not before

	step   Step
	tried  int    // of the step: delivered or failed
	failed int    // of those
	why    string // the last of them did
	last   []bool // of the rest: whether the latest have failed, at most canaryWindow of them
}

func newPace(c Redrive, now time.Time) *pace {
	p := &pace{unbegun: map[string]struct{}{}, going: map[string]struct{}{}, next: now}
	if c.Rate > 0 {
		p.every = max(1, time.Duration(math.Round(float64(time.Second)/c.Rate)))
	}
	if c.Canary {
		p.step = FirstOne
	}
	return p
}

// keep has a letter wait for its turn in a command.
func (e *Engine) keep(j *job, it *item) {
	j.pace.waiting = append(j.pace.waiting, it.letter.ID)
	j.pace.unbegun[it.letter.ID] = struct{}{}
	if it.in != nil && it.in != e.schedule && !it.forced {
		it.leave()
	}
	e.touch(it)
}

// kept reports whether the letter waits for its turn in a command, and for nothing else.
func (it *item) kept() bool { return len(it.jobs) > 0 && !it.forced && !it.wanted() }

// wanted reports whether a command wants the letter attempted now.
func (it *item) wanted() bool {
	return slices.ContainsFunc(it.jobs, func(j *job) bool {
		if j.pace == nil {
			return true
		}
		_, waits := j.pace.unbegun[it.letter.ID]
		return !waits
	})
}

// spread has the letters take turns by endpoint, so that the first few tell of as many endpoints as they can.
func (p *pace) spread(e *Engine) {
	turns := map[string]int{}
	turn := make(map[string]int, len(p.waiting))
	for _, id := range p.waiting {
		to := e.items[id].lane.endpoint
		turn[id] = turns[to]
		turns[to]++
	}
	slices.SortStableFunc(p.waiting, func(a, b string) int { return turn[a] - turn[b] })
}

// ended takes note of a letter's end.
func (p *pace) ended(r Result) {
	delete(p.unbegun, r.ID)
	if _, ours := p.going[r.ID]; !ours {
		return
	}
	delete(p.going, r.ID)
	if r.Did != DidDeliver && r.Did != DidFail {
		return // nothing was learned of the endpoint
	}
	bad := r.Did == DidFail
	p.tried++
	if bad {
		p.failed++
		p.why = r.Note
	}
	if p.step == TheRest {
		p.last = append(p.last, bad)
		p.last = p.last[max(0, len(p.last)-canaryWindow):]
	}
}

// verdict says why the redrive is to stop; "" if it is not.
func (p *pace) verdict() string {
	switch p.step {
	case FirstOne:
		if p.failed > 0 {
			return "the first letter failed: " + p.why
		}
	case NextTen:
		if p.failed*canaryShare > canaryTen {
			return fmt.Sprintf("%d of the next ten letters failed, the last with %s", p.failed, p.why)
		}
	case TheRest:
		failed := 0
		for _, bad := range p.last {
			if bad {
				failed++
			}
		}
		if len(p.last) >= canaryJudged && failed*canaryShare > len(p.last) {
			return fmt.Sprintf("%d of the last %d letters failed, the last with %s", failed, len(p.last), p.why)
		}
	case NoCanary:
	}
	return ""
}

// nextStep goes on to the next step of a canary once all of the present one has ended. A letter of which nothing was
// learned is none of its letters.
func (p *pace) nextStep() {
	if p.step == NoCanary || p.step == TheRest || p.tried < p.stepOf() {
		return
	}
	p.tried, p.failed = 0, 0
	if p.step == FirstOne {
		p.step = NextTen
	} else {
		p.step = TheRest
	}
}

// stepOf is how many letters the present step has.
func (p *pace) stepOf() int {
	switch p.step {
	case FirstOne:
		return 1
	case NextTen:
		return canaryTen
	case NoCanary, TheRest:
	}
	return math.MaxInt
}

// mayBegin reports whether another letter may begin.
func (p *pace) mayBegin(now time.Time) bool {
	return len(p.unbegun) > 0 && !now.Before(p.next) && p.tried+len(p.going) < p.stepOf()
}

// took counts a letter that begins now.
func (p *pace) took(now time.Time) {
	if p.every == 0 {
		return
	}
	if earliest := now.Add(-paceSlack); p.next.Before(earliest) {
		p.next = earliest
	}
	p.next = p.next.Add(p.every)
}

// runPaced lets every paced command begin what it may.
func (e *Engine) runPaced() {
	if e.stopping {
		return
	}
	for _, j := range slices.Clone(e.jobs) {
		if j.pace != nil && !j.isDropped() {
			e.advance(j)
		}
	}
}

func (e *Engine) advance(j *job) {
	p := j.pace
	if why := p.verdict(); why != "" {
		e.leave(j, why)
		return
	}
	p.nextStep()
	for p.mayBegin(e.now) {
		if p.every > 0 && e.backedUp(p) {
			p.next = e.now.Add(p.every)
			return
		}
		id := p.waiting[0]
		p.waiting = p.waiting[1:]
		if _, waits := p.unbegun[id]; !waits {
			continue // something else has ended it
		}
		p.took(e.now)
		delete(p.unbegun, id)
		p.going[id] = struct{}{}
		it := e.items[id]
		e.reclaim(it)
		e.attemptNow(j, it)
	}
}

// backedUp reports whether a second's worth of letters wait for their lanes: more would make a burst of what is to be
// even, as soon as those let them through.
func (e *Engine) backedUp(p *pace) bool {
	most, waiting := max(1, int(time.Second/p.every)), 0
	for id := range p.going {
		if it := e.items[id]; it != nil && it.forced && it.state == idle {
			waiting++
		}
	}
	return waiting >= most
}

// nextPaced is when the next letter of a paced command is to begin; zero: nothing waits for a moment. What might have
// begun already waits for an answer.
func (e *Engine) nextPaced() time.Time {
	var next time.Time
	for _, j := range e.jobs {
		if p := j.pace; p != nil && len(p.unbegun) > 0 && p.next.After(e.now) && (next.IsZero() || p.next.Before(next)) {
			next = p.next
		}
	}
	return next
}

// leaveUnbegun leaves the letters that a paced command has not begun to send to a lane.
func (e *Engine) leaveUnbegun(j *job, l *lane, note string) {
	for _, id := range slices.Clone(j.pace.waiting) {
		it := e.items[id]
		if _, waits := j.pace.unbegun[id]; !waits || j.to == "" && it.lane != l || j.to != "" && j.toEndpoint != l.endpoint {
			continue
		}
		e.stopped([]*job{j}, l)
		delete(j.pace.unbegun, id)
		e.withdraw(j, it)
		j.finish(Result{ID: id, Did: DidSkip, Note: note})
	}
}
