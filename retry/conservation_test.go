package retry_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/delivery"
	"rehook/retry/record"
)

// TestConservationAtEveryBoundary holds the engine to its law while everything around it fails: calls to the queue
// that are lost, late, or done twice; every answer that an endpoint can give, or keep to itself; and a process that
// ends, in order or not, at any step, with another one beside it or none. No letter vanishes and none is deleted
// before somebody has it. Where one engine with a record of its deliveries works alone, an endpoint that has
// answered is not sent the letter again. When all is well at last, everything comes to its end and the figures add up.
//
// A seed that fails is replayed by -run 'TestConservationAtEveryBoundary/SEED$'.
func TestConservationAtEveryBoundary(t *testing.T) {
	schedules := 1000
	if testing.Short() {
		schedules = 50
	}
	for seed := range uint64(schedules) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { newHistory(seed, dir).unfold(t) })
		})
	}
}

// history is one random course of events.
type history struct {
	*world
	dir      string // of the record of deliveries
	letters  int
	together int // engines at once
}

func newHistory(seed uint64, dir string) *history {
	c := fortune{seed: seed}
	c.share = []float64{0, 0.05, 0.2, 0.4}[c.of("faults").IntN(4)]
	h := &history{world: newWorld(c), dir: dir, letters: 1 + c.of("letters").IntN(30), together: 1 + c.of("engines").IntN(5)/4}
	h.alone = h.together == 1
	seen := map[string]int{}
	h.ep.latency = func() time.Duration { // it is called under ep.mu
		seen[""]++
		return time.Duration(c.of("latency", seen[""]).IntN(2000)) * time.Millisecond
	}
	h.ep.answer = func(r delivery.Request, n int) delivery.Result {
		if h.well() {
			return ok()
		}
		return answers[c.of("answer", r.ID, n).IntN(len(answers))]()
	}
	return h
}

func (h *history) unfold(t *testing.T) {
	t.Helper()
	for n := range h.letters {
		l := letter(n)
		l.OriginalEndpoint = fmt.Sprintf("https://e%d.example.com/", h.of("endpoint", n).IntN(3))
		h.q.Send(l)
		if h.of("twice", n).IntN(10) == 0 {
			h.q.Send(l)
		}
	}
	for life := range 1 + h.of("lives").IntN(5) {
		h.live(t, life)
		assertNothingLost(t, h.q, h.ep, h.letters)
	}
	h.heal()
	r, closeRecord := h.start(t, newProcess(h.world, "last", -1, false))
	pass(3 * time.Hour)
	assertFiguresAddUp(t, r.Engine)
	r.stop(t)
	closeRecord()
	h.assertAllEnded(t)
}

// live lets engines run until they have ended, each at a step of its own or when a while has gone by.
func (h *history) live(t *testing.T, life int) {
	t.Helper()
	var all []*process
	var runs []*run
	for n := range h.together {
		name := fmt.Sprintf("life %d of %d", life, n)
		luck := h.of(name)
		p := newProcess(h.world, name, 1+luck.IntN(150), luck.IntN(2) == 0)
		r, closeRecord := h.start(t, p)
		defer closeRecord()
		all, runs = append(all, p), append(runs, r)
	}
	pass(time.Duration(h.of("while", life).IntN(120_000)) * time.Millisecond)
	for n, r := range runs {
		if all[n].killed {
			all[n].kill()
		}
		r.stop(t)
	}
}

// start runs an engine whose deliveries are recorded, if it is the only one: others have state directories of their
// own.
func (h *history) start(t *testing.T, p *process) (*run, func()) {
	t.Helper()
	var deliveries *record.Deliveries
	if h.alone {
		var err error
		if deliveries, err = record.Open(h.dir); err != nil {
			t.Fatal(err)
		}
	}
	r := p.run(t, func(c *retry.Config) {
		c.Deliveries = deliveries
		if h.of("small").IntN(3) == 0 {
			c.Inventory = 15
		}
	})
	h.watch(t, r)
	return r, func() {
		if deliveries != nil {
			if err := deliveries.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// watch looks at the figures all the while.
func (h *history) watch(t *testing.T, r *run) {
	t.Helper()
	go func() {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		feed, err := r.Subscribe(ctx)
		for err == nil {
			var u retry.Update
			if u, err = feed.Next(ctx); err == nil && u.Status.Counters.In() != u.Status.Counters.Out() {
				t.Errorf("the figures do not add up: %+v", u.Status.Counters)
			}
			wait(ctx, time.Second)
		}
	}()
}

func (h *history) assertAllEnded(t *testing.T) {
	t.Helper()
	assertNothingLost(t, h.q, h.ep, h.letters)
	for _, what := range h.wrongs {
		t.Error(what)
	}
	if n := len(h.q.letters(h.q.waiting)); n != 0 {
		t.Errorf("%d letters still wait hours after all is well", n)
	}
	if !h.alone {
		return
	}
	for id, n := range h.ep.accepted {
		if n > 1 && !h.excused[id] {
			t.Errorf("%s was delivered %d times", id, n)
		}
	}
}
