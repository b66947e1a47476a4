package simulator

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxBody bounds what an endpoint reads of a request, in bytes.
const maxBody = 16 << 20

// endpoint is a server that webhooks are for.
type endpoint struct {
	part
	id     string // of its integration
	route  Route
	moods  *turns
	ledger *ledger
	rested <-chan struct{} // closed when nobody is kept waiting any longer

	mu  sync.Mutex // guards rng
	rng *rand.Rand
}

// up says whether the endpoint takes connections now.
func (e *endpoint) up(now time.Time) bool {
	mood, _ := e.moods.at(now)
	return mood != refusing
}

// ServeHTTP reads a webhook, takes its time, and takes the webhook or turns it away.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.ledger.attempted(e.route.Host)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		answer{http.StatusRequestEntityTooLarge, "the body could not be read", 0}.write(w)
		return
	}
	if !e.think(r.Context()) {
		return // who asked has gone: nothing was taken
	}
	now := time.Now()
	mood, until := e.moods.at(now)
	if mood == hanging {
		select {
		case <-r.Context().Done():
			return
		case <-e.rested:
			mood = refusing
		}
	}
	a, sick := sickness(mood, until.Sub(now))
	if !sick {
		a = e.consider(now, r.Header.Get(signatureHeader), body)
	}
	a.write(w)
}

// think waits as long as this endpoint takes for an answer; false: nobody waits for it any more.
func (e *endpoint) think(ctx context.Context) bool {
	e.mu.Lock()
	d := e.latency.pick(e.rng)
	e.mu.Unlock()
	return wait(ctx, d)
}

// sickness is what a mood answers to everything; false: the endpoint is well. left is how long it lasts.
func sickness(m mood, left time.Duration) (answer, bool) {
	switch m {
	case failing:
		return answer{http.StatusServiceUnavailable, "upstream connect error: no healthy upstream", 0}, true
	case throttling:
		return answer{http.StatusTooManyRequests, "rate limit exceeded", left}, true
	case unauthorized:
		return answer{http.StatusUnauthorized, "the client certificate on file has expired", 0}, true
	case refusing: // on a connection from before
		return answer{http.StatusServiceUnavailable, "shutting down", 0}, true
	case well, hanging:
	}
	return answer{}, false
}

// consider takes a webhook, or says why not.
func (e *endpoint) consider(now time.Time, signature string, body []byte) answer {
	if !verify(e.route.Secret, signature, body) {
		e.ledger.badSignature(e.route.Host)
		return answer{http.StatusUnauthorized, "the signature does not match the body", 0}
	}
	id := MessageID(body)
	if id == "" {
		return answer{http.StatusUnprocessableEntity, "the message has no id", 0}
	}
	switch status := e.temper.judge(now, id); status {
	case http.StatusOK:
		e.ledger.taken(e.route.Host, id)
		return answer{http.StatusOK, "", 0}
	case http.StatusServiceUnavailable:
		return answer{status, "the record is locked, try again", 0}
	default:
		return answer{status, "no ticket matches this conversation", 0}
	}
}

// answer is a status, what is wrong, and how long to stay away.
type answer struct {
	status     int
	wrong      string
	retryAfter time.Duration
}

func (a answer) write(w http.ResponseWriter) {
	if a.retryAfter > 0 {
		seconds := (a.retryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	if a.wrong == "" {
		_, _ = io.WriteString(w, `{"accepted":true}`)
		return
	}
	_, _ = fmt.Fprintf(w, `{"error":%q}`, a.wrong)
}
