package sqsclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// caller makes HTTP requests for the SDK with bodies that the SDK cannot close. It closes a body as soon as there is
// an answer; a server that is fast, as the embedded one is, answers while net/http still looks for the body's end,
// and what net/http then finds (smithy-go: safeWriteToReadCloser) makes it drop the connection with the answer on
// it. The SDK would repeat the request, and a receive that is repeated hides ten letters for their visibility.
//
// It also bounds what an answer may have: the SDK reads all of it into memory.
type caller struct {
	http http.Client
	most int64 // bytes of an answer
	sent *requests
}

// Do is what the SDK calls.
func (c *caller) Do(r *http.Request) (*http.Response, error) {
	answer, err := c.do(r)
	if err != nil {
		c.sent.add(time.Now(), r.ContentLength)
		return answer, err
	}
	c.sent.add(time.Now(), max(r.ContentLength, answer.ContentLength))
	answer.Body = &bounded{answer.Body, c.most}
	return answer, nil
}

func (c *caller) do(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.ContentLength <= 0 {
		return c.http.Do(r) //nolint:gosec // the address is the operator's
	}
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	own := r.WithContext(r.Context()) // a copy
	own.Body = io.NopCloser(bytes.NewReader(body))
	return c.http.Do(own) //nolint:gosec // the address is the operator's
}

// noRedirect keeps signed requests where they were meant to go.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

var errOversized = errors.New("it is longer than any of SQS")

// bounded is a body that ends in an error where it is longer than it may be.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errOversized
	}
	return n, err
}
