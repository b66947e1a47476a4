package delivery

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"rehook/retry/deadletter"
)

// Request is one POST of a webhook.
type Request struct {
	ID         string             // of the letter, sent as Idempotency-Key; "": none is sent
	URL        string             // of the endpoint, with its query
	Headers    deadletter.Headers // to send; what belongs to a connection or is not legal HTTP is left out
	Body       []byte             // the exact bytes
	Redelivery bool               // sent again from the queue, and marked as such
	KeepBody   int64              // bytes of the answer to keep in [Result.Body]; 0: the excerpt alone
	Timeout    time.Duration      // for this attempt, where it is shorter than [Config.Timeout]; 0: that
}

// ForLetter is the request that sends a letter again.
func ForLetter(l *deadletter.Letter) Request {
	return Request{ID: l.ID, URL: l.OriginalEndpoint, Headers: l.Headers, Body: l.Payload, Redelivery: true}
}

// The headers that are ours.
const (
	idempotencyKey = "idempotency-key"  // see [sentName] for its lower case
	webhookSource  = "X-Webhook-Source" // the endpoint's way to tell a redelivery from a first delivery
)

// Values of headers; shared by all requests, never changed.
var (
	agent        = []string{"rehook"}
	jsonBody     = []string{"application/json"}
	fromRetrying = []string{"GenesysCloud-Retry"}
)

// build makes the HTTP request; its error is a [refusal].
func (r *Request) build(ctx context.Context) (*http.Request, error) {
	to := targetOf(r.URL)
	if to.err != nil {
		return nil, to.err
	}
	req := to.request.WithContext(ctx) // a copy
	req.Header = r.Header()
	if body := r.Body; len(body) > 0 {
		req.ContentLength = int64(len(body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		req.Body, _ = req.GetBody()
	}
	return req, nil
}

// Header is what the request is sent with, but for what net/http adds. Its values are shared: do not change them.
func (r *Request) Header() http.Header {
	h := http.Header(EndToEnd(r.Headers))
	h["User-Agent"] = agent
	if len(h["Content-Type"]) == 0 {
		h["Content-Type"] = jsonBody
	}
	if r.Redelivery {
		h[webhookSource] = fromRetrying
	}
	if r.ID != "" {
		h[idempotencyKey] = []string{headerSafe(r.ID)}
	}
	return h
}

// headerSafe leaves an id as it is where a header can carry it, and percent-encodes it where not.
func headerSafe(id string) string {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return url.PathEscape(id)
		}
	}
	return id
}
