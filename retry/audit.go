package retry

import (
	"fmt"
	"time"

	"rehook/retry/record"
)

// Audit is the log of what operators ask of the engine. [record.Audit] is one.
type Audit interface {
	Add(a record.Act) error
}

// act is a line of the audit log. The ids are those of its beginning; the job joins its end to them.
func (j *job) act(phase string) record.Act {
	a := record.Act{At: time.Now(), By: j.by, Verb: j.verb, Why: j.why, Job: j.id, Phase: phase, Detail: j.detail}
	if phase == record.Begun {
		a.IDs = j.ids
		return a
	}
	a.Done, a.Failed, a.Skipped = j.counts[countDone], j.counts[countFailed], j.counts[countSkipped]
	a.Detail = nil
	switch {
	case j.err != nil:
		a.Detail = map[string]string{"error": j.err.Error()}
	case j.stopped != "":
		a.Detail = map[string]string{"stopped": j.stopped}
	}
	return a
}

// audit writes a line, and tells of it where that fails.
func (e *Engine) audit(a record.Act) {
	if e.cfg.Audit == nil {
		return
	}
	if err := e.cfg.Audit.Add(a); err != nil {
		e.tell(func() { e.trouble("a command is not in the audit log", err) })
	}
}

// auditFirst writes down what a command is about to do. Where that fails the command is carried out all the same, in the
// middle of the night, unless it destroys something: what was deleted or edited must be known later.
func (e *Engine) auditFirst(j *job, c Command) error {
	if e.cfg.Audit == nil {
		return nil
	}
	err := e.cfg.Audit.Add(j.act(record.Begun))
	if err == nil {
		return nil
	}
	switch c.(type) {
	case Delete, Edit:
		return fmt.Errorf("%s: %w: it could not be written to the audit log first, so nothing was done: %w", j.verb, ErrRefused, err)
	default:
		e.tell(func() { e.trouble("a command is not in the audit log", err) })
		return nil
	}
}

// auditUnended writes down what became of the commands that an engine which has stopped did not end.
func (e *Engine) auditUnended() {
	for _, j := range e.jobs {
		a := j.act(record.Ended) // and no more: whoever watches may still read what the loop has left
		a.Detail = map[string]string{"stopped": "the engine stopped first"}
		a.Skipped += len(j.pending)
		e.audit(a)
	}
}
