package localsqs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// This file is the AWS JSON 1.0 protocol: requests and answers as operations know them, and back.

const (
	jsonType     = "application/x-amz-json-1.0"
	targetHeader = "X-Amz-Target"
	targetPrefix = "AmazonSQS."
	typePrefix   = "com.amazonaws.sqs#"
)

// answerJSON runs the operation that the request's X-Amz-Target names.
func (s *Server) answerJSON(w http.ResponseWriter, r *http.Request) {
	name, known := strings.CutPrefix(r.Header.Get(targetHeader), targetPrefix)
	op, found := operations[name]
	if !known || !found {
		writeFault(w, plain("UnknownOperationException", "The operation %.100q is not known.", r.Header.Get(targetHeader)))
		return
	}
	c := &call{base: "http://" + r.Host}
	out, err := op(r.Context(), s, c, func(in any) error { return decodeJSON(r.Body, in) })
	if err != nil {
		writeFault(w, faultOf(err))
		return
	}
	if err := deliver(r.Context(), w, out); err != nil && c.unsent != nil {
		c.unsent()
	}
}

// decodeJSON reads the one JSON value that body is; no body is an empty object.
func decodeJSON(body io.Reader, in any) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, in); err != nil {
		return plain("SerializationException", "The request is not the JSON that the operation takes.")
	}
	return nil
}

// deliver writes an answer to a client that is still there. The error says that it was not received.
func deliver(ctx context.Context, w http.ResponseWriter, out any) error {
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	if clientLeft(ctx) {
		return context.Cause(ctx)
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	if _, err := w.Write(text); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

// writeFault answers with an error. The header carries the code that the older Query protocol has for it, by which
// many programs still tell errors apart.
func writeFault(w http.ResponseWriter, f *fault) {
	whose := "Receiver"
	if f.sender() {
		whose = "Sender"
	}
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("X-Amzn-Query-Error", f.query+";"+whose)
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": typePrefix + f.code, "message": f.message}) // else the client left
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
