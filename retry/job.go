package retry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/record"
)

const (
	jobsMost    = 100       // commands over letters that are under way at once
	jobsShown   = 20        // ended commands that can still be asked about,
	jobsFor     = time.Hour // for so long,
	resultsMost = 20_000    // with so many results in all: the oldest command's go first
)

// Job is a command over letters, as every screen sees it: under way, or ended lately. It lives in the engine's memory:
// a restart forgets it, and leaves the letters as they are.
type Job struct {
	ID      string
	Verb    string
	By, Why string
	To      string  // of a redrive to another endpoint, as it may be shown
	Rate    float64 // letters that begin a second; 0: no bound but the lanes'

	Began, Ended time.Time // Ended is zero while it is under way

	Total                       int // letters that were asked for: the sum of the next four
	Done, Failed, Skipped, Left int

	Step    Step   // of a canary
	Stopped string // why it ended before all was done: cancelled by whom, too many failures; "": it did not
}

// Step is how far a redrive with a canary has come.
type Step string

// The steps of a canary.
const (
	NoCanary Step = ""
	FirstOne Step = "one"  // a single letter
	NextTen  Step = "ten"  // ten more
	TheRest  Step = "rest" // all others
)

// job is a command under way: the letters that it still waits for, and what became of the others.
type job struct {
	order
	engine         *Engine
	id             string
	to, toEndpoint string  // where a redrive sends its letters, if not to their own endpoint, and the lane of that
	rate           float64 // of a redrive
	began          time.Time
	over           time.Time
	pending        map[string]struct{}
	results        []Result
	counts         [3]int // results by what they count as
	pace           *pace  // of a redrive that does not begin all its letters at once
	edited         bool   // the letter has been changed: what became of its redrive is still to come
	stopped        string
	err            error         // why it was not begun
	ended          chan struct{} // closed once results, err and what was written of it are final

	mu      sync.Mutex          // guards dropped, taken
	dropped bool                // what has not begun is to be left
	taken   map[string]struct{} // parked letters that have been begun with
}

// take begins with a parked letter, unless what has not begun is to be left.
func (j *job) take(id string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.dropped {
		j.taken[id] = struct{}{}
	}
	return !j.dropped
}

// drop has those who look for letters among the parked begin with no others.
func (j *job) drop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.dropped = true
}

func (j *job) isDropped() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.dropped
}

func (j *job) hasTaken(id string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, taken := j.taken[id]
	return taken
}

// What a result counts as.
const (
	countDone = iota
	countFailed
	countSkipped
)

func newJob(e *Engine, o order) *job {
	seen := make(map[string]struct{}, len(o.ids))
	ids := make([]string, 0, len(o.ids))
	for _, id := range o.ids {
		if _, twice := seen[id]; !twice {
			seen[id] = struct{}{}
			ids = append(ids, id)
		}
	}
	o.ids = ids
	return &job{
		order: o, engine: e, id: strings.ToLower(rand.Text()[:10]), pending: seen, taken: map[string]struct{}{}, ended: make(chan struct{}),
	}
}

// finish answers for one letter: once, whatever happens to it later.
func (j *job) finish(r Result) {
	if _, ok := j.pending[r.ID]; !ok {
		return
	}
	delete(j.pending, r.ID)
	if j.edited && r.Did == DidSkip {
		r.Did, r.Note = DidEdit, "edited, and not attempted yet: "+r.Note
	}
	if j.pace != nil {
		j.pace.ended(r)
	}
	j.results = append(j.results, r)
	j.counts[j.countsAs(r.Did)]++
	j.engine.nudgeAll()
	j.endIfDone()
}

func (j *job) countsAs(did Did) int {
	switch {
	case did == DidFail:
		return countFailed
	case did == DidSkip, j.verb == "redrive" && did != DidDeliver:
		return countSkipped
	default:
		return countDone
	}
}

// finishAll ends the command for all letters that it still waits for.
func (j *job) finishAll(result func(id string) Result) {
	for id := range j.pending {
		j.finish(result(id))
	}
	j.endIfDone()
}

// endIfDone ends a command that waits for nothing any more.
func (j *job) endIfDone() {
	e := j.engine
	if len(j.pending) > 0 || !j.over.IsZero() {
		return
	}
	j.over = e.now
	e.jobs = slices.DeleteFunc(e.jobs, func(other *job) bool { return other == j })
	if len(j.ids) > 0 && j.err == nil {
		e.keepEnded(j)
	}
	e.nudgeAll()
	close(j.ended)
	act := j.act(record.Ended)
	e.start(func(context.Context) { e.audit(act) })
}

// keepEnded remembers a command that has ended, and forgets what is too much.
func (e *Engine) keepEnded(j *job) {
	e.past = append(e.past, j)
	if n := len(e.past) - jobsShown; n > 0 {
		e.past = slices.Delete(e.past, 0, n)
	}
	held := 0
	for _, old := range slices.Backward(e.past) {
		if held += len(old.results); held > resultsMost && old != j {
			old.results = nil
		}
	}
}

// jobsNow are the commands under way, then those that ended lately, the latest first.
func (e *Engine) jobsNow() []Job {
	e.past = slices.DeleteFunc(e.past, func(j *job) bool { return e.now.Sub(j.over) > jobsFor })
	all := make([]Job, 0, len(e.jobs)+len(e.past))
	for _, j := range e.jobs {
		all = append(all, j.view())
	}
	for _, j := range slices.Backward(e.past) {
		all = append(all, j.view())
	}
	return all
}

func (j *job) view() Job {
	v := Job{
		ID: j.id, Verb: j.verb, By: j.by, Why: j.why, Rate: j.rate, Began: j.began, Ended: j.over,
		Total: len(j.ids), Done: j.counts[countDone], Failed: j.counts[countFailed], Skipped: j.counts[countSkipped],
		Left: len(j.pending), Stopped: j.stopped,
	}
	if j.to != "" {
		v.To = deadletter.MaskURL(j.to)
	}
	if j.pace != nil {
		v.Step = j.pace.step
	}
	return v
}

// Results are what a command has come to so far, letter by letter, in the order in which it happened. The error wraps
// [ErrRefused] if the engine knows no such command, or not its results any more.
func (e *Engine) Results(ctx context.Context, jobID string) ([]Result, error) {
	type known struct {
		results []Result
		err     error
	}
	k, err := ask(ctx, e, func() known {
		for _, j := range slices.Concat(e.jobs, e.past) {
			if j.id != jobID {
				continue
			}
			if j.results == nil && len(j.pending) < len(j.ids) {
				return known{err: fmt.Errorf("the results of %q: %w: it ended too long ago", jobID, ErrRefused)}
			}
			return known{results: slices.Clone(j.results)}
		}
		return known{err: fmt.Errorf("the results of %q: %w: no such command is known", jobID, ErrRefused)}
	})
	return k.results, errors.Join(k.err, err)
}

// finishJobs tells the commands that wait for a letter what became of it.
func (e *Engine) finishJobs(it *item, r Result) {
	jobs := it.jobs
	it.jobs = nil
	for _, j := range jobs {
		j.finish(r)
	}
}

// cancelJob ends a command at an operator's wish: what has begun is seen to its end.
func (e *Engine) cancelJob(c Cancel) error {
	for _, j := range e.jobs {
		if j.id == c.Job {
			e.cfg.Logger.Info("cancelled", "job", j.id, "verb", j.verb, "by", c.By)
			e.leave(j, "cancelled by "+c.By)
			return nil
		}
	}
	return fmt.Errorf("cancel %q: %w: no such command is under way", c.Job, ErrRefused)
}

// leave takes back what a command has not begun, and lets the rest end.
func (e *Engine) leave(j *job, why string) {
	j.drop()
	if j.stopped == "" {
		j.stopped = why
	}
	for _, id := range j.ids {
		it := e.items[id]
		if _, waits := j.pending[id]; !waits || it == nil || !slices.Contains(it.jobs, j) {
			continue
		}
		e.reclaim(it)
		if it.state == inFlight || it.state == settling {
			continue
		}
		e.withdraw(j, it)
		j.finish(Result{ID: id, Did: DidSkip, Note: "left as it was: " + why})
	}
}

// withdraw takes a command back from a letter, which waits as it did unless another command wants it.
func (e *Engine) withdraw(j *job, it *item) {
	it.jobs = slices.DeleteFunc(it.jobs, func(other *job) bool { return other == j })
	if !it.wanted() {
		e.unforce(it)
	}
	if it.state == idle && it.in == nil && it.heldBy == "" && !it.extending && !it.kept() {
		e.place(it)
	}
}

// cancel takes back what has not begun, for somebody who does not wait for the rest.
func (e *Engine) cancel(j *job) {
	e.leave(j, "cancelled")
	j.finishAll(func(id string) Result { return Result{ID: id, Did: DidSkip, Note: e.howFar(j, id)} })
}

// howFar says how far a command that is cancelled had come with a letter.
func (e *Engine) howFar(j *job, id string) string {
	it := e.items[id]
	switch {
	case j.hasTaken(id):
		return "cancelled while the queue was being told: see what becomes of it"
	case it == nil:
		return "cancelled: left as it was"
	case it.state == inFlight:
		return "cancelled while it was being attempted: see what becomes of it"
	default:
		return "cancelled while the queue was being told: see what becomes of it"
	}
}

// unforce lets a letter wait again as it did before an operator wanted it attempted.
func (e *Engine) unforce(it *item) {
	if !it.forced {
		return
	}
	it.leave()
	it.forced = false
	e.bringHome(it)
	if it.state == idle && !it.extending {
		e.place(it)
	}
}
