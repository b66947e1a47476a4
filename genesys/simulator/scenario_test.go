package simulator_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys/simulator"
)

// TestHalfAMinuteShowsEverything plays the demonstration against a listener and an engine as small as can
// be, and holds the scenario to what a newcomer must see within 30 s, whatever the seed.
func TestHalfAMinuteShowsEverything(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, sim := play(t, simulator.Config{Seed: seed}, 30*time.Second)
				for attempts := 1; attempts <= 3; attempts++ {
					if e.delivered[attempts] == 0 {
						t.Errorf("nothing was delivered at attempt %d from the queue: %v", attempts, e.delivered)
					}
				}
				if e.parked[http.StatusUnauthorized] == 0 || e.parked[http.StatusUnprocessableEntity] == 0 {
					t.Errorf("parked by status: %v, want some of 401 and of 422", e.parked)
				}
				if crm := e.breakers["crm.example.com"]; crm.opened == 0 || crm.closed == 0 {
					t.Errorf("the breaker of crm opened %d times and closed %d times", crm.opened, crm.closed)
				}
				if e.throttled == 0 || e.unanswered == 0 {
					t.Errorf("%d answers with Retry-After, %d without any answer: want some of both", e.throttled, e.unanswered)
				}
				checkSums(t, sim, e)
			})
		})
	}
}

func TestBacklogsAreWorkedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, sim := play(t, simulator.Config{Seed: 7}, 20*time.Minute)
		if n := len(e.queued); n > 60 {
			t.Errorf("%d letters wait or are parked after 20 minutes", n)
		}
		for host, b := range e.breakers {
			t.Logf("%s: breaker opened %d, closed %d", host, b.opened, b.closed)
		}
		if crm := e.breakers["crm.example.com"]; crm.closed < 8 {
			t.Errorf("the breaker of crm closed %d times in 20 minutes: the turns do not go on", crm.closed)
		}
		checkSums(t, sim, e)
	})
}

func TestLostAndDoubledWebhooksAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forgetful := func(e *engine) { e.forget, e.repeat = true, true }
		e, sim := play(t, simulator.Config{Seed: 7}, 30*time.Second, forgetful)
		if lost := sim.Unaccounted(maps.Keys(e.queued)); !slices.Equal(lost, []string{e.forgotten}) {
			t.Errorf("unaccounted are %v, but %q was lost", lost, e.forgotten)
		}
		if tally := sim.Tally(); tally.Duplicates == 0 {
			t.Error("webhooks were delivered twice, and nobody noticed")
		}
	})
}

func checkSums(t *testing.T, sim *simulator.Sim, e *engine) {
	t.Helper()
	tally := sim.Tally()
	if lost := sim.Unaccounted(maps.Keys(e.queued)); len(lost) > 0 {
		t.Errorf("lost: %v", lost)
	}
	if tally.Duplicates != 0 || tally.BadSignatures != 0 {
		t.Errorf("%d duplicates, %d bad signatures, want none", tally.Duplicates, tally.BadSignatures)
	}
	if sum := tally.Direct + tally.Captured + tally.Refused + tally.Abandoned; sum != tally.Sent || tally.Pending != 0 {
		t.Errorf("sent %d, settled %d, pending %d", tally.Sent, sum, tally.Pending)
	}
	if acknowledged := tally.Direct + tally.Captured; acknowledged != tally.Delivered+len(e.queued) {
		t.Errorf("acknowledged %d, but delivered %d and queued %d", acknowledged, tally.Delivered, len(e.queued))
	}
	t.Logf("%+v", tally)
}

// play runs the demonstration for a time and stops it in order: sender, engine, endpoints.
func play(t *testing.T, cfg simulator.Config, d time.Duration, changes ...func(*engine)) (*engine, *simulator.Sim) {
	t.Helper()
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	serving, stopServing := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.Serve(serving) }()
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	e := newEngine(ctx, sim)
	for _, change := range changes {
		change(e)
	}
	if err := sim.Send(ctx, &http.Client{Transport: e}, "http://listener"); err != nil {
		t.Errorf("send: %v", err)
	}
	e.letters.Wait()
	e.client.CloseIdleConnections()
	stopServing()
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	return e, sim
}

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
		backoff := rand.N(time.Second << (attempts - 1)) //nolint:gosec // jitter
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
