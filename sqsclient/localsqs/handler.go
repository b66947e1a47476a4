package localsqs

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
)

// maxRequestBytes bounds a request. A legal batch of 1 MiB may be six times as long in JSON escapes.
const maxRequestBytes = 8 << 20

// ServeHTTP answers one request. It does so only as long as the server is open; expiring messages that nobody asks
// for and giving disk space back is for Serve.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "this is an SQS endpoint: requests are POSTs", http.StatusMethodNotAllowed)
		return
	}
	if r.ContentLength > maxRequestBytes {
		w.Header().Set("Connection", "close")
		writeFault(w, faultOf(&http.MaxBytesError{Limit: maxRequestBytes}))
		return
	}
	if isQuery(r) {
		refuseQuery(w)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequestBytes)
	s.answerJSON(w, r)
}

// clientLeft reports whether whoever sent the request is gone, so that nothing must be handed over to it. A stopping
// server ends the context too, but then the client is there and gets an answer.
func clientLeft(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), errStopping)
}
