package localsqs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// RoundTrip answers a request of the process that has the queues open, without a connection: that saves half of
// what a small request costs. It makes a [Server] the transport of an [http.Client], and does so, like ServeHTTP, only
// as long as the server is open. What holds over a connection holds here as well: a client whose context has ended is
// given no message.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	a := &directAnswer{request: r, header: http.Header{}, handedTo: make(chan *http.Response), failed: make(chan error, 1)}
	ctx, stop := context.WithCancelCause(r.Context())
	if !s.direct.begin(a, stop) {
		stop(nil)
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, http.ErrServerClosed
	}
	go func() {
		defer s.direct.end(a)
		a.failed <- a.from(ctx, s)
	}()
	select {
	case answer := <-a.handedTo:
		return answer, nil
	case err := <-a.failed:
		return nil, err
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
}

// directAnswer is the [http.ResponseWriter] of a request without a connection. It gathers the answer and hands it over
// when it is flushed, whole: what is handed over has been taken by the client, for certain.
type directAnswer struct {
	request  *http.Request
	header   http.Header
	status   int // 0 until it is set
	body     bytes.Buffer
	handed   bool
	handedTo chan *http.Response // unbuffered
	failed   chan error          // buffered for one: the end without an answer
}

// from has s answer the request. The error is for a client that still waits.
func (a *directAnswer) from(ctx context.Context, s *Server) (err error) {
	// net/http does so for connections. A client's process must not end of what it asked for.
	defer func() {
		if reason := recover(); reason != nil {
			s.report.Error("a request to the local queues panicked", "reason", fmt.Sprint(reason))
			err = fmt.Errorf("the local queues: bug: %v", reason)
		}
	}()
	r := a.request.WithContext(ctx) // a copy, as a server sees it
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	s.ServeHTTP(a, r)
	if !a.handed {
		return a.FlushError()
	}
	return nil
}

// Header, WriteHeader, Write and FlushError are what a handler calls.
func (a *directAnswer) Header() http.Header { return a.header }

func (a *directAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *directAnswer) Write(p []byte) (int, error) {
	if a.handed {
		return 0, errors.New("the answer was handed over already")
	}
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// FlushError hands the answer over. The error says that the client has gone.
func (a *directAnswer) FlushError() error {
	a.WriteHeader(http.StatusOK)
	a.handed = true
	answer := &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()),
		Request: a.request,
	}
	select {
	case a.handedTo <- answer:
		return nil
	case <-a.request.Context().Done():
		return context.Cause(a.request.Context())
	}
}

// direct knows the requests under way that are answered without a connection.
type direct struct {
	mu     sync.Mutex // guards closed and stops, and requests from more of them while they are waited for
	closed bool
	stops  map[*directAnswer]context.CancelCauseFunc

	requests sync.WaitGroup
}

// begin is false when the server is closed. Else end must follow.
func (d *direct) begin(a *directAnswer, stop context.CancelCauseFunc) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.requests.Add(1)
	d.stops[a] = stop
	return true
}

func (d *direct) end(a *directAnswer) {
	d.mu.Lock()
	d.stops[a](nil)
	delete(d.stops, a)
	d.mu.Unlock()
	d.requests.Done()
}

// close has long polls answered, and returns when no request is under way.
func (d *direct) close() {
	d.mu.Lock()
	d.closed = true
	for _, stop := range d.stops {
		stop(errStopping)
	}
	d.mu.Unlock()
	d.requests.Wait()
}
