package delivery

import (
	"net/http"
	"time"

	"rehook/retry/deadletter"
)

// excerptBytes is how much of an answer a letter keeps.
const excerptBytes = 256

// Result is what became of one attempt.
type Result struct {
	At        time.Time     // when it began
	Outcome   Outcome       // what it means
	Status    int           // of the answer, 0 if there was none
	Header    http.Header   // of the answer, nil if there was none
	Body      []byte        // of the answer, at most [Request.KeepBody] bytes of it; nil unless asked for
	Excerpt   string        // the first 256 bytes of the answer, as valid UTF-8; as hostile as its sender
	Error     string        // why it was not delivered, in words: "connection refused", "503 Service Unavailable"
	Latency   time.Duration // until the answer's headers, or until it was given up
	NotBefore time.Time     // the endpoint asked for quiet until then, for all its letters; zero: it did not
	Cancelled bool          // the caller's context ended before an answer came: this says nothing of the endpoint
}

// Attempt is the result as a letter keeps it.
func (r Result) Attempt() deadletter.Attempt {
	a := deadletter.Attempt{At: r.At, Status: r.Status, Latency: r.Latency, Error: r.Error, Response: r.Excerpt}
	if !r.NotBefore.IsZero() {
		a.RetryAfter = r.NotBefore.Sub(r.At.Add(r.Latency))
	}
	return a
}
