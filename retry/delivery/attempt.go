package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Attempt sends a webhook once and says what became of it. It returns within [Config.Timeout], or when ctx ends:
// then the result is Cancelled, and the endpoint may have the webhook or not.
func (c *Client) Attempt(ctx context.Context, r Request) Result {
	res := Result{At: time.Now()}
	timeout := c.timeout
	if r.Timeout > 0 {
		timeout = min(timeout, r.Timeout)
	}
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := r.build(within)
	if err != nil {
		res.fail(err, err.Error())
		return res
	}
	resp, err := c.transport.RoundTrip(req) // not http.Client: it would follow redirects
	res.Latency = time.Since(res.At)
	if err != nil {
		res.fail(err, inWords(err, timeout, c.phase))
		res.cancelled(ctx)
		return res
	}
	defer resp.Body.Close()
	res.answered(resp)
	res.Excerpt, res.Body = c.answers.read(resp.Body, r.KeepBody)
	return res
}

// fail notes that there was no answer.
func (r *Result) fail(err error, words string) {
	r.Outcome, r.Error = Retry, words
	if _, ours := errors.AsType[*refusal](err); ours {
		r.Outcome = Rejected
	}
}

// cancelled tells an attempt that the caller ended from one that failed.
func (r *Result) cancelled(ctx context.Context) {
	if ctx.Err() == nil || r.Outcome == Rejected {
		return
	}
	r.Cancelled = true
	r.Error = fmt.Sprintf("cancelled: %v", context.Cause(ctx))
}

// answered notes what the answer's status and headers say.
func (r *Result) answered(resp *http.Response) {
	r.Status, r.Header = resp.StatusCode, resp.Header
	r.Outcome = outcomeOf(resp.StatusCode)
	r.NotBefore = quietUntil(r.At.Add(r.Latency), resp.StatusCode, resp.Header)
	if r.Outcome != Delivered {
		r.Error = statusInWords(resp)
	}
}

func statusInWords(resp *http.Response) string {
	words := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	if http.StatusText(resp.StatusCode) == "" {
		words = fmt.Sprintf("%d, a status of no known meaning", resp.StatusCode)
	}
	if resp.StatusCode/100 == 3 {
		words += redirectInWords(resp)
	}
	return words
}

// redirectInWords shows where a redirect would have led, without what may be secret in it: user and query.
func redirectInWords(resp *http.Response) string {
	to, err := resp.Location()
	if err != nil {
		return ""
	}
	shown := &url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path, RawPath: to.RawPath}
	return fmt.Sprintf(": redirect to %s not followed", clean(shown.String()))
}
