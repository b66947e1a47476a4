package retry_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// fortune decides what happens. What it says depends on the seed and on what it is asked about alone, so that a seed
// replays in whatever order goroutines come to ask.
type fortune struct {
	seed  uint64
	share float64 // of the calls to the queue that go wrong
}

func (c fortune) of(what ...any) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprintln(h, what...)
	return rand.New(rand.NewPCG(c.seed, h.Sum64()))
}

// world is the queue and the endpoints, with what may be said of them at the end.
type world struct {
	fortune
	q     *memQueue
	ep    *endpoints
	alone bool // there is one engine at a time

	mu      sync.Mutex // guards all below
	healed  bool
	excused map[string]bool // letters that an endpoint may see twice: it took one, and nobody was told
	wrongs  []string        // what must never happen
}

func newWorld(c fortune) *world {
	w := &world{fortune: c, q: newMemQueue(c.seed), ep: newEndpoints(nil), excused: map[string]bool{}}
	w.q.order = byLot
	return w
}

func (w *world) heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.healed = true
}

func (w *world) well() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.healed
}

func (w *world) excuse(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.excused[id] = true
}

func (w *world) wrong(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrongs = append(w.wrongs, what)
}

// answers are all that an endpoint can say, or not say. Half of them take the letter.
var answers = []func() delivery.Result{
	ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok,
	unavailable,
	func() delivery.Result { return delivery.Result{Status: 500, Error: "500 Internal Server Error"} },
	func() delivery.Result { return delivery.Result{Status: 408, Error: "408 Request Timeout"} },
	func() delivery.Result { return delivery.Result{Status: 425, Error: "425 Too Early"} },
	func() delivery.Result { return delivery.Result{Status: 429, Error: "429 Too Many Requests"} },
	func() delivery.Result {
		return delivery.Result{Status: 429, Error: "429 Too Many Requests", NotBefore: time.Now().Add(3 * time.Second)}
	},
	func() delivery.Result {
		return delivery.Result{Status: 503, Error: "503 Service Unavailable", NotBefore: time.Now().Add(40 * time.Second)}
	},
	func() delivery.Result { return delivery.Result{Error: "connection refused"} },
	func() delivery.Result { return delivery.Result{Error: "no answer within 10s"} },
	func() delivery.Result {
		return delivery.Result{Outcome: delivery.Rejected, Status: 302, Error: "302 Found"}
	},
	func() delivery.Result {
		return delivery.Result{Outcome: delivery.Rejected, Status: 410, Error: "410 Gone"}
	},
	func() delivery.Result {
		return delivery.Result{Outcome: delivery.Unauthorized, Status: 401, Error: "401 Unauthorized"}
	},
	func() delivery.Result {
		return delivery.Result{Outcome: delivery.Unauthorized, Status: 403, Error: "403 Forbidden"}
	},
	func() delivery.Result {
		return delivery.Result{Outcome: delivery.Rejected, Error: "169.254.169.254 is link-local"}
	},
}

// process is one life of an engine: what stands between it and the world. It ends at a step, wherever that falls: a
// step is each moment before and after something has an effect.
type process struct {
	*world
	name   string
	killed bool // it does not end in order
	end    context.CancelFunc

	mu     sync.Mutex // guards all below
	left   int        // steps until it ends; below zero: it does not
	dead   bool
	calls  map[string]int
	parked map[string]bool // letters that it has parked after an attempt, whatever it knows of that
}

func newProcess(w *world, name string, left int, killed bool) *process {
	return &process{world: w, name: name, left: left, killed: killed, calls: map[string]int{}, parked: map[string]bool{}}
}

// step reports that the process has been killed, and has no more effect.
func (p *process) step() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left--; p.left == 0 {
		p.dead = p.killed
		p.end() // a dead one does nothing more in any case
	}
	if p.dead {
		return errDead
	}
	return nil
}

func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
}

// luck is what befalls the process's next call of a kind about something.
func (p *process) luck(op, about string) *rand.Rand {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[op+about]++
	return p.of(p.name, op, about, p.calls[op+about])
}

// call has an effect on the queue, as far as luck and the network allow: the request or its answer may be lost or
// late, and the process may end before it, after it, or while it is on its way.
func (p *process) call(ctx context.Context, luck *rand.Rand, effect func()) error {
	if err := p.step(); err != nil {
		return err
	}
	fate, d := 4, time.Duration(luck.IntN(20_000))*time.Millisecond
	if !p.well() && luck.Float64() < p.share {
		fate = luck.IntN(4)
	}
	if fate == 0 {
		return errFault
	}
	if fate == 1 {
		wait(ctx, d)
	}
	effect()
	if fate == 2 {
		wait(ctx, d)
	}
	if fate == 3 {
		return errFault
	}
	return p.step()
}

func (p *process) Receive(ctx context.Context) (leases []deadletter.Lease, err error) {
	luck := p.luck("Receive", "")
	if err := p.step(); err != nil {
		return nil, err
	}
	leases, err = p.q.Receive(ctx)
	if err != nil || len(leases) == 0 {
		return leases, err
	}
	if err := p.call(ctx, luck, func() {}); err != nil {
		return nil, err // they are leased, and nobody knows
	}
	if !p.well() && luck.Float64() < p.share/4 {
		p.q.lendAgain(leases[0])
	}
	return leases, nil
}

func (p *process) Delete(ctx context.Context, l deadletter.Lease) error {
	return p.call(ctx, p.luck("Delete", l.MessageID), func() { p.drop(l) })
}

// drop deletes a message, and sees whether that was the last of its letter.
func (p *process) drop(l deadletter.Lease) {
	p.q.mu.Lock()
	p.q.drop(l)
	left := p.q.has(l.Letter.ID)
	p.q.mu.Unlock()
	p.ep.mu.Lock()
	taken := p.ep.accepted[l.Letter.ID] > 0
	p.ep.mu.Unlock()
	if !left && !taken {
		p.wrong("the last message of " + l.Letter.ID + " was deleted before anybody had taken it")
	}
}

func (p *process) Extend(ctx context.Context, d time.Duration, leases ...deadletter.Lease) []error {
	return each(leases, func(l deadletter.Lease) error {
		var err error
		failed := p.call(ctx, p.luck("Extend", l.MessageID), func() { err = p.q.extend(l, d) })
		return errors.Join(failed, err)
	})
}

// move sends, and then deletes: each goes its own way.
func (p *process) move(ctx context.Context, op string, l deadletter.Lease, to map[string]*message, with *deadletter.Letter) error {
	luck := p.luck(op, l.MessageID)
	twice := !p.well() && luck.Float64() < p.share/4 // a repetition inside the client, after an answer that was lost
	if err := p.call(ctx, luck, func() {
		p.q.mu.Lock()
		defer p.q.mu.Unlock()
		p.q.put(to, with)
		if twice {
			p.q.put(to, with)
		}
	}); err != nil {
		return err
	}
	if err := p.call(ctx, luck, func() { p.drop(l) }); err != nil {
		return fmt.Errorf("%w: %w", deadletter.ErrNotDeleted, err)
	}
	return nil
}

func (p *process) Replace(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	return p.move(ctx, "Replace", l, p.q.waiting, with)
}

func (p *process) Park(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	if n := len(with.Attempts); n > 0 && with.Attempts[n-1].Error == with.Error { // else nothing tells a copy from one that was released
		p.mu.Lock()
		p.parked[with.ID] = true
		p.mu.Unlock()
	}
	return p.move(ctx, "Park", l, p.q.parked, with)
}

func (p *process) hasParked(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parked[id]
}

func (p *process) Release(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	return p.move(ctx, "Release", l, p.q.waiting, with)
}

func (p *process) ReceiveParked(ctx context.Context) (leases []deadletter.Lease, err error) {
	failed := p.call(ctx, p.luck("ReceiveParked", ""), func() { leases, err = p.q.ReceiveParked(ctx) })
	if err = errors.Join(failed, err); err != nil {
		return nil, err
	}
	return leases, nil
}

func (p *process) Depth(ctx context.Context) (d deadletter.Depth, err error) {
	failed := p.call(ctx, p.luck("Depth", ""), func() { d, err = p.q.Depth(ctx) })
	return d, errors.Join(failed, err)
}

func (p *process) Retention() time.Duration       { return p.q.Retention() }
func (p *process) ParkedRetention() time.Duration { return p.q.ParkedRetention() }

// Attempt asks the endpoint. A process that is killed meanwhile never knows what it said, nor does one whose answer
// is lost on its way.
func (p *process) Attempt(ctx context.Context, r delivery.Request) delivery.Result {
	if err := p.step(); err != nil {
		return delivery.Result{Cancelled: true}
	}
	luck := p.luck("Attempt", r.ID)
	if p.alone && p.hasParked(r.ID) {
		p.wrong(r.ID + " was attempted by an engine that has parked it")
	}
	unheard := !p.well() && luck.IntN(40) == 0
	if unheard {
		p.excuse(r.ID)
	}
	res := p.ep.Attempt(ctx, r)
	if err := p.step(); err != nil {
		p.excuse(r.ID)
		return delivery.Result{Cancelled: true}
	}
	if unheard {
		res.Outcome, res.Status, res.Error = delivery.Retry, 0, "no answer within 10s"
	}
	return res
}

// run starts an engine in this process.
func (p *process) run(t *testing.T, change ...func(*retry.Config)) *run {
	t.Helper()
	cfg := retry.Config{Queue: p, Deliver: p, Name: "gen-webhook-dlq", Rand: p.of(p.name, "jitter")}
	for _, f := range change {
		f(&cfg)
	}
	e, err := retry.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p.end = cancel
	r := &run{Engine: e, cancel: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- e.Run(ctx) }()
	return r
}
