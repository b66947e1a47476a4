package simulator_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"rehook/genesys/simulator"
)

// engine is a listener and a retry engine without a queue: a letter is a goroutine.
type engine struct {
	ctx     context.Context //nolint:containedctx // the letters' life
	client  *http.Client
	urls    map[string]string // by the listener's path
	letters sync.WaitGroup

	forget, repeat bool // lose one webhook, deliver some twice

	mu         sync.Mutex // guards all below
	queued     map[string]int
	forgotten  string
	delivered  map[int]int // by attempts from the queue
	parked     map[int]int // by status
	throttled  int
	unanswered int
	breakers   map[string]*breaker
}

type breaker struct {
	failures, opened, closed int
	until                    time.Time
}

func newEngine(ctx context.Context, sim *simulator.Sim) *engine {
	e := &engine{
		ctx:    ctx,
		client: &http.Client{Transport: &http.Transport{DialContext: sim.DialContext}, Timeout: 4 * time.Second},
		urls:   map[string]string{}, queued: map[string]int{}, delivered: map[int]int{}, parked: map[int]int{},
		breakers: map[string]*breaker{},
	}
	for _, r := range sim.Routes() {
		e.urls[r.Path] = r.URL
		e.breakers[r.Host] = &breaker{}
	}
	return e
}

// RoundTrip is the listener.
func (e *engine) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	status, _ := e.attempt(e.urls[r.URL.Path], r.Header, body)
	if status != http.StatusOK {
		rec.WriteHeader(http.StatusAccepted)
		e.capture(e.urls[r.URL.Path], r.Header, body)
	} else if e.repeat {
		e.attempt(e.urls[r.URL.Path], r.Header, body)
	}
	return rec.Result(), nil
}

func (e *engine) capture(url string, header http.Header, body []byte) {
	id := simulator.MessageID(body)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.forget && e.forgotten == "" {
		e.forgotten = id
		return
	}
	e.queued[id] = 0
	e.letters.Go(func() { e.redeliver(id, url, header, body) })
}

func (e *engine) redeliver(id, url string, header http.Header, body []byte) {
	host := strings.Split(url, "/")[2]
	for attempts := 1; attempts <= 5; attempts++ {
		backoff := rand.N(time.Second << (attempts - 1))
		for backoff > 0 {
			if !e.sleep(backoff) {
				return
			}
			backoff = e.blocked(host)
		}
		status, retryAfter := e.attempt(url, header, body)
		e.learn(host, status)
		if e.settle(id, status, attempts) || !e.sleep(retryAfter) {
			return
		}
	}
}

// settle enters the end of a letter, if this status is one.
func (e *engine) settle(id string, status, attempts int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case status == http.StatusOK:
		delete(e.queued, id)
		e.delivered[attempts]++
		return true
	case status >= 400 && status < 500 && status != http.StatusTooManyRequests, attempts == 5:
		e.parked[status]++
		return true
	}
	return false
}

func (e *engine) attempt(url string, header http.Header, body []byte) (int, time.Duration) {
	req, err := http.NewRequestWithContext(context.WithoutCancel(e.ctx), http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		panic(err)
	}
	req.Header = header.Clone()
	resp, err := e.client.Do(req)
	if err != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.unanswered++
		return 0, 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	after, _ := time.ParseDuration(resp.Header.Get("Retry-After") + "s")
	if after > 0 {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.throttled++
	}
	return resp.StatusCode, after
}

// blocked is how long the breaker lets nothing through; who may probe moves it on.
func (e *engine) blocked(host string) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.breakers[host]
	if b.failures < 5 {
		return 0
	}
	if d := time.Until(b.until); d > 0 {
		return d
	}
	b.until = time.Now().Add(5 * time.Second)
	return 0
}

func (e *engine) learn(host string, status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.breakers[host]
	if status == http.StatusOK {
		if b.failures >= 5 {
			b.closed++
		}
		b.failures = 0
		return
	}
	if status != 0 && status < 500 {
		return
	}
	if b.failures++; b.failures == 5 {
		b.opened++
	}
	if b.failures >= 5 {
		b.until = time.Now().Add(time.Second << min(b.failures-5, 5))
	}
}

func (e *engine) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-e.ctx.Done():
		return false
	}
}
