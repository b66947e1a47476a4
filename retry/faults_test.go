package retry_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// hooked is a queue of which a test replaces some calls.
type hooked struct {
	retry.Queue
	receive func(ctx context.Context) ([]deadletter.Lease, error)
	extend  func(ctx context.Context, l deadletter.Lease, d time.Duration) error
	replace func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error
	park    func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error
	release func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error

	parkedTakes time.Duration // how long a receive of parked letters takes
}

func (h *hooked) ReceiveParked(ctx context.Context) ([]deadletter.Lease, error) {
	wait(ctx, h.parkedTakes)
	return h.Queue.ReceiveParked(ctx)
}

func (h *hooked) Receive(ctx context.Context) ([]deadletter.Lease, error) {
	if h.receive != nil {
		return h.receive(ctx)
	}
	return h.Queue.Receive(ctx)
}

func (h *hooked) Extend(ctx context.Context, d time.Duration, leases ...deadletter.Lease) []error {
	if h.extend != nil {
		return each(leases, func(l deadletter.Lease) error { return h.extend(ctx, l, d) })
	}
	return h.Queue.Extend(ctx, d, leases...)
}

func (h *hooked) Replace(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	if h.replace != nil {
		return h.replace(ctx, l, with)
	}
	return h.Queue.Replace(ctx, l, with)
}

func (h *hooked) Park(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	if h.park != nil {
		return h.park(ctx, l, with)
	}
	return h.Queue.Park(ctx, l, with)
}

func (h *hooked) Release(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
	if h.release != nil {
		return h.release(ctx, l, with)
	}
	return h.Queue.Release(ctx, l, with)
}

// hooking has a test change the engine's queue.
func hooking(change func(h *hooked)) func(*retry.Config) {
	return func(c *retry.Config) {
		h := &hooked{Queue: c.Queue}
		change(h)
		c.Queue = h
	}
}

func takesAll(delivery.Request, int) delivery.Result { return ok() }

// wait is a pause of a hooked call.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func TestSlowExtensionsHoldUpNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ep.setLatency(time.Second)
		for n := range 3000 {
			q.Send(letter(n))
		}
		var slow retry.Queue
		r := start(t, q, ep, hooking(func(h *hooked) {
			slow = h.Queue
			h.extend = func(ctx context.Context, l deadletter.Lease, d time.Duration) error {
				wait(ctx, 3*time.Second)
				return slow.Extend(ctx, d, l)[0]
			}
		}))
		pass(5 * time.Minute)
		if n := ep.delivered(); n < 8*290 {
			t.Errorf("%d letters delivered in five minutes at eight a second", n)
		}
		r.stop(t)
	})
}

func TestFailedExtensionIsRepeatedWithAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		q.Send(letter(1))
		calls := 0
		r := start(t, q, ep, func(c *retry.Config) { c.Timeout = time.Minute }, hooking(func(h *hooked) {
			h.extend = func(context.Context, deadletter.Lease, time.Duration) error {
				calls++
				return errFault
			}
		}))
		pass(10 * time.Second)
		if calls == 0 || calls > 25 {
			t.Errorf("a lease was extended %d times in ten seconds", calls)
		}
		r.stop(t)
	})
}

func TestReplacementThatComesAfterTheDeliveryIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		old := letter(1)
		q.Send(old)
		replacement := old.Clone()
		replacement.AddAttempt(deadletter.Attempt{At: time.Now(), Status: 503})
		q.Send(replacement)
		q.waiting["m2"].visibleAt = time.Now().Add(10 * time.Second) // a killed engine has it until then
		r := start(t, q, ep)
		pass(time.Minute)
		r.stop(t)
		if !ep.acceptedOnce("letter-1") || len(q.waiting) != 0 {
			t.Errorf("delivered %d times, %d left", ep.accepted["letter-1"], len(q.waiting))
		}
	})
}

func TestTwoLettersOfOneIDAreBothDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		one, two := letter(1), letter(2)
		two.ID = one.ID
		q.Send(one)
		q.Send(two)
		r := start(t, q, ep)
		pass(5 * time.Minute)
		r.stop(t)
		if ep.accepted["letter-1"] != 2 || len(q.waiting) != 0 {
			t.Errorf("delivered %d, %d left", ep.accepted["letter-1"], len(q.waiting))
		}
	})
}

func TestLetterThatCannotGrowIsStillCountedAndSlimmed(t *testing.T) {
	for name, limit := range map[string]int{"without its attempts it fits": 200, "it never fits": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
				q.Send(letter(1))
				r := start(t, q, ep, hooking(func(h *hooked) {
					inner := h.Queue
					fits := func(l *deadletter.Letter) bool { return len(l.Encode()) < limit+len(l.Payload) }
					h.replace = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
						if !fits(with) {
							return deadletter.ErrTooLarge
						}
						return inner.Replace(ctx, l, with)
					}
					h.park = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
						if !fits(with) && limit == 0 {
							return deadletter.ErrTooLarge
						}
						return inner.Park(ctx, l, with)
					}
				}))
				pass(2 * time.Hour)
				if n := len(ep.times("letter-1")); n != 5 {
					t.Errorf("attempted %d times in two hours, want five", n)
				}
				if left := len(q.waiting) + len(q.parked); left != 1 {
					t.Errorf("%d messages are left of one letter", left)
				}
				r.stop(t)
			})
		})
	}
}

func TestParkingIsTriedAgainNotTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result {
			return delivery.Result{Outcome: delivery.Unauthorized, Status: 401, Error: "401 Unauthorized"}
		})
		q.Send(letter(1))
		healed := time.Now().Add(time.Hour)
		r := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.park = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				if time.Now().Before(healed) {
					return errFault
				}
				return inner.Park(ctx, l, with)
			}
		}))
		pass(2 * time.Hour)
		r.stop(t)
		if n := len(ep.times("letter-1")); n != 1 || len(q.parked) != 1 || len(q.waiting) != 0 {
			t.Errorf("attempted %d times, %d parked, %d waiting", n, len(q.parked), len(q.waiting))
		}
	})
}

func TestLetterWhoseOldMessageStaysIsParkedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(_ delivery.Request, n int) delivery.Result {
			if n == 1 {
				return delivery.Result{Outcome: delivery.Rejected, Status: 404, Error: "404 Not Found"}
			}
			return ok()
		})
		q.Send(letter(1))
		r := start(t, q, ep, hooking(func(h *hooked) {
			h.park = func(_ context.Context, _ deadletter.Lease, with *deadletter.Letter) error {
				q.mu.Lock()
				defer q.mu.Unlock()
				q.put(q.parked, with)
				return deadletter.ErrNotDeleted
			}
		}))
		pass(5 * time.Minute)
		r.stop(t)
		if n := len(ep.times("letter-1")); n != 1 || len(q.parked) != 1 || len(q.waiting) != 0 {
			t.Errorf("attempted %d times, %d parked, %d waiting", n, len(q.parked), len(q.waiting))
		}
	})
}

func TestReleaseOfManyLeavesNoCopyParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		var ids []string
		for n := range 1000 {
			l := letter(n)
			l.Parked = &deadletter.Parked{At: time.Now().UTC().Round(0), Reason: deadletter.Exhausted}
			q.put(q.parked, l)
			ids = append(ids, l.ID)
		}
		r := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.release = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				wait(ctx, time.Second)
				return inner.Release(ctx, l, with)
			}
		}))
		go func() { // somebody else looks into the parked queue all the while
			for range 100 {
				time.Sleep(2 * time.Second)
				q.lendParked()
			}
		}()
		results, err := r.Do(t.Context(), retry.Release{IDs: ids, By: "ann"})
		released := 0
		for _, res := range results {
			if res.Did == retry.DidRelease {
				released++
			}
		}
		pass(5 * time.Minute)
		if err != nil || released+len(q.parked) != 1000 || len(ep.accepted) != released || released < 500 {
			t.Errorf("%d released, %d still parked, %d delivered, %v", released, len(q.parked), len(ep.accepted), err)
		}
		r.stop(t)
	})
}

func TestTimestampInTheFutureDelaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		l := letter(1)
		l.Timestamp = time.Now().Add(9 * time.Hour).UTC() // local time, written without its zone
		q.Send(l)
		r := start(t, q, ep)
		pass(time.Second)
		if !ep.acceptedOnce("letter-1") {
			t.Error("it waits for its own past")
		}
		r.stop(t)
	})
}

func TestHoldOutlastsItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		l := letter(1)
		l.NextAttemptAt = time.Now().Add(time.Minute).UTC().Round(0)
		q.Send(l)
		began := time.Now()
		r := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.extend = func(ctx context.Context, l deadletter.Lease, d time.Duration) error {
				if time.Since(began) > 11*time.Hour && time.Since(began) < 13*time.Hour {
					return errFault // SQS: no more than 12 h from the receive
				}
				return inner.Extend(ctx, d, l)[0]
			}
		}))
		pass(time.Second)
		if _, err := r.Do(t.Context(), retry.Hold{IDs: []string{l.ID}, By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(24 * time.Hour)
		if len(ep.attempts) != 0 {
			t.Error("a held letter was attempted when its lease had ended")
		}
		r.stop(t)
	})
}

func TestLettersOnTheirWayBackTakeNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(_ delivery.Request, n int) delivery.Result {
			if n == 1 {
				return unavailable()
			}
			return ok()
		})
		for n := range 30 {
			l := letter(n)
			l.OriginalEndpoint = fmt.Sprintf("https://h%d.example.com/", n)
			q.Send(l)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory = 20 })
		pass(time.Minute)
		if len(ep.accepted) != 30 {
			t.Errorf("%d of 30 delivered in a minute", len(ep.accepted))
		}
		r.stop(t)
	})
}

func TestHoldAnswersTheRedriveThatItStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ep.setLatency(5 * time.Second)
		var ids []string
		for n := range 2 {
			l := letter(n)
			l.NextAttemptAt = time.Now().Add(time.Hour).UTC()
			q.Send(l)
			ids = append(ids, l.ID)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.PerEndpoint = 1 })
		pass(time.Second)
		answered := make(chan []retry.Result, 1)
		go func() {
			results, err := r.Do(t.Context(), retry.Redrive{IDs: ids, By: "ann"})
			if err != nil {
				t.Error(err)
			}
			answered <- results
		}()
		pass(time.Second)
		if _, err := r.Do(t.Context(), retry.Hold{IDs: append(ids, ids...), By: "bob"}); err != nil {
			t.Fatal(err)
		}
		results := <-answered
		if len(results) != 2 || results[0].Did != retry.DidSkip || results[1].Did != retry.DidDeliver {
			t.Errorf("the redrive was answered with %+v", results)
		}
		pass(2 * time.Hour)
		if len(ep.accepted) != 1 {
			t.Errorf("%d delivered: the other one is held, however often its id stands in the command", len(ep.accepted))
		}
		r.stop(t)
	})
}

func TestRefusalByTheGuardIsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result {
			return delivery.Result{Outcome: delivery.Rejected, Error: "169.254.169.254 is link-local"}
		})
		q.Send(letter(1))
		r := start(t, q, ep)
		pass(time.Second)
		r.stop(t)
		if p := q.letters(q.parked)["letter-1"]; p == nil || p.RetryCount != 0 || len(p.Attempts) != 0 || p.Error != "169.254.169.254 is link-local" {
			t.Errorf("parked as %+v", p)
		}
	})
}

func TestFeedThatNobodyTookIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		e, err := retry.New(retry.Config{Queue: q, Deliver: ep})
		if err != nil {
			t.Fatal(err)
		}
		gone, cancel := context.WithCancel(t.Context())
		go cancel()
		if _, err := e.Subscribe(gone); err == nil {
			t.Error("a feed was given to nobody")
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		pass(10 * time.Minute)
		if n := q.calls["Depth"]; n > 1 { // the one tells how long the queues keep their messages
			t.Errorf("the depth was read %d times though nobody watches", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestStopDuringALookAtTheParkedGivesThemBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		for n := range 25 {
			q.put(q.parked, letter(n))
		}
		r := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.extend = func(ctx context.Context, l deadletter.Lease, d time.Duration) error {
				wait(ctx, time.Second)
				if ctx.Err() != nil {
					return ctx.Err()
				}
				return inner.Extend(ctx, d, l)[0]
			}
		}))
		subscribe(t, r)
		pass(100 * time.Millisecond)
		r.stop(t)
		for id, m := range q.parked {
			if m.receives == 0 || m.visibleAt.After(time.Now()) {
				t.Errorf("%s was received %d times and is leased until %v", id, m.receives, m.visibleAt)
			}
		}
	})
}

func TestSmallInventoryIsNotShutByALetterThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		later := letter(1)
		later.NextAttemptAt = time.Now().Add(time.Hour).UTC().Round(0)
		q.Send(later)
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory = 5 })
		pass(time.Second)
		q.Send(letter(2))
		pass(time.Minute)
		if !ep.acceptedOnce("letter-2") {
			t.Error("one letter that waits an hour keeps every other one in the queue")
		}
		r.stop(t)
	})
}

// refusing is a queue that refuses deletes for a while.
type refusing struct {
	*memQueue
	refusals atomic.Int64 // left
}

func (q *refusing) Delete(ctx context.Context, l deadletter.Lease) error {
	if q.refusals.Add(-1) >= 0 {
		return errFault
	}
	return q.memQueue.Delete(ctx, l)
}

func TestCopyIsDeletedSoonWhenOnlyAFewDeletesFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := &refusing{memQueue: newMemQueue(1)}, newEndpoints(takesAll)
		q.refusals.Store(6) // four for the letter itself, then two of what came back
		q.Send(letter(1))
		r := start(t, q.memQueue, ep, func(c *retry.Config) { c.Queue = q })
		pass(2 * time.Minute)
		r.stop(t)
		if len(q.waiting) != 0 || !ep.acceptedOnce("letter-1") {
			t.Errorf("%d messages are left two minutes after the delivery", len(q.waiting))
		}
	})
}
