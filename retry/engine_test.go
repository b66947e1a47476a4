package retry_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

func TestDeliversEachLetterOnceAndEmptiesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		for n := range 95 {
			q.Send(letter(n))
		}
		r := start(t, q, ep)
		pass(time.Minute)
		for n := range 95 {
			id := fmt.Sprintf("letter-%d", n)
			if !ep.acceptedOnce(id) || ep.payloads[id] != fmt.Sprintf(`{"n":%d,"f":1.0}`, n) {
				t.Errorf("%s: accepted %d times, payload %s", id, ep.accepted[id], ep.payloads[id])
			}
		}
		if len(q.letters(q.waiting)) != 0 {
			t.Errorf("%d letters are left in the queue", len(q.waiting))
		}
		if ep.top > 8 {
			t.Errorf("%d attempts at once to one endpoint, want at most 8", ep.top)
		}
		r.stop(t)
	})
}

func TestBackoffDoublesAndTheSixthFailureParks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		q.Send(letter(1))
		r := start(t, q, ep)
		pass(10 * time.Minute)
		r.stop(t)
		at := ep.times("letter-1")
		if len(at) != 5 {
			t.Fatalf("attempted %d times, want 5", len(at))
		}
		for n, next := range at[1:] {
			// a probe of the breaker may come later than the letter's own backoff, never sooner than zero
			if gap, bound := next.Sub(at[n]), time.Second<<n+100*time.Millisecond; gap > bound {
				t.Errorf("gap %d is %v, want at most %v", n, gap, bound)
			}
		}
		parked := q.letters(q.parked)["letter-1"]
		if parked == nil || parked.Parked == nil || parked.Parked.Reason != deadletter.Exhausted || parked.RetryCount != 5 || len(parked.Attempts) != 5 {
			t.Errorf("parked as %+v", parked)
		}
		if len(q.waiting) != 0 {
			t.Errorf("it is still waiting")
		}
		if q.calls["Replace"] != 4 {
			t.Errorf("replaced %d times: the last failure parks it at once", q.calls["Replace"])
		}
	})
}

func TestGapsFillTheWholeRangeOfTheBackoff(t *testing.T) {
	const letters, latency = 200, 20 * time.Millisecond
	for name, c := range map[string]struct {
		quiet  time.Duration // that every answer asks for
		bounds [4]time.Duration
	}{
		"of its own":                {0, [4]time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second}},
		"beyond what was asked for": {time.Minute, [4]time.Duration{time.Second, time.Second, time.Second, time.Second}},
		"where less was asked for":  {time.Millisecond, [4]time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result {
					answer := unavailable()
					if c.quiet > 0 {
						answer.NotBefore = time.Now().Add(c.quiet)
					}
					return answer
				})
				for n := range letters {
					l := letter(n)
					l.OriginalEndpoint = fmt.Sprintf("https://e%d.example.com/", n) // a lane each, so that no breaker has a say
					q.Send(l)
				}
				r := start(t, q, ep, func(c *retry.Config) { c.Concurrency = letters; c.BackoffCap = 4 * time.Second })
				pass(10*time.Minute + 5*c.quiet)
				r.stop(t)
				for gap, bound := range c.bounds {
					var gaps []time.Duration
					for n := range letters {
						at := ep.times(fmt.Sprintf("letter-%d", n))
						if len(at) != 5 {
							t.Fatalf("letter %d attempted %d times", n, len(at))
						}
						gaps = append(gaps, at[gap+1].Sub(at[gap])-latency)
					}
					assertSpread(t, gap, gaps, c.quiet, bound)
				}
			})
		})
	}
}

// assertSpread sees that gaps lie from a moment on within a bound, a quarter of them in each quarter of it.
func assertSpread(t *testing.T, gap int, gaps []time.Duration, from, bound time.Duration) {
	t.Helper()
	slices.Sort(gaps)
	if low, high := gaps[0], gaps[len(gaps)-1]; low < from || high > from+bound+50*time.Millisecond {
		t.Errorf("gap %d lies in %v to %v, want %v to %v", gap, low, high, from, from+bound)
	}
	for quarter := 1; quarter < 4; quarter++ {
		got, want := gaps[len(gaps)*quarter/4]-from, bound*time.Duration(quarter)/4
		if off := (got - want).Abs(); off > bound/8 {
			t.Errorf("gap %d: %d quarters of the letters wait less than %v, want %v", gap, quarter, got, want)
		}
	}
}

func TestRetryAfterHoldsTheWholeEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quiet := time.Now().Add(9 * time.Minute)
		q := newMemQueue(1)
		ep := newEndpoints(func(r delivery.Request, n int) delivery.Result {
			if time.Now().Before(quiet) {
				return delivery.Result{Outcome: delivery.Retry, Status: 429, Error: "429 Too Many Requests", NotBefore: quiet}
			}
			return ok()
		})
		q.Send(letter(1))
		r := start(t, q, ep)
		pass(time.Second)
		if l := q.letters(q.waiting)["letter-1"]; l.NextAttemptAt.Before(quiet) {
			t.Errorf("the letter itself says %v, so another engine would not wait until %v", l.NextAttemptAt, quiet)
		}
		for n := 2; n < 20; n++ {
			q.Send(letter(n)) // comes while the endpoint wants quiet
		}
		pass(20 * time.Minute)
		r.stop(t)
		for n := 1; n < 20; n++ {
			at := ep.times(fmt.Sprintf("letter-%d", n))
			if n > 1 && len(at) != 1 || at[len(at)-1].Before(quiet) {
				t.Errorf("letter %d was attempted at %v, the endpoint wanted quiet until %v", n, at, quiet)
			}
		}
	})
}

func TestWhatCanNeverWorkIsParkedWithItsReason(t *testing.T) {
	for name, c := range map[string]struct {
		answer delivery.Result
		change func(*deadletter.Letter)
		want   deadletter.ParkReason
		tries  int
	}{
		"401":             {answer: delivery.Result{Outcome: delivery.Unauthorized, Status: 401}, want: deadletter.Unauthorized, tries: 1},
		"404":             {answer: delivery.Result{Outcome: delivery.Rejected, Status: 404}, want: deadletter.Rejected, tries: 1},
		"guard":           {answer: delivery.Result{Outcome: delivery.Rejected}, want: deadletter.Rejected, tries: 1},
		"no URL":          {change: func(l *deadletter.Letter) { l.OriginalEndpoint = "ftp://x" }, want: deadletter.Rejected},
		"no endpoint":     {change: func(l *deadletter.Letter) { l.OriginalEndpoint = "" }, want: deadletter.Rejected},
		"exhausted there": {change: func(l *deadletter.Letter) { l.RetryCount = 5 }, want: deadletter.Exhausted},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return c.answer })
				l := letter(1)
				if c.change != nil {
					c.change(l)
				}
				q.Send(l)
				r := start(t, q, ep)
				pass(time.Minute)
				r.stop(t)
				parked := q.letters(q.parked)["letter-1"]
				if parked == nil || parked.Parked == nil || parked.Parked.Reason != c.want || string(parked.Payload) != string(l.Payload) || len(q.waiting) != 0 {
					t.Errorf("parked %+v, %d waiting", parked, len(q.waiting))
				}
				if got := len(ep.times("letter-1")); got != c.tries {
					t.Errorf("attempted %d times, want %d", got, c.tries)
				}
			})
		})
	}
}

func TestBreakerOpensProbesAndRampsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heals := time.Now().Add(30 * time.Second)
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result {
			if time.Now().Before(heals) {
				return unavailable()
			}
			return ok()
		})
		for n := range 300 {
			q.Send(letter(n))
		}
		r := start(t, q, ep)
		feed, err := r.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pass(29 * time.Second)
		attempts := 0
		for n := range 300 {
			attempts += len(ep.times(fmt.Sprintf("letter-%d", n)))
		}
		if attempts > 30 {
			t.Errorf("%d attempts on an endpoint that is down: its breaker should have kept the letters waiting", attempts)
		}
		pass(5 * time.Minute)
		for n := range 300 {
			if id := fmt.Sprintf("letter-%d", n); !ep.acceptedOnce(id) {
				t.Errorf("%s was accepted %d times", id, ep.accepted[id])
			}
		}
		seen := map[retry.BreakerState]bool{}
		u, err := feed.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range u.Stream {
			if b, ok := ev.(retry.BreakerMoved); ok {
				seen[b.State] = true
			}
		}
		if !seen[retry.Open] || !seen[retry.HalfOpen] || !seen[retry.Closed] {
			t.Errorf("breaker states seen: %v", seen)
		}
		r.stop(t)
	})
}

func TestEndpointThatIsBackIsNotFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heals := time.Now().Add(10 * time.Second)
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result {
			if time.Now().Before(heals) {
				return unavailable()
			}
			return ok()
		})
		for n := range 300 {
			q.Send(letter(n))
		}
		r := start(t, q, ep)
		pass(10 * time.Second)
		ep.setLatency(time.Second)
		most := []int{1, 1, 2, 4, 8} // the probe, then one, two, four at once
		for begun := false; len(most) > 0; pass(time.Second) {
			n := ep.inFlight()
			if begun = begun || n > 0; !begun {
				continue
			}
			if n > most[0] {
				t.Errorf("%d attempts at once, want at most %d so soon", n, most[0])
			}
			most = most[1:]
		}
		r.stop(t)
	})
}

func TestRedriveOfALetterBehindAnOpenBreakerIsAProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		for n := range 50 {
			q.Send(letter(n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.MaxRetries = 100 })
		pass(5 * time.Minute) // long enough for the breaker to stay open a minute at a time
		ep.setAnswer(func(delivery.Request, int) delivery.Result { return ok() })
		asked := time.Now()
		results, err := r.Do(t.Context(), retry.Redrive{IDs: []string{"letter-7"}, By: "ann"})
		if waited := time.Since(asked); err != nil || len(results) != 1 || results[0].Did != retry.DidDeliver || waited > time.Second {
			t.Fatalf("redrive: %+v, %v, after %v", results, err, waited)
		}
		pass(5 * time.Second)
		if n := len(ep.accepted); n != 50 {
			t.Errorf("%d letters delivered: the probe should have closed the breaker for all 50", n)
		}
		r.stop(t)
	})
}

func TestHangingEndpointCostsTheOthersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		slow := &hanging{ep}
		for n := range 400 {
			l := letter(n)
			if n%2 == 0 {
				l.OriginalEndpoint = "https://hangs.example.com/"
			}
			q.Send(l)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.Deliver = slow })
		pass(2 * time.Second)
		for n := 1; n < 400; n += 2 {
			if id := fmt.Sprintf("letter-%d", n); !ep.acceptedOnce(id) {
				t.Fatalf("%s is still waiting behind an endpoint that hangs", id)
			}
		}
		r.stop(t)
	})
}

// hanging lets one host's attempts hang for their whole timeout.
type hanging struct{ *endpoints }

func (h *hanging) Attempt(ctx context.Context, r delivery.Request) delivery.Result {
	if r.URL != "https://hangs.example.com/" {
		return h.endpoints.Attempt(ctx, r)
	}
	timeout := time.NewTimer(10 * time.Second)
	<-timeout.C
	return delivery.Result{Outcome: delivery.Retry, Error: "timeout after 10s"}
}

func TestStopGivesEveryLeaseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		for n := range 50 {
			q.Send(letter(n))
		}
		r := start(t, q, ep)
		pass(700 * time.Millisecond)
		r.stop(t)
		d, err := q.Depth(t.Context())
		if err != nil || d.InFlight != 0 || d.Visible != 50 {
			t.Errorf("depth after the stop: %+v, %v; want all 50 visible", d, err)
		}
	})
}

// TestAHurriedStopCutsAttemptsOff and gives their letters back as they were; those that end in time are over.
func TestAHurriedStopCutsAttemptsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		ep.setLatency(300 * time.Millisecond)
		for n := range 8 {
			l := letter(n)
			l.OriginalEndpoint = fmt.Sprintf("https://host-%d.example.com/", n)
			q.Send(l)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.StopWithin, c.Deliver = time.Second, patientWith{ep, "letter-0"} })
		pass(100 * time.Millisecond)
		began := time.Now()
		r.stop(t)
		if took := time.Since(began); took < 500*time.Millisecond || took > time.Second {
			t.Errorf("the stop took %v, and attempts have half a second of the second that it has", took)
		}
		d, err := q.Depth(t.Context())
		if err != nil || d.InFlight != 0 || d.Visible != 7 || !ep.acceptedOnce("letter-0") {
			t.Errorf("depth after the stop: %+v, %v; want the seven that were not delivered to be visible", d, err)
		}
	})
}

// patientWith lets all attempts hang until they are cut off, but those of one letter.
type patientWith struct {
	*endpoints
	id string
}

func (p patientWith) Attempt(ctx context.Context, r delivery.Request) delivery.Result {
	if r.ID == p.id {
		return p.endpoints.Attempt(ctx, r)
	}
	<-ctx.Done()
	return delivery.Result{Outcome: delivery.Retry, Cancelled: true}
}

// TestAHurriedStopDoesNotWaitForItsQueue: what the queue does not answer costs leases, and no letter.
func TestAHurriedStopDoesNotWaitForItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		for n := range 10 {
			q.Send(letter(n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.Queue, c.StopWithin = deafQueue{q}, time.Second })
		pass(100 * time.Millisecond)
		began := time.Now()
		r.stop(t)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the stop took %v, and it had a second", took)
		}
	})
}

// deafQueue lends letters and does not answer what it is told of them.
type deafQueue struct{ *memQueue }

func (q deafQueue) Replace(ctx context.Context, _ deadletter.Lease, _ *deadletter.Letter) error {
	<-ctx.Done()
	return ctx.Err()
}

func (q deafQueue) Extend(ctx context.Context, _ time.Duration, leases ...deadletter.Lease) []error {
	<-ctx.Done()
	return same(leases, ctx.Err())
}

func TestLeasesOutlastABreakerThatStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		for n := range 100 {
			q.Send(letter(n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.MaxRetries = 1000 })
		pass(20 * time.Minute)
		for _, m := range q.waiting {
			if m.receives > 3 {
				t.Errorf("message %s was received %d times: its lease was let go", m.id, m.receives)
			}
		}
		r.stop(t)
	})
}

func TestSecondCopyIsDeletedNotDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		newer := letter(1)
		newer.RetryCount = 2
		q.Send(letter(1))
		q.Send(newer)
		q.Send(letter(1))
		r := start(t, q, ep)
		pass(time.Minute)
		r.stop(t)
		if !ep.acceptedOnce("letter-1") || len(q.waiting) != 0 {
			t.Errorf("accepted %d times, %d copies left", ep.accepted["letter-1"], len(q.waiting))
		}
	})
}

func TestLateCopyOfADeliveredLetterIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		q.Send(letter(1))
		q.Send(letter(1))
		q.waiting["m2"].visibleAt = time.Now().Add(time.Minute) // another engine has it until then
		r := start(t, q, ep)
		pass(2 * time.Minute)
		r.stop(t)
		if !ep.acceptedOnce("letter-1") || len(q.waiting) != 0 {
			t.Errorf("accepted %d times, %d copies left", ep.accepted["letter-1"], len(q.waiting))
		}
	})
}

func TestLetterSentAgainAfterItsDeliveryIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		q.Send(letter(1))
		r := start(t, q, ep)
		pass(time.Minute)
		q.Send(letter(1)) // an import keeps the id
		pass(time.Minute)
		r.stop(t)
		if ep.accepted["letter-1"] != 2 {
			t.Errorf("delivered %d times: somebody sent it again and meant it", ep.accepted["letter-1"])
		}
	})
}

func TestRetryCountGrowsAcrossRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		q.Send(letter(1))
		for range 8 {
			r := start(t, q, ep)
			pass(1500 * time.Millisecond)
			r.kill(t)
			pass(90 * time.Second) // until the lease of the killed engine has ended
		}
		if got := len(ep.times("letter-1")); got != 5 {
			t.Errorf("attempted %d times over eight lives, want 5", got)
		}
		if parked := q.letters(q.parked)["letter-1"]; parked == nil || parked.RetryCount != 5 {
			t.Errorf("parked as %+v", parked)
		}
	})
}

func TestPausedEngineAttemptsNothingUntilTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		q.Send(letter(1))
		q.Send(letter(2))
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "--paused" })
		pass(time.Hour)
		if len(ep.attempts) != 0 {
			t.Fatalf("attempted %v while paused", ep.attempts)
		}
		results, err := r.Do(t.Context(), retry.Redrive{IDs: []string{"letter-1", "nobody"}, By: "ann"})
		if err != nil || len(results) != 2 || results[1].Did != retry.DidDeliver || results[0].Did != retry.DidSkip {
			t.Errorf("redrive of one letter: %+v, %v", results, err)
		}
		if _, err := r.Do(t.Context(), retry.Resume{By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if !ep.acceptedOnce("letter-1") || !ep.acceptedOnce("letter-2") {
			t.Errorf("accepted: %v", ep.accepted)
		}
		r.stop(t)
	})
}

func TestHoldParkAndReleaseByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		l := letter(1)
		l.NextAttemptAt = time.Now().Add(time.Minute).UTC().Round(0)
		q.Send(l)
		r := start(t, q, ep)
		pass(time.Second)
		do := func(c retry.Command, want retry.Did) {
			t.Helper()
			results, err := r.Do(t.Context(), c)
			if err != nil || len(results) != 1 || results[0].Did != want {
				t.Errorf("%T: %+v, %v; want %s", c, results, err, want)
			}
		}
		ids := []string{"letter-1"}
		do(retry.Hold{IDs: ids, By: "ann"}, retry.DidHold)
		pass(time.Hour)
		if len(ep.attempts) != 0 {
			t.Error("a held letter was attempted")
		}
		do(retry.Park{IDs: ids, By: "ann"}, retry.DidPark)
		if p := q.letters(q.parked)["letter-1"]; p == nil || p.Parked.Reason != deadletter.ByOperator {
			t.Errorf("parked as %+v", p)
		}
		do(retry.Redrive{IDs: ids, By: "ann"}, retry.DidSkip)
		do(retry.Release{IDs: ids, By: "ann"}, retry.DidRelease)
		pass(time.Minute)
		if !ep.acceptedOnce("letter-1") || len(q.parked) != 0 || len(q.waiting) != 0 {
			t.Errorf("accepted %v, %d parked, %d waiting", ep.accepted, len(q.parked), len(q.waiting))
		}
		r.stop(t)
	})
}

func TestCancelledRedriveLeavesTheRestAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		ep.latency = func() time.Duration { return time.Second }
		var ids []string
		for n := range 40 {
			l := letter(n)
			l.NextAttemptAt = time.Now().Add(time.Hour).UTC().Round(0)
			q.Send(l)
			ids = append(ids, l.ID)
		}
		r := start(t, q, ep)
		pass(5 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		results, err := r.Do(ctx, retry.Redrive{IDs: ids, By: "ann"})
		if !errors.Is(err, context.DeadlineExceeded) || len(results) != 40 {
			t.Fatalf("%d results, %v", len(results), err)
		}
		pass(10 * time.Minute)
		if n := len(ep.accepted); n != 1+2 {
			t.Errorf("%d letters delivered, want the 3 that had been begun: one, and after a second two", n)
		}
		r.stop(t)
	})
}

func assertNothingLost(t *testing.T, q *memQueue, ep *endpoints, letters int) {
	t.Helper()
	waiting, parked := q.letters(q.waiting), q.letters(q.parked)
	for n := range letters {
		id := fmt.Sprintf("letter-%d", n)
		if ep.accepted[id] == 0 && waiting[id] == nil && parked[id] == nil {
			t.Errorf("%s is lost", id)
		}
		for _, l := range []*deadletter.Letter{waiting[id], parked[id]} {
			if l != nil && string(l.Payload) != fmt.Sprintf(`{"n":%d,"f":1.0}`, n) {
				t.Errorf("the payload of %s is now %s", id, l.Payload)
			}
		}
	}
}

func assertFiguresAddUp(t *testing.T, e *retry.Engine) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	feed, err := e.Subscribe(ctx)
	if err != nil {
		t.Fatal(err)
	}
	u, err := feed.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if c := u.Status.Counters; c.In() != c.Out() {
		t.Errorf("the figures do not add up: %+v", c)
	}
}
