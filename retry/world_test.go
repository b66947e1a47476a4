package retry_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// endpoints answers attempts as a test wants, and keeps what it was sent.
type endpoints struct {
	mu       sync.Mutex // guards all below
	answer   func(r delivery.Request, n int) delivery.Result
	latency  func() time.Duration
	attempts map[string][]time.Time // by letter id
	accepted map[string]int         // 2xx answers by letter id
	payloads map[string]string
	now, top int // attempts in flight, and the most there have been
}

func newEndpoints(answer func(r delivery.Request, n int) delivery.Result) *endpoints {
	return &endpoints{answer: answer, latency: func() time.Duration { return 20 * time.Millisecond }, attempts: map[string][]time.Time{}, accepted: map[string]int{}, payloads: map[string]string{}}
}

func (ep *endpoints) Attempt(ctx context.Context, r delivery.Request) delivery.Result {
	at := time.Now()
	ep.mu.Lock()
	ep.attempts[r.ID] = append(ep.attempts[r.ID], at)
	n := len(ep.attempts[r.ID])
	ep.now++
	ep.top = max(ep.top, ep.now)
	wait := time.NewTimer(ep.latency())
	ep.mu.Unlock()
	select {
	case <-wait.C:
	case <-ctx.Done():
		wait.Stop()
	}
	ep.mu.Lock()
	defer ep.mu.Unlock()
	ep.now--
	res := ep.answer(r, n)
	res.At, res.Latency = at, time.Since(at)
	if res.Outcome == delivery.Delivered && !res.Cancelled {
		ep.accepted[r.ID]++
		ep.payloads[r.ID] = string(r.Body)
	}
	return res
}

func (ep *endpoints) acceptedOnce(id string) bool {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return ep.accepted[id] == 1
}

func (ep *endpoints) times(id string) []time.Time {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return append([]time.Time(nil), ep.attempts[id]...)
}

func (ep *endpoints) inFlight() int {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return ep.now
}

func (ep *endpoints) setLatency(d time.Duration) {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	ep.latency = func() time.Duration { return d }
}

func (ep *endpoints) setAnswer(answer func(delivery.Request, int) delivery.Result) {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	ep.answer = answer
}

func ok() delivery.Result { return delivery.Result{Outcome: delivery.Delivered, Status: 200} }

func unavailable() delivery.Result {
	return delivery.Result{Outcome: delivery.Retry, Status: 503, Error: "503 Service Unavailable"}
}

// mortal is a queue and a deliverer that an engine's process takes with it when it is killed: from then on no
// call of that engine has an effect.
type mortal struct {
	*memQueue
	ep   *endpoints
	dead *atomic.Bool
}

var errDead = errors.New("killed")

func (m mortal) Receive(ctx context.Context) ([]deadletter.Lease, error) {
	if m.dead.Load() {
		return nil, errDead
	}
	return m.memQueue.Receive(ctx)
}

func (m mortal) Delete(ctx context.Context, l deadletter.Lease) error {
	if m.dead.Load() {
		return errDead
	}
	return m.memQueue.Delete(ctx, l)
}

func (m mortal) Extend(ctx context.Context, d time.Duration, leases ...deadletter.Lease) []error {
	if m.dead.Load() {
		return same(leases, errDead)
	}
	return m.memQueue.Extend(ctx, d, leases...)
}

func (m mortal) Replace(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	if m.dead.Load() {
		return errDead
	}
	return m.memQueue.Replace(ctx, l, with)
}

func (m mortal) Park(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	if m.dead.Load() {
		return errDead
	}
	return m.memQueue.Park(ctx, l, with)
}

func (m mortal) Release(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	if m.dead.Load() {
		return errDead
	}
	return m.memQueue.Release(ctx, l, with)
}

func (m mortal) ReceiveParked(ctx context.Context) ([]deadletter.Lease, error) {
	if m.dead.Load() {
		return nil, errDead
	}
	return m.memQueue.ReceiveParked(ctx)
}

func (m mortal) Attempt(ctx context.Context, r delivery.Request) delivery.Result {
	if m.dead.Load() {
		return delivery.Result{Cancelled: true}
	}
	return m.ep.Attempt(ctx, r)
}

// run is one life of an engine.
type run struct {
	*retry.Engine
	cancel context.CancelFunc
	ended  chan error
	dead   *atomic.Bool
}

func start(t *testing.T, q *memQueue, ep *endpoints, change ...func(*retry.Config)) *run {
	t.Helper()
	dead := new(atomic.Bool)
	m := mortal{q, ep, dead}
	cfg := retry.Config{Queue: m, Deliver: m, Name: "gen-webhook-dlq", Rand: rand.New(rand.NewPCG(1, 2))}
	for _, f := range change {
		f(&cfg)
	}
	e, err := retry.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &run{e, cancel, make(chan error, 1), dead}
	go func() { r.ended <- e.Run(ctx) }()
	return r
}

// stop ends the engine in order.
func (r *run) stop(t *testing.T) {
	t.Helper()
	r.cancel()
	if err := <-r.ended; err != nil {
		t.Errorf("the engine ended with %v", err)
	}
}

// kill ends the engine as kill -9 would.
func (r *run) kill(t *testing.T) {
	t.Helper()
	r.dead.Store(true)
	r.stop(t)
}

// pass lets synthetic time go by, and everything that is due in it happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func letter(n int) *deadletter.Letter {
	return &deadletter.Letter{
		ID: fmt.Sprintf("letter-%d", n), Timestamp: time.Now().UTC().Round(0), OriginalEndpoint: "https://crm.example.com/hook",
		ErrorCode: 503, Payload: fmt.Appendf(nil, `{"n":%d,"f":1.0}`, n),
	}
}
