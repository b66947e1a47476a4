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

// TestConservationUnderCommands holds the engine to its law while operators do what they like: no letter vanishes,
// without faults, kills and twins none is delivered twice or both delivered and parked, every command is answered,
// every figure adds up, and an hour after all is well nothing waits and nothing spins.
func TestConservationUnderCommands(t *testing.T) {
	schedules := 300
	if testing.Short() {
		schedules = 30
	}
	for seed := range uint64(schedules) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newTrial(seed).run(t) })
		})
	}
}

// trial is one random schedule.
type trial struct {
	seed               uint64
	random             *rand.Rand
	q                  *memQueue
	ep                 *endpoints
	healing            bool           // guarded by ep.mu
	taken              map[string]int // 2xx answers by body; guarded by ep.mu
	ids                []string
	bodies             map[string]string // of every letter that there ever was: its id
	next               int
	twins, clean       bool
	released, redriven map[string]bool
	bin                *bin
	edits              sync.Map // ids by the payload of an edit that was carried out
	asked, answered    atomic.Int64
	asking             sync.WaitGroup
}

func newTrial(seed uint64) *trial {
	tr := &trial{
		seed: seed, random: rand.New(rand.NewPCG(seed, 99)), q: newMemQueue(seed), ep: newEndpoints(nil),
		taken: map[string]int{}, bodies: map[string]string{}, clean: true, bin: &bin{}, released: map[string]bool{}, redriven: map[string]bool{},
	}
	tr.q.faults = []float64{0, 0, 0.05, 0.3}[tr.random.IntN(4)]
	tr.clean = tr.q.faults == 0
	tr.twins = tr.random.IntN(4) == 0
	outcomes := rand.New(rand.NewPCG(seed, 7))
	tr.ep.latency = func() time.Duration { return time.Duration(outcomes.IntN(2000)) * time.Millisecond }
	tr.ep.answer = func(r delivery.Request, _ int) delivery.Result {
		n := outcomes.IntN(24)
		switch {
		case tr.healing || n < 9:
			tr.taken[string(r.Body)]++
			return ok()
		case n == 9:
			return delivery.Result{Outcome: delivery.Rejected, Status: 404, Error: "404 Not Found"}
		case n == 10:
			return delivery.Result{Outcome: delivery.Unauthorized, Status: 401, Error: "401 Unauthorized"}
		case n == 11:
			return delivery.Result{Outcome: delivery.Rejected, Error: "169.254.169.254 is link-local"}
		case n == 12:
			return delivery.Result{Outcome: delivery.Retry, Status: 429, Error: "429", NotBefore: time.Now().Add(3 * time.Second)}
		default:
			return unavailable()
		}
	}
	return tr
}

// letter makes a new one, now and then under an old id, or without an endpoint.
func (tr *trial) letter() *deadletter.Letter {
	l := letter(tr.next)
	tr.next++
	l.OriginalEndpoint = fmt.Sprintf("https://e%d.example.com/", tr.random.IntN(3))
	switch tr.random.IntN(12) {
	case 0:
		l.OriginalEndpoint = ""
	case 1:
		l.NextAttemptAt = time.Now().Add(time.Duration(tr.random.IntN(3600)) * time.Second).UTC().Round(0)
	case 2:
		if tr.twins && len(tr.ids) > 0 {
			l.ID = tr.ids[tr.random.IntN(len(tr.ids))]
		}
	}
	tr.bodies[string(l.Payload)] = l.ID
	tr.ids = append(tr.ids, l.ID)
	return l
}

func (tr *trial) run(t *testing.T) {
	t.Helper()
	for range 1 + tr.random.IntN(40) {
		l := tr.letter()
		tr.q.Send(l)
		if tr.random.IntN(10) == 0 {
			tr.q.Send(l) // a send that SQS accepted twice
			tr.clean = false
		}
	}
	var r *run
	for lives := 1 + tr.random.IntN(4); lives > 0; lives-- {
		r = tr.start(t)
		for range tr.random.IntN(25) {
			pass(time.Duration(tr.random.IntN(3000)) * time.Millisecond)
			tr.act(t, r)
		}
		if lives == 1 && tr.random.IntN(2) == 0 {
			break // this one goes on
		}
		if tr.random.IntN(2) == 0 {
			r.kill(t)
			tr.clean = false
		} else {
			r.stop(t)
		}
		tr.asking.Wait()
		r = nil
		tr.assertNothingLost(t)
	}
	tr.ep.mu.Lock()
	tr.healing = true
	tr.ep.mu.Unlock()
	tr.q.setFaults(0)
	if r == nil {
		r = tr.start(t)
	}
	tr.letAllGo(t, r)
	pass(3 * time.Hour)
	tr.q.mu.Lock()
	before := tr.q.calls["Receive"] + tr.q.calls["Extend"] + tr.q.calls["Park"]
	tr.q.mu.Unlock()
	pass(time.Hour)
	tr.q.mu.Lock()
	calls := tr.q.calls["Receive"] + tr.q.calls["Extend"] + tr.q.calls["Park"] - before - 2*len(tr.q.parked) // looked through now and then
	tr.q.mu.Unlock()
	if calls > 200+len(tr.q.parked) { // whose age may be looked at: each is given back
		t.Errorf("%d calls in an hour in which nothing is to be done", calls)
	}
	if a, b := tr.asked.Load(), tr.answered.Load(); a != b {
		t.Errorf("%d of %d commands were answered", b, a)
	}
	tr.assertAtRest(t, r)
	r.stop(t)
	tr.asking.Wait()
	tr.assertNothingLost(t)
	if n := len(tr.q.waiting); n != 0 {
		t.Errorf("%d messages still wait hours after all is well", n)
	}
	if tr.clean && !tr.twins {
		tr.assertOnce(t)
	}
}

func (tr *trial) start(t *testing.T) *run {
	t.Helper()
	r := start(t, tr.q, tr.ep, func(c *retry.Config) {
		c.Rand = rand.New(rand.NewPCG(tr.seed, 3))
		if tr.seed%3 == 0 {
			c.Inventory = 15
		}
		c.Trash, c.Audit = tr.bin, tr.bin
		if tr.seed%5 == 0 {
			c.Timeout = time.Minute // every attempt needs a longer lease
		}
	})
	if tr.random.IntN(2) == 0 {
		ctx, cancel := context.WithCancel(t.Context())
		feed, err := r.Subscribe(ctx)
		if err != nil {
			t.Fatal(err)
		}
		tr.asking.Go(func() {
			defer cancel()
			for {
				u, err := feed.Next(ctx)
				if err != nil {
					return
				}
				if c := u.Status.Counters; c.In() != c.Out() {
					t.Errorf("the figures do not add up: %+v", c)
				}
				time.Sleep(time.Second)
			}
		})
	}
	return r
}

// act does what an operator, or the listener, may do at any time.
func (tr *trial) act(t *testing.T, r *run) {
	t.Helper()
	ids := make([]string, 1+tr.random.IntN(8))
	for i := range ids {
		ids[i] = tr.ids[tr.random.IntN(len(tr.ids))]
	}
	mark := func(in map[string]bool) {
		for _, id := range ids {
			in[id] = true
		}
	}
	var c retry.Command
	switch tr.random.IntN(19) {
	case 18:
		c = retry.Limit{Endpoint: fmt.Sprintf("https://e%d.example.com", tr.random.IntN(4)), Rate: float64(tr.random.IntN(4)), AtOnce: tr.random.IntN(3), By: "ann"}
	case 0, 1, 2:
		c = retry.Redrive{IDs: ids, By: "ann"}
		mark(tr.redriven)
	case 12, 13:
		c = tr.redrive(ids)
		mark(tr.redriven)
	case 14:
		c = retry.Delete{IDs: ids[:1], By: "ann"}
	case 15, 16:
		c = tr.edit(ids[0])
		mark(tr.redriven)
	case 17:
		for _, j := range look(t, r).Status.Jobs {
			if j.Ended.IsZero() {
				c = retry.Cancel{Job: j.ID, By: "ann"}
			}
		}
		if c == nil {
			return
		}
	case 3, 4:
		c = retry.Hold{IDs: ids, By: "ann"}
	case 5:
		c = retry.Park{IDs: ids, By: "ann"}
	case 6, 7:
		c = retry.Release{IDs: ids, By: "ann"}
		mark(tr.released)
	case 8:
		c = retry.Pause{By: "ann"}
	case 9, 10:
		c = retry.Resume{By: "ann"}
	default:
		l := tr.letter()
		tr.asking.Go(func() {
			_ = r.Capture(t.Context(), l, func(_ context.Context, l *deadletter.Letter) error {
				time.Sleep(time.Millisecond)
				tr.q.Send(l)
				time.Sleep(time.Millisecond)
				return nil
			})
		})
		return
	}
	ctx, cancel := t.Context(), context.CancelFunc(func() {})
	if tr.random.IntN(3) == 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(tr.random.IntN(4000))*time.Millisecond)
	}
	tr.asked.Add(1)
	tr.asking.Go(func() {
		defer cancel()
		results, err := r.Do(ctx, c)
		tr.answered.Add(1)
		_, cancels := c.(retry.Cancel) // what may have ended since
		late := cancels && errors.Is(err, retry.ErrRefused)
		if err != nil && !late && !errors.Is(err, retry.ErrStopped) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%T: %v", c, err)
		}
		seen := map[string]bool{}
		for _, res := range results {
			if seen[res.ID] {
				t.Errorf("%T answered twice for %s", c, res.ID)
			}
			seen[res.ID] = true
			if edit, ok := c.(retry.Edit); ok && res.Did != retry.DidSkip && res.Did != retry.DidLetGo {
				tr.edits.Store(string(edit.Payload), res.ID)
			}
		}
	})
}

// redrive is one with options.
func (tr *trial) redrive(ids []string) retry.Command {
	c := retry.Redrive{IDs: ids, Canary: tr.random.IntN(2) == 0, By: "ann"}
	if tr.random.IntN(2) == 0 {
		c.To = "https://e9.example.com/elsewhere"
	}
	if tr.random.IntN(2) == 0 {
		c.Rate = 0.5 + 5*tr.random.Float64()
	}
	return c
}

// edit gives a letter a payload that no other has.
func (tr *trial) edit(id string) retry.Command {
	c := retry.Edit{ID: id, Redrive: tr.random.IntN(2) == 0, By: "ann"}
	c.Payload = fmt.Appendf(nil, `{"edit":%d}`, tr.next)
	tr.next++
	if tr.random.IntN(3) == 0 {
		c.Endpoint = fmt.Sprintf("https://e%d.example.com/", tr.random.IntN(3))
	}
	return c
}

// letAllGo resumes the engine and lets every held letter go.
func (tr *trial) letAllGo(t *testing.T, r *run) {
	t.Helper()
	pass(10 * time.Minute) // what was asked is answered, leases of the killed have ended
	if _, err := r.Do(t.Context(), retry.Resume{By: "ann"}); err != nil {
		t.Fatal(err)
	}
	for range 3 { // one that is far back in the queue comes late, and is held still
		for _, e := range look(t, r).Letters {
			if e.HeldBy != "" {
				if _, err := r.Do(t.Context(), retry.Hold{IDs: []string{e.Letter.ID}, By: "ann"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		pass(5 * time.Minute)
	}
}

func (tr *trial) assertAtRest(t *testing.T, r *run) {
	t.Helper()
	u := look(t, r)
	if c := u.Status.Counters; c.In() != c.Out() || c.Waiting+c.InFlight != 0 {
		t.Errorf("the figures at rest: %+v", c)
	}
	if u.Status.HeldBytes != 0 {
		t.Errorf("%d bytes are held of no letter", u.Status.HeldBytes)
	}
	for _, e := range u.Status.Endpoints {
		if e.Waiting != 0 || e.InFlight != 0 {
			t.Errorf("an empty lane says %+v", e)
		}
	}
	for _, e := range u.Letters {
		if e.Phase != retry.Done && e.Phase != retry.InParked {
			t.Errorf("%s is left: %s, waits for %q, due %v, held by %q", e.Letter.ID, e.Phase, e.Wait, e.Due, e.HeldBy)
		}
	}
}

// where finds the bodies in a queue.
func (tr *trial) where(in map[string]*message) map[string]int {
	tr.q.mu.Lock()
	defer tr.q.mu.Unlock()
	found := map[string]int{}
	for _, m := range in {
		found[string(deadletter.Read(m.body, nil, m.id).Payload)]++
	}
	return found
}

func (tr *trial) assertNothingLost(t *testing.T) {
	t.Helper()
	waiting, parked, trash := tr.where(tr.q.waiting), tr.where(tr.q.parked), tr.bin.payloads()
	tr.edits.Range(func(body, id any) bool {
		tr.bodies[body.(string)] = id.(string)
		return true
	})
	tr.ep.mu.Lock()
	defer tr.ep.mu.Unlock()
	for body, id := range tr.bodies {
		if tr.taken[body]+waiting[body]+parked[body] == 0 && !trash[body] {
			t.Errorf("%s of %s is lost", body, id)
		}
	}
}

// assertOnce: without faults, kills, copies and twins every letter is in one place, the trash among them.
func (tr *trial) assertOnce(t *testing.T) {
	t.Helper()
	parked, trash := tr.where(tr.q.parked), tr.bin.payloads()
	for body, id := range tr.bodies {
		n := tr.taken[body] + parked[body]
		if trash[body] {
			n++
		}
		if n != 1 {
			t.Errorf("%s was delivered %d times and is parked %d times", id, tr.taken[body], parked[body])
		}
		if n := len(tr.ep.attempts[id]); n > 5 && !tr.released[id] && !tr.redriven[id] {
			t.Errorf("%s was attempted %d times", id, n)
		}
	}
}
