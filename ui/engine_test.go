package ui_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// engine is a scripted engine: it tells what it is given, and does what it is asked to, as told.
type engine struct {
	do   func(ctx context.Context, c retry.Command) ([]retry.Result, error)
	plan func(ctx context.Context, c retry.Command) (retry.Plan, error) // nil: it never says

	mu      sync.Mutex // guards the following
	refuses error      // what Subscribe answers with
	entries map[string]retry.Entry
	pending retry.Update
	status  retry.Status
	ended   error         // what Next answers with
	backlog []retry.Event // comes with every snapshot
	asked   []retry.Command
	wake    chan struct{}
}

func newEngine(entries ...retry.Entry) *engine {
	e := &engine{entries: map[string]retry.Entry{}, wake: make(chan struct{}, 1)}
	for _, entry := range entries {
		e.entries[entry.Letter.ID] = entry
	}
	now := time.Now()
	e.status = retry.Status{
		Queue: "gen-webhook-dlq", Parked: "gen-webhook-dlq-parked", Where: "embedded", StartedAt: now.Add(-time.Hour), MaxRetries: 5,
		Depth: deadletter.Depth{Visible: 20, InFlight: len(entries), Parked: 2}, DepthAt: now,
		PerSecond: retry.Rates{Delivered: 3.2, Failed: 0.4, Received: 3.9},
		Counters:  retry.Counters{Taken: 90, Delivered: 70, Parked: 2, Waiting: int64(len(entries))},
		Held:      len(entries), HeldMax: 10_000, FirstExpiry: now.Add(13 * 24 * time.Hour),
		Endpoints: []retry.Endpoint{
			{Endpoint: "https://crm.example.com", State: retry.Open, Until: now.Add(42 * time.Second), Waiting: 4, Limit: 8},
			{Endpoint: "https://erp.example.com", State: retry.Closed, Waiting: 4, Latency: 84 * time.Millisecond, Limit: 8},
			{Endpoint: "https://ops.example.com", State: retry.HalfOpen, Waiting: 2, InFlight: 1, Limit: 1},
		},
	}
	return e
}

func (e *engine) Subscribe(context.Context) (retry.Feed, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refuses != nil {
		return nil, e.refuses
	}
	e.pending = retry.Update{Reset: true, Letters: slices.Collect(maps.Values(e.entries)), Stream: e.backlog}
	e.poke()
	return e, nil
}

func (e *engine) Next(ctx context.Context) (retry.Update, error) {
	select {
	case <-ctx.Done():
		return retry.Update{}, ctx.Err()
	case <-e.wake:
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	u := e.pending
	u.Status = e.status
	u.Status.At = time.Now()
	u.Status.Endpoints = slices.Clone(e.status.Endpoints)
	e.pending = retry.Update{}
	return u, e.ended
}

func (e *engine) Do(ctx context.Context, c retry.Command) ([]retry.Result, error) {
	e.mu.Lock()
	e.asked = append(e.asked, c)
	do := e.do
	e.mu.Unlock()
	if do == nil {
		return nil, nil
	}
	return do(ctx, c)
}

func (e *engine) Plan(ctx context.Context, c retry.Command) (retry.Plan, error) {
	if e.plan == nil {
		<-ctx.Done()
		return retry.Plan{}, ctx.Err()
	}
	return e.plan(ctx, c)
}

// Results are those of two letters, for whatever command.
func (e *engine) Results(context.Context, string) ([]retry.Result, error) {
	return []retry.Result{{ID: id(0), Did: retry.DidDeliver, Note: "200"}, {ID: id(1), Did: retry.DidFail, Note: "503"}}, nil
}

// tell changes what the engine knows and wakes the screen.
func (e *engine) tell(change func(u *retry.Update, s *retry.Status)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.pending, &e.status)
	for _, entry := range e.pending.Letters {
		e.entries[entry.Letter.ID] = entry
	}
	e.poke()
}

// end makes it end.
func (e *engine) end() {
	e.mu.Lock()
	e.ended, e.refuses = retry.ErrStopped, retry.ErrStopped
	e.mu.Unlock()
	e.poke()
}

func (e *engine) poke() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *engine) commands() []retry.Command {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.asked)
}

const payload = `{"id":"4f1c9e7a","channel":{"platform":"Open","messageId":18014398509481985.00,"to":{"id":"whatsapp:+4915112345678"}},"text":"Guten Abend","vip":true,"tags":[]}`

// letter makes a letter that waits for its backoff, number n of the test.
func letter(n int, endpoint string) retry.Entry {
	now := time.Now()
	l := &deadletter.Letter{
		ID: fmt.Sprintf("%08x-0000-4000-8000-000000000000", 0xa0000000+n), Timestamp: now.Add(-time.Duration(n+1) * time.Minute),
		OriginalEndpoint: endpoint, ErrorCode: 503, Error: "service unavailable", Payload: []byte(payload), RetryCount: n % 5,
		Headers: deadletter.Headers{"Content-Type": {"application/json"}, "X-Hub-Signature-256": {"sha256=hunter2"}},
	}
	for i := range l.RetryCount {
		l.Attempts = append(l.Attempts, deadletter.Attempt{
			At: now.Add(-time.Duration(l.RetryCount-i) * 30 * time.Second), Status: 503, Latency: 84 * time.Millisecond,
			Error: "service unavailable", Response: `{"error":"down"}`,
		})
	}
	return retry.Entry{
		Letter: l, Phase: retry.Waiting, Wait: retry.ForBackoff, WaitSince: now, Due: now.Add(time.Duration(20+10*n) * time.Second),
		ReceivedAt: now, ExpiresAt: now.Add(14*24*time.Hour - time.Duration(n)*time.Minute),
	}
}

// parked makes it a letter of the parked queue.
func parked(e retry.Entry, reason deadletter.ParkReason) retry.Entry {
	e.Letter = e.Letter.Clone()
	e.Letter.Parked = &deadletter.Parked{At: time.Now().Add(-5 * time.Minute), Reason: reason}
	e.Phase, e.Wait, e.Due = retry.InParked, "", time.Time{}
	return e
}

// some are letters of every kind.
func some() []retry.Entry {
	crm, erp, ops := "https://crm.example.com/genesys/hook", "https://erp.example.com/in", "https://ops.example.com/events"
	var all []retry.Entry
	for n := range 6 {
		all = append(all, letter(n, [...]string{erp, ops}[n%2]))
	}
	breaker, after, held, turn, flying := letter(6, crm), letter(7, erp), letter(8, ops), letter(9, crm), letter(10, ops)
	breaker.Wait, breaker.Due = retry.ForBreaker, time.Now().Add(42*time.Second)
	after.Wait, after.Due = retry.ForRetryAfter, time.Now().Add(9*time.Minute)
	after.Letter.ErrorCode, after.Letter.Error = 429, "too many requests"
	held.Wait, held.Due, held.HeldBy = retry.ForRelease, time.Time{}, "anna"
	turn.Wait, turn.Letter.ErrorCode, turn.Letter.Error = retry.ForTurn, 0, "timeout: no response within 10 s"
	flying.Phase = retry.InFlight
	return append(all, breaker, after, held, turn, flying,
		parked(letter(11, crm), deadletter.Exhausted), parked(letter(12, erp), deadletter.Unauthorized))
}
