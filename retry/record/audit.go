package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"rehook/retry/deadletter"
)

// auditKept is how many files of the audit log are kept when they are full: an act over 10,000 letters takes 400 kB.
const auditKept = 4

// Act is one line of the audit log: a command of an operator that begins or has ended.
type Act struct {
	At      time.Time // zero: now
	By      string    // who asked
	Verb    string    // redrive, park, …
	Why     string    // in the words of who asked
	IDs     []string  // the letters that it is about
	Job     string    // joins its end to its beginning
	Phase   string    // begun, ended
	Detail  map[string]string
	Done    int
	Failed  int
	Skipped int
}

// actJSON is an [Act] as it is written.
type actJSON struct {
	At      string            `json:"at"`
	By      string            `json:"by"`
	Verb    string            `json:"verb"`
	Phase   string            `json:"phase"`
	Job     string            `json:"job,omitempty"`
	Why     string            `json:"why,omitempty"`
	Detail  map[string]string `json:"detail,omitempty"`
	Done    *int              `json:"done,omitempty"`
	Failed  *int              `json:"failed,omitempty"`
	Skipped *int              `json:"skipped,omitempty"`
	IDs     []string          `json:"ids,omitempty"`
}

// The phases of an act.
const (
	Begun = "begun"
	Ended = "ended"
)

// Audit is the log of what operators have done: audit.ndjson in the state directory, and the files it was turned
// into. Its methods may be called from many goroutines.
type Audit struct{ journal *journal }

// OpenAudit opens the log of a state directory, and makes it where it is missing.
func OpenAudit(dir string) (*Audit, error) {
	j, err := openJournal(dir, &journal{name: "audit", kept: auditKept})
	if err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	return &Audit{j}, nil
}

// Add writes an act, and waits until it is on the disk: not for a loop that must go on. Secrets are the caller's to
// mask.
func (a *Audit) Add(act Act) error {
	if act.At.IsZero() {
		act.At = time.Now()
	}
	line := actJSON{
		At: act.At.UTC().Format("2006-01-02T15:04:05.000Z07:00"), By: act.By, Verb: act.Verb, Phase: act.Phase, Job: act.Job,
		Why: act.Why, Detail: act.Detail, IDs: act.IDs,
	}
	if act.Phase == Ended {
		line.Done, line.Failed, line.Skipped = &act.Done, &act.Failed, &act.Skipped
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(line)
	if err == nil {
		err = a.journal.add(deadletter.AppendVisible(nil, bytes.TrimSuffix(text.Bytes(), []byte("\n"))))
	}
	if err != nil {
		return fmt.Errorf("write to the audit log that %q asked for %q: %w", act.By, act.Verb, err)
	}
	return nil
}

// Close ends the writing. Closing twice is fine.
func (a *Audit) Close() error { return a.journal.close() }
