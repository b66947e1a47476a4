package retry_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// entryOf gives a letter as a screen would see it now.
func entryOf(t *testing.T, r *run, id string) (retry.Entry, bool) {
	t.Helper()
	for _, e := range look(t, r).Letters {
		if e.Letter.ID == id {
			return e, true
		}
	}
	return retry.Entry{}, false
}

// SQS lends a message for 12 h at most, however often its lease is extended.
func TestLettersThatWaitLongerThanALeaseLastsAreTakenAgain(t *testing.T) {
	for name, c := range map[string]struct {
		wait   func(t *testing.T, r *run)
		answer func(began time.Time) delivery.Result
		held   string
		first  int // attempts before the wait
	}{
		"held": {
			wait: func(t *testing.T, r *run) {
				t.Helper()
				if _, err := r.Do(t.Context(), retry.Hold{IDs: []string{"letter-1"}, By: "ann"}); err != nil {
					t.Error(err)
				}
			},
			held: "ann",
		},
		"paused": {},
		"retry-after of 24 h": {
			answer: func(began time.Time) delivery.Result {
				if until := began.Add(24 * time.Hour); time.Now().Before(until) {
					return delivery.Result{Outcome: delivery.Retry, Status: 429, Error: "429 Too Many Requests", NotBefore: until}
				}
				return ok()
			},
			first: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result {
					if c.answer == nil {
						return ok()
					}
					return c.answer(began)
				})
				q.Send(letter(1))
				r := start(t, q, ep, func(cfg *retry.Config) {
					if c.first == 0 {
						cfg.PausedBy = "ann"
					}
				})
				pass(time.Second)
				if c.wait != nil {
					c.wait(t, r)
					if _, err := r.Do(t.Context(), retry.Resume{By: "ann"}); err != nil {
						t.Fatal(err)
					}
				}
				for range 23 {
					pass(time.Hour)
					if e, ok := entryOf(t, r, "letter-1"); !ok || e.HeldBy != c.held || e.Letter.RetryCount != c.first {
						t.Fatalf("after %v: in the inventory %t, held by %q, %d attempts spent", time.Since(began), ok, e.HeldBy, e.Letter.RetryCount)
					}
				}
				pass(7 * time.Hour)
				if c.held != "" {
					_, _ = r.Do(t.Context(), retry.Hold{IDs: []string{"letter-1"}, By: "ann"})
				}
				_, _ = r.Do(t.Context(), retry.Resume{By: "ann"})
				pass(time.Minute)
				if !ep.acceptedOnce("letter-1") || len(ep.times("letter-1")) != c.first+1 {
					t.Errorf("accepted %d times, attempted at %v", ep.accepted["letter-1"], ep.times("letter-1"))
				}
				if q.tooLong > 0 {
					t.Errorf("%d extensions were refused for going beyond 12 h", q.tooLong)
				}
				if n, polls := q.calls["Receive"], int(30*time.Hour/(20*time.Second)); n > polls+q.calls["Extend"]+20 { // an extension wakes a poll
					t.Errorf("%d receives in 30 h", n)
				}
				if n := q.calls["Extend"]; c.first > 0 && n > 8 || n > 500 {
					t.Errorf("%d changes of visibility in 30 h", n)
				}
				r.stop(t)
			})
		})
	}
}

func TestRedriveOutlastsTheLeaseOfItsLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ep.setLatency(50 * time.Minute)
		for n := range 20 {
			q.Send(letter(n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.PerEndpoint, c.Timeout = 1, time.Hour })
		pass(time.Second)
		answered := make(chan []retry.Result, 1)
		go func() {
			var ids []string
			for n := range 20 {
				ids = append(ids, fmt.Sprintf("letter-%d", n))
			}
			results, _ := r.Do(t.Context(), retry.Redrive{IDs: ids, By: "ann"})
			answered <- results
		}()
		pass(19 * time.Hour)
		for _, res := range <-answered {
			if res.Did != retry.DidDeliver {
				t.Errorf("%+v", res)
			}
		}
		for n := range 20 {
			if id := fmt.Sprintf("letter-%d", n); !ep.acceptedOnce(id) {
				t.Errorf("%s was delivered %d times", id, ep.accepted[id])
			}
		}
		if q.tooLong > 0 {
			t.Errorf("%d extensions were refused for going beyond 12 h", q.tooLong)
		}
		r.stop(t)
	})
}

// A laptop that sleeps stops the monotonic clock, and not the leases. In a bubble there is only one clock.
func TestLeasesCountByTheWallClock(t *testing.T) {
	q, ep := newMemQueue(1), newEndpoints(takesAll)
	q.Send(letter(1))
	received := time.Now()
	r := start(t, q, ep, func(c *retry.Config) {
		c.PausedBy, c.Timeout = "ann", time.Minute // its lease is extended at once
		c.DepthEvery = 100 * time.Millisecond      // which wakes a watcher
	})
	news, err := r.Subscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var until time.Time
	for !until.After(received.Add(time.Minute)) {
		if _, err := news.Next(ctx); err != nil {
			t.Fatalf("leased until %v: %v", until, err)
		}
		for _, e := range look(t, r).Letters {
			if until = e.LeasedUntil; strings.Contains(until.String(), "m=") {
				t.Fatalf("the lease ends at %v, which is not of the wall clock alone", until)
			}
		}
	}
	r.stop(t)
}

func TestCountThatTheQueueDidNotTakeOutlastsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		q.Send(letter(1))
		r := start(t, q, ep, func(c *retry.Config) { c.BackoffBase, c.BackoffCap = time.Hour, time.Hour }, hooking(func(h *hooked) {
			h.replace = func(context.Context, deadletter.Lease, *deadletter.Letter) error { return deadletter.ErrTooLarge }
		}))
		pass(time.Minute)
		if _, err := r.Do(t.Context(), retry.Hold{IDs: []string{"letter-1"}, By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(30 * time.Hour)
		e, ok := entryOf(t, r, "letter-1")
		if !ok {
			t.Fatal("it is not in the inventory")
		}
		if e.Letter.RetryCount != 1 || e.HeldBy != "ann" || e.Receives < 3 {
			t.Errorf("%d attempts, held by %q, received %d times", e.Letter.RetryCount, e.HeldBy, e.Receives)
		}
		r.stop(t)
	})
}

func TestExtensionThatFailsIsAskedForAgainBeforeTheLeaseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		for n := range 30 {
			q.Send(letter(n))
		}
		var asked atomic.Int32
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "ann" }, hooking(func(h *hooked) {
			inner := h.Queue
			h.extend = func(ctx context.Context, l deadletter.Lease, d time.Duration) error {
				if asked.Add(1)%2 == 1 {
					return errFault
				}
				return inner.Extend(ctx, d, l)[0]
			}
		}))
		pass(20 * time.Minute)
		for _, m := range q.waiting {
			if m.receives != 1 {
				t.Errorf("message %s was received %d times: its lease was let go", m.id, m.receives)
			}
		}
		r.stop(t)
	})
}

// A queue that says no at once is not asked all the more for that.
func TestALeaseIsAskedForOnceASecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		for n := range 3000 {
			q.Send(letter(n))
		}
		var mu sync.Mutex
		asked := map[string]time.Time{}
		again, soonest := 0, time.Hour
		r := start(t, q, newEndpoints(takesAll), func(c *retry.Config) { c.PausedBy = "ann" }, hooking(func(h *hooked) {
			h.extend = func(_ context.Context, l deadletter.Lease, _ time.Duration) error {
				mu.Lock()
				defer mu.Unlock()
				if before, ok := asked[l.Receipt]; ok {
					again, soonest = again+1, min(soonest, time.Since(before))
				}
				asked[l.Receipt] = time.Now()
				return errFault
			}
		}))
		pass(time.Minute)
		r.stop(t)
		mu.Lock()
		defer mu.Unlock()
		if again < 3000 || soonest < time.Second {
			t.Errorf("a lease was asked for again %d times, %v after the time before at the soonest", again, soonest)
		}
	})
}

// slowToExtend takes its time for every extension.
type slowToExtend struct {
	retry.Queue
	takes time.Duration
}

func (q slowToExtend) Extend(ctx context.Context, d time.Duration, leases ...deadletter.Lease) []error {
	if wait(ctx, q.takes); ctx.Err() != nil {
		return same(leases, ctx.Err())
	}
	return q.Queue.Extend(ctx, d, leases...)
}

// Ten thousand letters are received in seconds, and their leases end as close together.
func TestNoLeaseEndsWhileSoManyOthersAreExtended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		for n := range 10_000 {
			q.Send(letter(n))
		}
		r := start(t, q, ep, func(c *retry.Config) {
			c.PausedBy, c.Queue = "ann", slowToExtend{c.Queue, 1100 * time.Millisecond}
		})
		pass(2 * time.Minute)
		if c := status(t, r).Counters; c.Taken != 10_000 || c.Left != 0 {
			t.Errorf("%d letters were taken, and %d left: their leases have ended", c.Taken, c.Left)
		}
		r.stop(t)
	})
}
