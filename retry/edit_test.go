package retry_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/record"
)

const better = `{"n":"better"}`

// sent keeps every body that an endpoint took.
type sent struct {
	mu     sync.Mutex // guards bodies
	bodies map[string]int
}

func (s *sent) endpoints() *endpoints {
	s.bodies = map[string]int{}
	return newEndpoints(func(r delivery.Request, _ int) delivery.Result {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bodies[string(r.Body)]++
		return ok()
	})
}

// taken is how often a body was.
func (s *sent) taken(body string) int { return s.all()[body] }

// kinds is how many different bodies were taken.
func (s *sent) kinds() int { return len(s.all()) }

func (s *sent) all() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.bodies)
}

func TestEditReplacesALetterUnderItsID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sent
		q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
		ids := later(q, 2)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		edit := retry.Edit{
			ID: ids[0], Payload: []byte(better), Endpoint: "https://crm2.example.com/", Headers: deadletter.Headers{"X-New": {"1"}}, By: "ann",
		}
		if got := do(t, r, edit); len(got) != 1 || got[0].Did != retry.DidEdit {
			t.Errorf("%+v", got)
		}
		pass(time.Minute)
		l := q.letters(q.waiting)[ids[0]]
		if l == nil || string(l.Payload) != better || l.OriginalEndpoint != edit.Endpoint || l.Headers.Get("X-New") != "1" || l.Edited == nil || l.Edited.By != "ann" || q.count(q.waiting) != 2 {
			t.Errorf("the letter is %+v, %d wait", l, q.count(q.waiting))
		}
		if b.count() != 1 || string(b.kept[0].Payload) != `{"n":0,"f":1.0}` {
			t.Errorf("in the trash: %+v", b.kept)
		}
		if ep.attempted() != 0 {
			t.Error("it was attempted, though nobody asked for that")
		}
		got := do(t, r, retry.Edit{ID: ids[1], Payload: []byte(better), Redrive: true, By: "ann"})
		if len(got) != 1 || got[0].Did != retry.DidDeliver || s.taken(better) != 1 {
			t.Errorf("%+v, sent %v", got, s.all())
		}
		pass(2 * time.Hour)
		if s.taken(better) != 2 || s.kinds() != 1 || q.count(q.waiting) != 0 {
			t.Errorf("sent %v, %d left", s.all(), q.count(q.waiting))
		}
		if c := status(t, r).Counters; c.In() != c.Out() {
			t.Errorf("the figures: %+v", c)
		}
		r.stop(t)
	})
}

func TestEditOfAParkedLetterBringsItBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sent
		q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
		id := parkedLetter(q, 1).ID
		r := start(t, q, ep, into(b))
		pass(time.Second)
		if got := do(t, r, retry.Edit{ID: id, Payload: []byte(better), By: "ann"}); got[0].Did != retry.DidSkip || q.count(q.parked) != 1 {
			t.Errorf("%+v", got)
		}
		if got := do(t, r, retry.Edit{ID: id, Payload: []byte(better), Redrive: true, By: "ann"}); got[0].Did != retry.DidEdit {
			t.Errorf("%+v", got)
		}
		pass(time.Minute)
		if s.taken(better) != 1 || s.kinds() != 1 || q.count(q.parked)+q.count(q.waiting) != 0 || b.count() != 1 {
			t.Errorf("sent %v; %d parked, %d wait, %d in the trash", s.all(), q.count(q.parked), q.count(q.waiting), b.count())
		}
		r.stop(t)
	})
}

// TestCrashDuringAnEdit kills the engine at every step of an edit. The letter must be there as it was or as it was
// edited, and never be delivered both ways once the edited one is in the queue.
func TestCrashDuringAnEdit(t *testing.T) {
	for name, c := range map[string]struct {
		dies func(q *memQueue, dead func(), h *hooked, b *bin)
		want string
	}{
		"before the trash has it": {func(_ *memQueue, dead func(), _ *hooked, b *bin) { b.full = errFull; dead() }, `{"n":0,"f":1.0}`},
		"before the send": {func(_ *memQueue, dead func(), h *hooked, _ *bin) {
			h.replace = func(context.Context, deadletter.Lease, *deadletter.Letter) error { dead(); return errDead }
		}, `{"n":0,"f":1.0}`},
		"between send and delete": {func(q *memQueue, dead func(), h *hooked, _ *bin) {
			h.replace = func(_ context.Context, _ deadletter.Lease, with *deadletter.Letter) error {
				dead()
				q.Send(with)
				return errDead
			}
		}, better},
	} {
		for _, order := range []string{"the old one comes first", "the new one comes first"} {
			t.Run(name+", "+order, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var s sent
					q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
					ids := later(q, 1)
					var r *run
					var h *hooked
					r = start(t, q, ep, into(b), hooking(func(hook *hooked) { h = hook }))
					pass(time.Second)
					c.dies(q, func() { r.dead.Store(true) }, h, b)
					go func() { _, _ = r.Do(t.Context(), retry.Edit{ID: ids[0], Payload: []byte(better), By: "ann"}) }()
					pass(20 * time.Second)
					r.kill(t)
					q.mu.Lock()
					first := time.Minute
					if order == "the new one comes first" {
						first = 0
					}
					for id, m := range q.waiting {
						m.visibleAt = time.Now().Add(time.Minute - first)
						if id == "m1" {
							m.visibleAt = time.Now().Add(first)
						}
					}
					q.mu.Unlock()
					r = start(t, q, ep, into(&bin{}))
					pass(3 * time.Minute)
					if q.count(q.waiting) != 1 {
						t.Errorf("%d messages wait", q.count(q.waiting))
					}
					pass(2 * time.Hour)
					if s.taken(c.want) != 1 || s.kinds() != 1 || q.count(q.waiting) != 0 {
						t.Errorf("sent %v, %d left", s.all(), q.count(q.waiting))
					}
					r.stop(t)
				})
			})
		}
	}
}

func TestEditThatTheQueueMayHaveTakenIsNotAssumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sent
		q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
		ids := later(q, 1)
		r := start(t, q, ep, into(b), hooking(func(h *hooked) {
			h.replace = func(_ context.Context, _ deadletter.Lease, with *deadletter.Letter) error {
				q.mu.Lock()
				defer q.mu.Unlock()
				if len(q.waiting) < 2 {
					q.put(q.waiting, with)
				}
				return errFault // its answer is lost
			}
		}))
		pass(time.Second)
		if got := do(t, r, retry.Edit{ID: ids[0], Payload: []byte(better), By: "ann"}); got[0].Did != retry.DidSkip {
			t.Errorf("%+v", got)
		}
		pass(3 * time.Hour)
		if s.taken(better) != 1 || s.kinds() != 1 || q.count(q.waiting) != 0 {
			t.Errorf("sent %v, %d left", s.all(), q.count(q.waiting))
		}
		r.stop(t)
	})
}

func TestOtherLetterOfOneIDIsNotTakenForAnOvertakenOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sent
		q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
		ids := later(q, 1)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		do(t, r, retry.Edit{ID: ids[0], Payload: []byte(better), By: "ann"})
		twin := letter(7) // of a careless writer: nobody has edited it, and no trash has it
		twin.ID = ids[0]
		q.Send(twin)
		pass(3 * time.Hour)
		if s.taken(better) != 1 || s.taken(string(twin.Payload)) != 1 || s.kinds() != 2 {
			t.Errorf("sent %v", s.all())
		}
		r.stop(t)
	})
}

func TestLateCopyOfWhatWasEditedIsDeletedAfterTheDelivery(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		t.Run(fmt.Sprintf("restarted %v", restarted), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				var s sent
				q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
				remembered := func(c *retry.Config) {
					d, err := record.Open(dir)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { _ = d.Close() })
					c.Deliveries = d
				}
				ids := later(q, 1)
				r := start(t, q, ep, into(b), remembered)
				pass(time.Second)
				old := q.letters(q.waiting)[ids[0]]
				q.late(old, 10*time.Minute)
				got := do(t, r, retry.Edit{ID: ids[0], Payload: []byte(better), Redrive: true, By: "ann"})
				if got[0].Did != retry.DidDeliver {
					t.Errorf("%+v", got)
				}
				pass(time.Minute)
				if restarted {
					r.stop(t)
					r = start(t, q, ep, into(b), remembered)
				}
				pass(3 * time.Hour)
				if s.taken(better) != 1 || s.kinds() != 1 || q.count(q.waiting) != 0 {
					t.Errorf("sent %v, %d left", s.all(), q.count(q.waiting))
				}
				r.stop(t)
			})
		})
	}
}

func TestEditsOfEditsOvertakeAllThatCameBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sent
		q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
		ids := later(q, 1)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		var copies []*deadletter.Letter
		for _, payload := range []string{"1", "2", `{"n":0,"f":1.0}`, better} { // and back, in between
			copies = append(copies, q.letters(q.waiting)[ids[0]])
			do(t, r, retry.Edit{ID: ids[0], Payload: []byte(payload), By: "ann"})
			pass(time.Second)
		}
		for _, l := range copies { // left by crashes
			q.late(l, time.Minute)
			q.mu.Lock()
			q.waiting[fmt.Sprint("m", q.serial)].sentAt = l.Timestamp
			q.mu.Unlock()
		}
		pass(3 * time.Hour)
		if s.taken(better) != 1 || s.kinds() != 1 || q.count(q.waiting) != 0 || b.count() != 4 {
			t.Errorf("sent %v, %d left, %d in the trash", s.all(), q.count(q.waiting), b.count())
		}
		r.stop(t)
	})
}

func TestEditThatFailsLeavesTheLetter(t *testing.T) {
	for name, again := range map[string]bool{"": false, "whose message is received again meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s sent
				q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
				ids := later(q, 1)
				r := start(t, q, ep, into(b), hooking(func(h *hooked) {
					h.replace = func(ctx context.Context, _ deadletter.Lease, _ *deadletter.Letter) error {
						q.mu.Lock()
						if m := q.waiting["m1"]; again && m != nil { // SQS delivers at least once
							m.visibleAt = time.Now()
							q.wakeAll()
						}
						q.mu.Unlock()
						wait(ctx, time.Second)
						return errFault
					}
				}))
				pass(time.Second)
				got := do(t, r, retry.Edit{ID: ids[0], Payload: []byte(better), Redrive: true, By: "ann"})
				if got[0].Did != retry.DidSkip || q.count(q.waiting) != 1 {
					t.Errorf("%+v; %d messages", got, q.count(q.waiting))
				}
				pass(2 * time.Hour)
				if s.taken(`{"n":0,"f":1.0}`) != 1 || s.kinds() != 1 || q.count(q.waiting) != 0 {
					t.Errorf("sent %v, %d left", s.all(), q.count(q.waiting))
				}
				r.stop(t)
			})
		})
	}
}

func TestLateCopyOfWhatWasEditedIsDeletedWhereTheEditedOneIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sent
		q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
		ids := later(q, 1)
		r := start(t, q, ep, into(b), hooking(func(h *hooked) {
			inner := h.Queue
			h.receive = func(ctx context.Context) ([]deadletter.Lease, error) {
				leases, err := inner.Receive(ctx)
				return slices.DeleteFunc(leases, func(l deadletter.Lease) bool { // another engine has the edited one
					if l.Letter.Edited == nil {
						return false
					}
					return inner.Extend(ctx, 5*time.Hour, l)[0] == nil
				}), err
			}
		}))
		pass(time.Second)
		q.late(q.letters(q.waiting)[ids[0]], 10*time.Minute)
		pass(10 * time.Second)
		do(t, r, retry.Edit{ID: ids[0], Payload: []byte(better), By: "ann"})
		pass(2 * time.Hour)
		if s.kinds() != 0 || q.count(q.waiting) != 1 {
			t.Errorf("sent %v, %d wait", s.all(), q.count(q.waiting))
		}
		r.stop(t)
	})
}

func TestEditOfTheEndpointAloneIsNotTakenForWhatItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sent
		q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
		q.behind = time.Minute
		ids := later(q, 1)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		got := do(t, r, retry.Edit{ID: ids[0], Endpoint: "https://crm2.example.com/", Redrive: true, By: "ann"})
		pass(time.Second)
		if got[0].Did != retry.DidDeliver || q.count(q.waiting) != 0 {
			t.Errorf("%+v, %d left", got, q.count(q.waiting))
		}
		r.stop(t)
	})
}

func TestLetterThatIsBroughtBackFromTheTrashIsDeliveredToo(t *testing.T) {
	for name, first := range map[string]time.Duration{"while the edited one waits": 0, "when that has been delivered": 2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s sent
				q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
				ids := later(q, 1)
				r := start(t, q, ep, into(b))
				pass(time.Second)
				do(t, r, retry.Edit{ID: ids[0], Payload: []byte(better), By: "ann"})
				pass(time.Minute + first)
				q.Send(b.kept[0])
				pass(3 * time.Hour)
				if s.taken(better) != 1 || s.taken(`{"n":0,"f":1.0}`) != 1 || q.count(q.waiting) != 0 {
					t.Errorf("sent %v, %d left", s.all(), q.count(q.waiting))
				}
				r.stop(t)
			})
		})
	}
}

func TestWhatWasEditedIsOvertakenThoughAnotherEngineHasAttemptedItSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sent
		q, ep, b := newMemQueue(1), s.endpoints(), &bin{}
		ids := later(q, 1)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		do(t, r, retry.Edit{ID: ids[0], Payload: []byte(better), By: "ann"})
		pass(time.Minute)
		old := b.kept[0].Clone() // a crash had left it, and it was received there first
		old.AddAttempt(deadletter.Attempt{At: time.Now().UTC().Round(0), Status: 503})
		q.Send(old)
		pass(3 * time.Hour)
		if s.taken(better) != 1 || s.kinds() != 1 || q.count(q.waiting) != 0 {
			t.Errorf("sent %v, %d left", s.all(), q.count(q.waiting))
		}
		r.stop(t)
	})
}
