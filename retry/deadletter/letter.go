// Package deadletter is the letter that everything in rehook is about: a webhook whose endpoint failed,
// as it travels in the body of a queue message.
//
// A [Letter] is read with [Decode] and written with [Letter.Encode]. Two promises are kept through any
// number of rewrites: the payload's bytes are the very bytes that were captured (its signature would no
// longer verify otherwise), and a field that this package does not know survives.
//
// The package is the root of the dependency graph: standard library only, no I/O and no clock.
package deadletter

import (
	"slices"
	"strings"
	"time"
)

// KeptAttempts is how many of its latest attempts a letter carries.
const KeptAttempts = 10

// Letter is one failed webhook. A letter that has been handed on is never changed: take a [Letter.Clone].
type Letter struct {
	ID               string      // UUID, the same through every rewrite
	Timestamp        time.Time   // when the webhook first failed
	OriginalEndpoint string      // the URL that failed; empty for a body that names none
	ErrorCode        int         // HTTP status of the last failure, 0 if there was no response
	Payload          []byte      // the exact bytes to send again
	RetryCount       int         // attempts made from the queue so far
	Headers          Headers     // the headers to send again
	PayloadRef       *PayloadRef // where the payload is, when it was too large for the queue
	Error            string      // why the last attempt failed
	NextAttemptAt    time.Time   // not before; zero: at once
	Attempts         []Attempt   // the last [KeptAttempts], oldest first
	Source           string      // where it came from when not from our listener: "bare", "eventbridge", …
	Parked           *Parked     // why and when it was parked; nil: it is not
	Edited           *Edited     // what an operator made it of; nil: nobody has changed it
	extra            []rawField  // fields that we do not know, in their order
}

// Headers are HTTP headers, name to values, with names as they were captured.
type Headers map[string][]string

// PayloadRef is a claim check: the payload lies in an object store, not in the letter.
type PayloadRef struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // hex, of the payload
}

// Attempt is one delivery that was tried and failed.
type Attempt struct {
	At         time.Time     // when it began
	Status     int           // HTTP status, 0 if there was no response
	Latency    time.Duration // until the answer, or until it was given up
	Error      string        // what went wrong, in words
	Response   string        // the first 256 bytes of the answer
	RetryAfter time.Duration // what the endpoint asked for, 0: nothing
}

// Parked says that a letter waits for a person.
type Parked struct {
	At     time.Time
	Reason ParkReason
}

// KeptEdits is of how many payloads a letter says that it stands for them.
const KeptEdits = 10

// Edited says that an operator has changed a letter: it stands for the letters of its id that have one of these
// payloads, which the operator's engine has kept in its trash.
type Edited struct {
	At time.Time
	By string
	Of []string // SHA-256, hex, of the payloads that it stands for, oldest first
}

// Again is what a letter says of itself once it is changed, by whom and when, that had the payload of this SHA-256. A
// clock that is behind does not make it the older one. There need not have been a change before.
func (e *Edited) Again(of string, at time.Time, by string) *Edited {
	again := &Edited{At: at, By: by}
	if e != nil {
		if !at.After(e.At) {
			again.At = e.At.Add(time.Millisecond)
		}
		again.Of = slices.DeleteFunc(slices.Clone(e.Of), func(sum string) bool { return sum == of })
	}
	again.Of = append(again.Of, of)
	again.Of = again.Of[max(0, len(again.Of)-KeptEdits):]
	return again
}

// ParkReason is why a letter was parked.
type ParkReason string

// The reasons for parking, as they are written in the letter.
const (
	Exhausted    ParkReason = "exhausted"    // every attempt failed
	Unauthorized ParkReason = "unauthorized" // 401 or 403: it will not work until someone acts
	Rejected     ParkReason = "rejected"     // the endpoint, or our own guard, will never take it
	Unreadable   ParkReason = "unreadable"   // no letter could be made of the body
	ByOperator   ParkReason = "operator"     // somebody parked it by hand
)

// Lease is a letter that a queue has lent us: it is ours until Until, and the receipt deletes it, extends
// it or gives it back.
type Lease struct {
	Letter     *Letter
	MessageID  string               // the queue's own name for the message; a rewrite changes it
	Queue      string               // which queue lent it, in the words of the client that received it
	Receipt    string               // receipt handle of the latest receive
	Until      time.Time            // when the lease ends and the message can be received by others
	Receives   int                  // how often the message has been received
	SentAt     time.Time            // when the queue was given the message: retention counts from here
	Attributes map[string]Attribute // the message's own attributes, kept through every move
}

// Attribute is a message attribute of the queue.
type Attribute struct {
	Type   string // String, Number or Binary, perhaps with a label: "Number.int"
	String string // the value, unless the type is Binary
	Binary []byte
}

// Clone gives a copy whose own fields, attempts and headers map may be changed. Payload bytes are shared: they never change.
func (l *Letter) Clone() *Letter {
	c := *l
	c.Attempts = slices.Clone(l.Attempts)
	if l.Headers != nil {
		c.Headers = make(Headers, len(l.Headers))
		for k, v := range l.Headers {
			c.Headers[k] = slices.Clone(v)
		}
	}
	return &c
}

// PayloadElsewhere reports whether the letter only refers to its payload.
func (l *Letter) PayloadElsewhere() bool { return l.PayloadRef != nil && l.Payload == nil }

// PayloadBytes is how large the payload is, wherever it lies.
func (l *Letter) PayloadBytes() int {
	if l.PayloadElsewhere() {
		return int(max(0, l.PayloadRef.Size))
	}
	return len(l.Payload)
}

// AddAttempt appends a failed attempt, counts it, and keeps only the latest [KeptAttempts].
func (l *Letter) AddAttempt(a Attempt) {
	l.RetryCount++
	l.ErrorCode, l.Error = a.Status, a.Error
	l.Attempts = append(l.Attempts, a)
	if n := len(l.Attempts) - KeptAttempts; n > 0 {
		l.Attempts = slices.Delete(l.Attempts, 0, n)
	}
}

// Get gives the first value of a header, whatever the case of its name.
func (h Headers) Get(name string) string {
	for k, v := range h {
		if len(v) > 0 && strings.EqualFold(k, name) {
			return v[0]
		}
	}
	return ""
}
