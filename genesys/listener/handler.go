package listener

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// maxAnswerBytes is how much of an endpoint's answer is passed back; senders of webhooks look at the status.
const maxAnswerBytes = 1 << 20

// webhook is one request on its way through.
type webhook struct {
	id      string // the letter's, if it becomes one; the endpoint's idempotency key in any case
	url     string // where it goes
	headers http.Header
	body    []byte
	answer  time.Time // when the sender must have its answer
}

// ServeHTTP answers one webhook.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	deadline := time.Now().Add(answerWithin)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "webhooks are sent with POST", http.StatusMethodNotAllowed)
		return
	}
	if !l.held.take() {
		unavailable(w, "too many requests in progress")
		return
	}
	defer l.held.give()
	body, done, ok := l.body(w, r)
	defer done()
	if !ok {
		return
	}
	to := l.route(r.URL)
	if to == nil {
		http.Error(w, "nothing is forwarded from this path", http.StatusNotFound)
		return
	}
	l.handle(context.WithoutCancel(r.Context()), w, to, webhook{
		id: uuid.NewString(), url: to.target(r.URL), headers: r.Header, body: body, answer: deadline,
	})
}

// body reads a webhook and checks its signature; where it is not ok, that has been answered. done is called when the
// body is not needed any more.
func (l *Listener) body(w http.ResponseWriter, r *http.Request) (body []byte, done func(), ok bool) {
	done = func() {}
	from := http.MaxBytesReader(w, r.Body, l.cfg.MaxBody)
	body, err := io.ReadAll(io.LimitReader(from, largeBody+1))
	if err == nil && len(body) > largeBody {
		if !l.large.take() {
			unavailable(w, "too many large requests in progress")
			return nil, done, false
		}
		done = l.large.give
		var rest []byte
		rest, err = io.ReadAll(from)
		body = append(body, rest...)
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		http.Error(w, "the webhook is too large", http.StatusRequestEntityTooLarge)
		return nil, done, false
	}
	if err != nil {
		http.Error(w, "the webhook could not be read to its end", http.StatusBadRequest)
		return nil, done, false
	}
	if len(l.cfg.Secret) > 0 && !signed(l.cfg.Secret, body, r.Header.Get(signatureHeader)) {
		http.Error(w, signatureHeader+" does not match", http.StatusUnauthorized)
		return nil, done, false
	}
	return body, done, true
}

// handle forwards a webhook if there is time and a turn for it, and captures it if that did not work. ctx outlives
// the sender.
func (l *Listener) handle(ctx context.Context, w http.ResponseWriter, to *route, hook webhook) {
	within := min(l.cfg.Timeout, time.Until(hook.answer)-captureReserve)
	if within <= 0 {
		l.capture(ctx, w, hook, hook.unforwarded("its sender took too long to send it"))
		return
	}
	if !to.turns.take() {
		l.capture(ctx, w, hook, hook.unforwarded("too many others were being forwarded"))
		return
	}
	res := l.forward(ctx, to, hook, within)
	if res.Outcome == delivery.Delivered {
		passBack(w, res)
		return
	}
	l.capture(ctx, w, hook, hook.failed(res))
}

func (l *Listener) forward(ctx context.Context, to *route, hook webhook, within time.Duration) delivery.Result {
	defer to.turns.give()
	return l.cfg.Client.Attempt(ctx, delivery.Request{
		ID: hook.id, URL: hook.url, Headers: deadletter.Headers(hook.headers), Body: hook.body,
		KeepBody: maxAnswerBytes, Timeout: within,
	})
}

// capture answers 202 once the letter is safe.
func (l *Listener) capture(ctx context.Context, w http.ResponseWriter, hook webhook, letter *deadletter.Letter) {
	ctx, cancel := context.WithDeadline(ctx, hook.answer)
	defer cancel()
	if err := l.cfg.Capture.Send(ctx, letter); err != nil {
		l.cfg.Logger.ErrorContext(ctx, "webhook not captured; its sender was asked to send it again",
			"id", letter.ID, "endpoint", deadletter.MaskURL(letter.OriginalEndpoint), "failure", letter.Error, "error", err)
		unavailable(w, "the webhook could not be forwarded, nor kept")
		return
	}
	accepted(w, letter.ID)
}
