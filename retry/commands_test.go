package retry_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

func unauthorized() delivery.Result {
	return delivery.Result{Outcome: delivery.Unauthorized, Status: 401, Error: "401 Unauthorized"}
}

func notFound() delivery.Result {
	return delivery.Result{Outcome: delivery.Rejected, Status: 404, Error: "404 Not Found"}
}

func TestParkByHandOfALetterThatCannotBeSentIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		l := letter(1)
		l.OriginalEndpoint = ""
		q.Send(l)
		r := start(t, q, ep, hooking(func(h *hooked) {
			h.park = func(context.Context, deadletter.Lease, *deadletter.Letter) error { return errFault }
		}))
		pass(20 * time.Second) // waits to be parked again
		res, err := r.Do(t.Context(), retry.Park{IDs: []string{l.ID}, By: "ann"})
		t.Log(res, err)
		pass(time.Minute)
		r.stop(t)
	})
}

func TestParkByHandDoesNotGiveAHopelessLetterMoreAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		q.Send(letter(1))
		r := start(t, q, ep, hooking(func(h *hooked) {
			h.park = func(context.Context, deadletter.Lease, *deadletter.Letter) error { return errFault }
		}))
		pass(10 * time.Minute)
		n := len(ep.times("letter-1"))
		for range 5 {
			_, _ = r.Do(t.Context(), retry.Park{IDs: []string{"letter-1"}, By: "ann"})
			pass(time.Minute)
		}
		if m := len(ep.times("letter-1")); n != 5 || m != 5 {
			t.Errorf("attempted %d times, and %d after somebody asked to park it", n, m)
		}
		r.stop(t)
	})
}

func TestOtherLetterOfOneIDSurvivesWhileTheFirstReturns(t *testing.T) {
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			q := newMemQueue(seed)
			ep := newEndpoints(nil)
			bodies := map[string]int{}
			var mu sync.Mutex
			ep.answer = func(r delivery.Request, n int) delivery.Result {
				if n == 1 {
					return unavailable()
				}
				mu.Lock()
				bodies[string(r.Body)]++
				mu.Unlock()
				return ok()
			}
			one, two := letter(1), letter(2)
			two.ID = one.ID
			q.Send(one)
			began := time.Now()
			calls := 0
			r := start(t, q, ep, hooking(func(h *hooked) {
				inner := h.Queue
				h.receive = func(ctx context.Context) ([]deadletter.Lease, error) {
					if calls++; calls > 1 && time.Since(began) < 5*time.Second {
						return nil, errFault // the link is down for five seconds
					}
					return inner.Receive(ctx)
				}
			}))
			pass(2 * time.Second)
			q.Send(two)
			pass(5 * time.Minute)
			r.stop(t)
			if len(bodies) != 2 || len(q.waiting) != 0 {
				t.Errorf("seed %d: delivered %v, %d left", seed, bodies, len(q.waiting))
			}
		})
	}
}

func TestBytesOfLettersOnTheirWayBackStopNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(_ delivery.Request, n int) delivery.Result {
			if n == 1 {
				return unavailable()
			}
			return ok()
		})
		for n := range 20 {
			l := letter(n)
			l.OriginalEndpoint = fmt.Sprintf("https://h%d.example.com/", n)
			l.Payload = fmt.Appendf(nil, `{"n":%d,"f":%01000d}`, n, 1)
			q.Send(l)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.Bytes = 10_000 })
		pass(30 * time.Second)
		if len(ep.accepted) != 20 {
			t.Errorf("%d of 20 delivered in half a minute", len(ep.accepted))
		}
		feed, _ := r.Subscribe(t.Context())
		u, _ := feed.Next(t.Context())
		t.Logf("%d bytes held, counters %+v", u.Status.HeldBytes, u.Status.Counters)
		pass(90 * time.Second)
		u, _ = feed.Next(t.Context())
		t.Logf("later: %d delivered, counters %+v", len(ep.accepted), u.Status.Counters)
		r.stop(t)
	})
}

func TestStopWaitsForARelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		l := letter(1)
		l.Parked = &deadletter.Parked{At: time.Now().UTC().Round(0), Reason: deadletter.Exhausted}
		q.put(q.parked, l)
		r := start(t, q, ep, hooking(func(h *hooked) {
			h.receive = func(ctx context.Context) ([]deadletter.Lease, error) { <-ctx.Done(); return nil, ctx.Err() }
			h.release = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				q.mu.Lock()
				q.put(q.waiting, with)
				q.mu.Unlock()
				wait(ctx, 500*time.Millisecond) // sqsclient: the batch's answer
				if ctx.Err() != nil {
					return ctx.Err() // batcher.do: "the entry goes its way, and its outcome is not known"
				}
				q.mu.Lock()
				defer q.mu.Unlock()
				q.drop(l)
				return nil
			}
		}))
		pass(time.Second)
		go func() { _, _ = r.Do(t.Context(), retry.Release{IDs: []string{l.ID}, By: "ann"}) }()
		pass(50 * time.Millisecond)
		r.stop(t)
		if len(q.waiting)+len(q.parked) != 1 {
			t.Errorf("%d waiting, %d parked of one letter after a stop in order", len(q.waiting), len(q.parked))
		}
	})
}

func TestRedriveThatIsTakenBackWhileItsLeaseIsExtendedIsNotAttemptedEarly(t *testing.T) {
	for name, takeBack := range map[string]func(t *testing.T, r *run, id string){
		"by its own end": func(t *testing.T, r *run, id string) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := r.Do(ctx, retry.Redrive{IDs: []string{id}, By: "ann"}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the redrive ended with %v", err)
			}
		},
		"by a hold that is let go": func(t *testing.T, r *run, id string) {
			t.Helper()
			go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: []string{id}, By: "ann"}) }() // the hold answers it
			pass(time.Second)
			for range 2 {
				if _, err := r.Do(t.Context(), retry.Hold{IDs: []string{id}, By: "ann"}); err != nil {
					t.Error(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(takesAll)
				l := letter(1)
				l.NextAttemptAt = time.Now().Add(time.Hour).UTC()
				q.Send(l)
				var healed atomic.Bool
				r := start(t, q, ep, func(c *retry.Config) { c.Timeout = 30 * time.Second }, hooking(func(h *hooked) {
					inner := h.Queue
					h.extend = func(ctx context.Context, l deadletter.Lease, d time.Duration) error {
						if !healed.Load() {
							wait(ctx, 5*time.Second)
							return errFault
						}
						return inner.Extend(ctx, d, l)[0]
					}
				}))
				pass(18200 * time.Millisecond) // its lease is being extended, and that takes a while
				takeBack(t, r, l.ID)
				pass(time.Second)
				healed.Store(true)
				pass(20 * time.Second)
				if n := len(ep.times(l.ID)); n != 0 {
					t.Errorf("attempted %d times, an hour before it is due", n)
				}
				r.stop(t)
			})
		})
	}
}

func TestCopyOfAParkedLetterIsNotAttempted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(_ delivery.Request, n int) delivery.Result {
			switch n {
			case 1:
				return unavailable()
			case 2:
				return notFound()
			}
			return ok()
		})
		q.Send(letter(1))
		calls := 0
		r := start(t, q, ep, hooking(func(h *hooked) {
			h.replace = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				q.mu.Lock()
				q.put(q.waiting, with)
				q.mu.Unlock()
				if calls++; calls == 1 {
					return errFault // its answer is lost
				}
				wait(ctx, 50*time.Millisecond) // until the old message is deleted
				q.mu.Lock()
				defer q.mu.Unlock()
				q.drop(l)
				return nil
			}
		}))
		pass(5 * time.Minute)
		r.stop(t)
		if n := len(ep.times("letter-1")); n != 2 || len(q.parked) != 1 || ep.accepted["letter-1"] != 0 {
			t.Errorf("attempted %d times, delivered %d, %d parked", n, ep.accepted["letter-1"], len(q.parked))
		}
	})
}

func TestCancelLeavesAnothersRedrive(t *testing.T) {
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
		began := time.Now()
		var took time.Duration
		go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: ids, By: "ann"}); took = time.Since(began) }()
		pass(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = r.Do(ctx, retry.Redrive{IDs: ids, By: "bob"})
		pass(2 * time.Hour)
		if took > time.Minute {
			t.Errorf("ann's redrive took %v: bob's cancel undid it", took)
		}
		r.stop(t)
	})
}

func TestNothingPilesUpForAWatcherThatLooksAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		r := start(t, q, ep)
		feed, _ := r.Subscribe(t.Context())
		_, _ = feed.Next(t.Context())
		for i := range 50 {
			for n := range 400 {
				l := letter(i*400 + n)
				l.OriginalEndpoint = fmt.Sprintf("https://h%d.example.com/", n%50)
				q.Send(l)
			}
			pass(10 * time.Second)
		}
		u, _ := feed.Next(t.Context())
		if n := len(u.Letters) + len(u.Gone); n > 10_000 {
			t.Errorf("%d ids were piled up for a watcher that looks away (%d delivered)", n, len(ep.accepted))
		}
		r.stop(t)
	})
}

func TestTwoParkedOfOneIDAreNotLookedAtForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		l := letter(1)
		l.Parked = &deadletter.Parked{At: time.Now().UTC().Round(0), Reason: deadletter.Exhausted}
		q.put(q.parked, l)
		q.put(q.parked, l)
		r := start(t, q, ep)
		_, _ = r.Subscribe(t.Context())
		pass(time.Hour)
		if n := q.calls["ReceiveParked"]; n > 20 {
			t.Errorf("the parked queue was received from %d times in an hour in which nothing happened", n)
		}
		r.stop(t)
	})
}

func TestReplacementThatCameDuringAFailedParkIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(_ delivery.Request, n int) delivery.Result { return unavailable() })
		l := letter(1)
		q.Send(l)
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "test"; c.BackoffBase = 10 * time.Minute }, hooking(func(h *hooked) {
			h.park = func(ctx context.Context, _ deadletter.Lease, _ *deadletter.Letter) error {
				wait(ctx, time.Second)
				return deadletter.ErrTooLarge
			}
		}))
		pass(time.Second)
		go func() { _, _ = r.Do(t.Context(), retry.Park{IDs: []string{l.ID}, By: "ann"}) }()
		pass(500 * time.Millisecond)
		q.Send(l) // a send that SQS accepted twice
		pass(time.Second)
		_, _ = r.Do(t.Context(), retry.Resume{By: "ann"})
		pass(30 * time.Second)
		at := ep.times(l.ID)
		if len(at) > 1 && at[1].Sub(at[0]) < time.Second {
			t.Errorf("attempted at %v: the second time without its backoff", at)
		}
		t.Log(at, len(q.waiting))
		r.stop(t)
	})
}

func TestCancelledParkSaysHowFarItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		l := letter(1)
		l.NextAttemptAt = time.Now().Add(time.Hour).UTC()
		q.Send(l)
		r := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.park = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				wait(ctx, 3*time.Second)
				return inner.Park(ctx, l, with)
			}
		}))
		pass(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		res, _ := r.Do(ctx, retry.Park{IDs: []string{l.ID}, By: "ann"})
		pass(time.Minute)
		if len(q.parked) == 1 && len(res) == 1 && res[0].Note == "cancelled: left as it was" {
			t.Errorf("%+v, but it is parked", res)
		}
		r.stop(t)
	})
}

func TestInventoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result {
			return delivery.Result{Outcome: delivery.Retry, Status: 503, NotBefore: time.Now().Add(time.Millisecond)}
		})
		for n := range 5000 {
			l := letter(n)
			l.OriginalEndpoint = fmt.Sprintf("https://h%d.example.com/", n%500)
			q.Send(l)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory = 100; c.BackoffBase = time.Minute })
		feed, _ := r.Subscribe(t.Context())
		most := 0
		for range 60 {
			pass(time.Second)
			u, _ := feed.Next(t.Context())
			most = max(most, u.Status.Held)
		}
		if most > 200 {
			t.Errorf("%d letters are held, and 100 are the most", most)
		}
		r.stop(t)
	})
}

func TestLetterThatIsToBeParkedIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result { return unauthorized() })
		q.Send(letter(1))
		began := time.Now()
		r := start(t, q, ep, hooking(func(h *hooked) {
			inner := h.Queue
			h.park = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				if time.Since(began) < time.Minute {
					return errFault
				}
				return inner.Park(ctx, l, with)
			}
		}))
		pass(15 * time.Second)
		res, _ := r.Do(t.Context(), retry.Hold{IDs: []string{"letter-1"}, By: "ann"})
		pass(10 * time.Minute)
		if len(q.parked) == 1 && res[0].Did == retry.DidHold {
			t.Errorf("%+v, but it is parked", res)
		}
		r.stop(t)
	})
}
