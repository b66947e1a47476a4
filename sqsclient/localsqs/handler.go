package localsqs

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"
)

// maxRequestBytes bounds a request. A legal batch of 1 MiB may be six times as long in JSON escapes.
const maxRequestBytes = 8 << 20

// requestIDHeader carries the id of a request in its answer.
const requestIDHeader = "X-Amzn-Requestid"

// protocol is one of the ways in which SQS is spoken: a thin skin over the operations.
type protocol interface {
	// request finds the name of one of the operations in a request, and what fills the operation's input.
	request(r *http.Request, body []byte) (name string, decode func(in any) error, err error)
	// encode writes an operation's output into the body of an answer.
	encode(name, requestID string, out any) ([]byte, error)
	// contentType is the type of answers.
	contentType() string
	// refuse answers with an error.
	refuse(w http.ResponseWriter, f *fault)
}

// protocolOf tells the protocols apart, nil if a request is of neither. Only JSON's has the header with the operation.
func protocolOf(r *http.Request) protocol {
	switch {
	case r.Method == http.MethodGet:
		return query{}
	case r.Method != http.MethodPost:
		return nil
	case r.Header.Get(targetHeader) == "" && (isForm(r) || r.URL.RawQuery != ""):
		return query{}
	}
	return awsJSON{}
}

// ServeHTTP answers one request. It does so only as long as the server is open; expiring messages that nobody asks
// for and giving disk space back is for Serve.
//
// Requests of web pages are refused: anybody's page can reach a loopback address through the browser of who looks at it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.answer(w, r, readUnsigned) }

// answer reads a request with read, which says who may ask, and answers it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, read func(http.ResponseWriter, *http.Request) ([]byte, error)) {
	w.Header().Set(requestIDHeader, uuid.NewString())
	p := protocolOf(r)
	if p == nil {
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "this is an SQS endpoint: requests are POSTs", http.StatusMethodNotAllowed)
		return
	}
	body, err := read(w, r)
	if err != nil {
		p.refuse(w, faultOf(err))
		return
	}
	name, decode, err := p.request(r, body)
	if err != nil {
		p.refuse(w, faultOf(err))
		return
	}
	c := &call{base: "http://" + r.Host}
	out, err := operations[name](r.Context(), s, c, decode)
	if err != nil {
		p.refuse(w, faultOf(err))
		return
	}
	if c.unsent != nil && clientLeft(r.Context()) {
		c.unsent()
		p.refuse(w, plain("RequestAborted", "The connection was closed, if only for sending, so nothing was handed over."))
		return
	}
	if err := deliver(w, p, name, out); err != nil && c.unsent != nil {
		c.unsent()
	}
}

// deliver writes an answer. The error says that it was not received.
func deliver(w http.ResponseWriter, p protocol, name string, out any) error {
	body, err := p.encode(name, w.Header().Get(requestIDHeader), out)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", p.contentType())
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if _, err := w.Write(body); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// clientLeft reports whether whoever sent the request is gone, so that nothing must be handed over to it. A stopping
// server ends the context too, but then the client is there and gets an answer.
func clientLeft(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), errStopping)
}

// faultOf makes a fault of any error.
func faultOf(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		f := plain("RequestEntityTooLarge", "A request may have %d bytes.", tooLarge.Limit)
		f.status = http.StatusRequestEntityTooLarge
		return f
	}
	return plain("IncompleteBody", "The request could not be read.")
}
