package retry_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rehook/retry"
	"rehook/retry/delivery"
)

// fleet is endpoints that each behave in their own way; any that it does not name is as the one called other.
type fleet struct {
	mu    sync.Mutex // guards all below
	hosts map[string]*host
	sent  int // letters
}

// host is one of them. Its answer is given after its latency.
type host struct {
	latency time.Duration
	answer  func(r delivery.Request) delivery.Result

	tried, took, refused int // attempts, 2xx answers, 429 answers
	now, top             int // in flight, and the most there have been
	times                []time.Time
}

func newFleet(hosts map[string]*host) *fleet { return &fleet{hosts: hosts} }

func (f *fleet) Attempt(ctx context.Context, r delivery.Request) delivery.Result {
	at := time.Now()
	f.mu.Lock()
	h := f.hosts[strings.TrimPrefix(r.URL, "https://")]
	if h == nil {
		h = f.hosts["other"]
	}
	h.tried++
	h.times = append(h.times, at)
	h.now++
	h.top = max(h.top, h.now)
	latency := h.latency
	f.mu.Unlock()
	wait(ctx, latency)
	f.mu.Lock()
	defer f.mu.Unlock()
	h.now--
	res := h.answer(r)
	res.At, res.Latency = at, time.Since(at)
	switch {
	case res.Outcome == delivery.Delivered:
		h.took++
	case res.Status == http.StatusTooManyRequests:
		h.refused++
	}
	return res
}

// change is how a test has an endpoint behave otherwise.
func (f *fleet) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// counts are what an endpoint has seen since the last time.
func (f *fleet) counts(h *host) (tried, took, refused int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tried, took, refused = h.tried, h.took, h.refused
	h.tried, h.took, h.refused, h.top = 0, 0, 0, h.now
	return tried, took, refused
}

func takes(delivery.Request) delivery.Result { return ok() }

func fails(delivery.Request) delivery.Result { return unavailable() }

func hangs(delivery.Request) delivery.Result {
	return delivery.Result{Outcome: delivery.Retry, Error: "timeout after 10s"}
}

func tooMany() delivery.Result {
	return delivery.Result{Outcome: delivery.Retry, Status: http.StatusTooManyRequests, Error: "429 Too Many Requests"}
}

// fill sends letters to hosts, in turn.
func (f *fleet) fill(q *memQueue, letters int, hosts ...string) {
	for n := range letters {
		f.mu.Lock()
		l := letter(f.sent)
		f.sent++
		f.mu.Unlock()
		l.OriginalEndpoint = "https://" + hosts[n%len(hosts)]
		q.Send(l)
	}
}

// fillEvery sends as many again each second, until ctx ends.
func (f *fleet) fillEvery(ctx context.Context, q *memQueue, letters int, hosts ...string) {
	for ctx.Err() == nil {
		f.fill(q, letters, hosts...)
		wait(ctx, time.Second)
	}
}

// withFleet has the engine deliver to a fleet.
func withFleet(f *fleet) func(*retry.Config) {
	return func(c *retry.Config) { c.Deliver, c.MaxRetries = f, 1000 }
}

// lanes are all endpoints that the engine knows, by name.
func lanes(t *testing.T, r *run) map[string]retry.Endpoint {
	t.Helper()
	all := map[string]retry.Endpoint{}
	for _, ep := range status(t, r).Endpoints {
		all[ep.Endpoint] = ep
	}
	return all
}

func names(prefix string, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s%d", prefix, i))
	}
	return all
}
