package retry_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

func TestRedriveAtARateIsPacedEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ids := later(q, 50)
		r := start(t, q, ep)
		pass(time.Second)
		began := time.Now()
		results := do(t, r, retry.Redrive{IDs: ids, Rate: 4, By: "ann"})
		if took := time.Since(began).Round(100 * time.Millisecond); took != 12300*time.Millisecond || tally(results)[retry.DidDeliver] != 50 {
			t.Errorf("50 letters at 4 a second took %v: %v", took, tally(results))
		}
		for i, id := range ids { // in the order in which they were asked for
			if at := ep.times(id)[0].Sub(began); at != time.Duration(i)*250*time.Millisecond {
				t.Fatalf("letter %d was attempted after %v", i, at)
			}
		}
		r.stop(t)
	})
}

func TestLettersOfAPacedRedriveAreNotAttemptedBeforeTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		var ids []string
		for n := range 20 { // all of them due, or soon
			l := letter(n)
			l.NextAttemptAt = time.Now().Add(time.Duration(n%3) * 10 * time.Second).UTC()
			q.Send(l)
			ids = append(ids, l.ID)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "test" })
		pass(time.Second)
		go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: ids, Rate: 0.2, By: "ann"}) }()
		pass(time.Second)
		do(t, r, retry.Resume{By: "ann"})
		pass(43 * time.Second)
		if n := ep.delivered(); n != 9 {
			t.Errorf("%d letters were attempted in 44 s at one every five", n)
		}
		s := status(t, r)
		if len(s.Jobs) != 1 || s.Jobs[0].Done != 9 || s.Jobs[0].Left != 11 || s.Jobs[0].Total != 20 || !s.Jobs[0].Ended.IsZero() {
			t.Errorf("the command is shown as %+v", s.Jobs)
		}
		do(t, r, retry.Cancel{Job: s.Jobs[0].ID, By: "bob"})
		pass(time.Second)
		if n := ep.delivered(); n != 20 {
			t.Errorf("%d letters delivered: those that the cancelled command had not begun go on as before", n)
		}
		j := status(t, r).Jobs[0]
		if j.Stopped != "cancelled by bob" || j.Skipped != 11 || j.Left != 0 || j.Ended.IsZero() {
			t.Errorf("the cancelled command is shown as %+v", j)
		}
		results, err := r.Results(t.Context(), j.ID)
		if err != nil || tally(results)[retry.DidSkip] != 11 || !strings.Contains(results[19].Note, "cancelled by bob") {
			t.Errorf("its results are %v, %v", results, err)
		}
		r.stop(t)
	})
}

func TestRateMakesNoBurstAfterTheEndpointHung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ids := later(q, 200)
		ep.setLatency(9 * time.Second)
		r := start(t, q, ep, func(c *retry.Config) { c.PerEndpoint = 2 })
		pass(time.Second)
		go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: ids, Rate: 5, By: "ann"}) }()
		pass(30 * time.Second)
		ep.setLatency(time.Millisecond)
		pass(10 * time.Second)
		before := ep.delivered()
		pass(time.Second)
		if n := ep.delivered() - before; n > 6 {
			t.Errorf("%d letters in a second at five a second", n)
		}
		if before > 12+5*10+5 {
			t.Errorf("%d letters in the ten seconds after it had hung", before)
		}
		r.stop(t)
	})
}

func TestRedriveToAnotherEndpointTouchesNothingWhenItFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(nil)
		urls := map[string]int{}
		ep.answer = func(r delivery.Request, _ int) delivery.Result {
			urls[r.URL]++
			switch {
			case strings.HasPrefix(r.URL, "https://gone."):
				return notFound()
			case strings.HasPrefix(r.URL, "https://inside."):
				return delivery.Result{Outcome: delivery.Rejected, Error: "10.0.0.1 is a private address"}
			case strings.HasPrefix(r.URL, "https://down."):
				return unavailable()
			}
			return ok()
		}
		ids := later(q, 1)
		r := start(t, q, ep)
		pass(time.Second)
		for _, to := range []string{"https://gone.example/x?token=s3cret", "https://inside.example/", "https://down.example/"} {
			results := do(t, r, retry.Redrive{IDs: ids, To: to, By: "ann"})
			if len(results) != 1 || results[0].Did != retry.DidFail || urls[to] != 1 {
				t.Errorf("to %s: %+v, attempted %v", to, results, urls)
			}
		}
		pass(10 * time.Second)
		l := q.letters(q.waiting)[ids[0]]
		if l == nil || l.RetryCount != 0 || len(l.Attempts) != 0 || q.count(q.parked) != 0 || q.calls["Replace"] != 0 {
			t.Errorf("the letter is %+v, %d are parked", l, q.count(q.parked))
		}
		for _, j := range status(t, r).Jobs {
			if strings.Contains(j.To, "s3cret") {
				t.Errorf("a secret is shown: %s", j.To)
			}
		}
		pass(2 * time.Hour)
		if urls["https://crm.example.com/hook"] != 1 || !ep.acceptedOnce(ids[0]) {
			t.Errorf("it did not go on with its own endpoint: %v", urls)
		}
		for _, e := range status(t, r).Endpoints {
			if e.Waiting != 0 || e.InFlight != 0 {
				t.Errorf("an empty lane says %+v", e)
			}
		}
		r.stop(t)
	})
}

func TestRedriveToAnotherEndpointDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(r delivery.Request, _ int) delivery.Result {
			if strings.HasPrefix(r.URL, "https://crm2.") {
				return ok()
			}
			return unavailable()
		})
		ids := later(q, 30)
		r := start(t, q, ep)
		pass(time.Second)
		results := do(t, r, retry.Redrive{IDs: ids, To: "https://crm2.example.com/hook", By: "ann"})
		pass(time.Second)
		if tally(results)[retry.DidDeliver] != 30 || q.count(q.waiting) != 0 {
			t.Errorf("%v, %d left", tally(results), q.count(q.waiting))
		}
		r.stop(t)
	})
}

func TestCommandsThatCannotBeAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ids := later(q, 1)
		r := start(t, q, ep)
		pass(time.Second)
		for _, c := range []retry.Command{
			retry.Redrive{IDs: ids, To: "ftp://crm.example.com"},
			retry.Redrive{IDs: ids, To: "http://ann@crm.example.com"},
			retry.Redrive{IDs: ids, To: "http://\x00"},
			retry.Redrive{IDs: ids, Rate: math.NaN()},
			retry.Redrive{IDs: ids, Rate: math.Inf(1)},
			retry.Redrive{IDs: ids, Rate: -1},
			retry.Redrive{IDs: ids, Rate: 1e-300},
			retry.Delete{IDs: ids},
			retry.Edit{ID: ids[0], Payload: []byte("x")}, // there is no trash
			retry.Cancel{Job: "none"},
		} {
			if _, err := r.Do(t.Context(), c); !errors.Is(err, retry.ErrRefused) {
				t.Errorf("%T %+v: %v", c, c, err)
			}
			if _, cancels := c.(retry.Cancel); cancels {
				continue
			}
			if _, err := r.Plan(t.Context(), c); !errors.Is(err, retry.ErrRefused) {
				t.Errorf("the plan of %T %+v: %v", c, c, err)
			}
		}
		if _, err := r.Results(t.Context(), "none"); !errors.Is(err, retry.ErrRefused) {
			t.Errorf("results of nothing: %v", err)
		}
		pass(time.Minute)
		if ep.attempted() != 0 || q.count(q.waiting) != 1 {
			t.Error("something was done")
		}
		r.stop(t)
	})
}

func TestCanaryStopsByItself(t *testing.T) {
	for name, c := range map[string]struct {
		bad                 func(nth int) bool
		delivered, failed   int
		attempts, mostExtra int
		stopped             string
	}{
		"at the first letter":   {func(n int) bool { return n >= 1 }, 0, 1, 1, 0, "the first letter failed: 503"},
		"at the next ten":       {func(n int) bool { return n > 1 && n%3 == 0 }, 8, 3, 11, 0, "3 of the next ten letters failed"},
		"never at one in ten":   {func(n int) bool { return n == 5 || n > 11 && n%10 == 0 }, 90, 10, 100, 0, ""},
		"while the rest goes":   {func(n int) bool { return n > 30 && n%2 == 0 }, -1, -1, 60, 20, "of the last"},
		"not at two of the ten": {func(n int) bool { return n == 3 || n == 4 }, 98, 2, 100, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(nil)
				n := 0
				ep.answer = func(delivery.Request, int) delivery.Result {
					if n++; c.bad(n) {
						return unavailable()
					}
					return ok()
				}
				ids := later(q, 100)
				r := start(t, q, ep, func(c *retry.Config) { c.BackoffBase, c.BackoffCap = 10*time.Hour, 10*time.Hour })
				pass(time.Second)
				results := do(t, r, retry.Redrive{IDs: ids, Canary: true, By: "ann"})
				got := tally(results)
				if len(results) != 100 || c.delivered >= 0 && (got[retry.DidDeliver] != c.delivered || got[retry.DidFail] != c.failed) {
					t.Errorf("%d results: %v", len(results), got)
				}
				if n > c.attempts+c.mostExtra || n < c.attempts-c.mostExtra {
					t.Errorf("%d attempts were made", n)
				}
				j := status(t, r).Jobs[0]
				if !strings.Contains(j.Stopped, c.stopped) || (c.stopped == "") != (j.Stopped == "") || j.Left != 0 || j.Done+j.Failed+j.Skipped != 100 {
					t.Errorf("the command is shown as %+v", j)
				}
				for _, res := range results {
					if res.Did == retry.DidSkip && !strings.Contains(res.Note, j.Stopped) {
						t.Errorf("left without saying why: %+v", res)
					}
				}
				r.stop(t)
			})
		})
	}
}

func TestCanaryStepsWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ep.setLatency(10 * time.Second)
		ids := later(q, 40)
		r := start(t, q, ep, func(c *retry.Config) { c.Timeout = time.Minute; c.PerEndpoint = 40 })
		pass(time.Second)
		go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: ids, Canary: true, By: "ann"}) }()
		for _, want := range []struct {
			attempted int
			step      retry.Step
		}{{1, retry.FirstOne}, {3, retry.NextTen}} { // two at once, until the endpoint is known
			pass(9 * time.Second)
			if n := ep.attempted(); n != want.attempted || status(t, r).Jobs[0].Step != want.step {
				t.Errorf("%d attempted in step %q, want %+v", n, status(t, r).Jobs[0].Step, want)
			}
			pass(time.Second + time.Millisecond)
		}
		pass(40 * time.Second)
		if j := status(t, r).Jobs[0]; j.Step != retry.TheRest || j.Done < 11 {
			t.Errorf("shown as %+v", j)
		}
		pass(time.Hour)
		if ep.delivered() != 40 {
			t.Errorf("%d delivered", ep.delivered())
		}
		r.stop(t)
	})
}

func TestCanaryOverSeveralEndpointsTriesThemInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(r delivery.Request, _ int) delivery.Result {
			if strings.Contains(r.URL, "//h3.") {
				return unavailable()
			}
			return ok()
		})
		var ids []string
		for n := range 100 {
			l := letter(n)
			l.OriginalEndpoint = fmt.Sprintf("https://h%d.example.com/", n/25)
			l.NextAttemptAt = time.Now().Add(time.Hour).UTC()
			q.Send(l)
			ids = append(ids, l.ID)
		}
		r := start(t, q, ep)
		pass(time.Second)
		got := tally(do(t, r, retry.Redrive{IDs: ids, Canary: true, By: "ann"}))
		if got[retry.DidFail] > 8 || got[retry.DidFail] == 0 {
			t.Errorf("an endpoint that is down showed late: %v", got)
		}
		r.stop(t)
	})
}

func TestPacedRedriveLeavesAnEndpointWhoseBreakerOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(failing)
		ids := later(q, 100)
		r := start(t, q, ep, func(c *retry.Config) { c.BackoffBase, c.BackoffCap = 10*time.Hour, 10*time.Hour })
		pass(time.Second)
		got := tally(do(t, r, retry.Redrive{IDs: ids, Rate: 10, By: "ann"}))
		if got[retry.DidFail] > 8 || got[retry.DidSkip]+got[retry.DidFail] != 100 {
			t.Errorf("%v", got)
		}
		if j := status(t, r).Jobs[0]; !strings.Contains(j.Stopped, "breaker is open") {
			t.Errorf("shown as %+v", j)
		}
		r.stop(t)
	})
}

func TestTwoCommandsForOneLetterAreEachAnsweredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ids := later(q, 20)
		r := start(t, q, ep)
		pass(time.Second)
		slow := make(chan []retry.Result, 1)
		go func() {
			results, _ := r.Do(t.Context(), retry.Redrive{IDs: ids, Rate: 1, By: "ann"})
			slow <- results
		}()
		pass(5 * time.Second)
		fast := do(t, r, retry.Redrive{IDs: ids[10:], By: "bob"})
		elsewhere := do(t, r, retry.Redrive{IDs: ids[8:9], To: "https://other.example.com", By: "cid"})
		got := <-slow
		if len(got) != 20 || tally(got)[retry.DidDeliver] != 20 || tally(fast)[retry.DidDeliver] != 10 || elsewhere[0].Did != retry.DidSkip {
			t.Errorf("ann: %v; bob: %v; cid: %v", tally(got), tally(fast), elsewhere)
		}
		for _, id := range ids {
			if !ep.acceptedOnce(id) {
				t.Errorf("%s was not delivered once", id)
			}
		}
		r.stop(t)
	})
}

func TestCommandGoesOnWhenWhoeverAskedHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ids := later(q, 20)
		r := start(t, q, ep)
		pass(time.Second)
		ctx, end := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { end(retry.ErrGone) })
		if _, err := r.Do(ctx, retry.Redrive{IDs: ids, Rate: 1, By: "ann"}); !errors.Is(err, retry.ErrGone) {
			t.Errorf("the command ended with %v", err)
		}
		pass(time.Minute)
		if ep.delivered() != 20 {
			t.Errorf("%d delivered", ep.delivered())
		}
		r.stop(t)
	})
}

func TestLetterOnItsWayElsewhereGoesHomeWhenAnotherCommandTakesIt(t *testing.T) {
	for name, take := range map[string]func(id string) retry.Command{
		"park":   func(id string) retry.Command { return retry.Park{IDs: []string{id}, By: "bob"} },
		"hold":   func(id string) retry.Command { return retry.Hold{IDs: []string{id}, By: "bob"} },
		"delete": func(id string) retry.Command { return retry.Delete{IDs: []string{id}, By: "bob"} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(nil)
				urls := map[string]string{}
				ep.answer = func(r delivery.Request, _ int) delivery.Result {
					urls[r.ID] = r.URL
					return ok()
				}
				ep.setLatency(9 * time.Second)
				ids := later(q, 2)
				r := start(t, q, ep, into(&bin{full: errFull}), func(c *retry.Config) { c.PerEndpoint = 1 }, hooking(func(h *hooked) {
					h.park = func(context.Context, deadletter.Lease, *deadletter.Letter) error { return errFault }
				}))
				pass(time.Second)
				go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: ids, To: "https://e9.example.com/", By: "ann"}) }()
				pass(time.Second)
				do(t, r, take(ids[1])) // neither parked nor deleted: both fail
				if name == "hold" {
					do(t, r, take(ids[1]))
				}
				pass(2 * time.Hour)
				if urls[ids[0]] != "https://e9.example.com/" || urls[ids[1]] != "https://crm.example.com/hook" {
					t.Errorf("sent to %v", urls)
				}
				for _, e := range status(t, r).Endpoints {
					if e.Waiting != 0 || e.InFlight != 0 {
						t.Errorf("an empty lane says %+v", e)
					}
				}
				r.stop(t)
			})
		})
	}
}

func TestRedriveHeedsWhatTheEndpointAsksOfIt(t *testing.T) {
	for name, options := range map[string]retry.Redrive{"all at once": {}, "at a rate": {Rate: 2}, "elsewhere": {To: "https://e9.example.com/"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(nil)
				began := time.Now()
				ep.answer = func(delivery.Request, int) delivery.Result {
					if quiet := began.Add(time.Minute); time.Now().Before(quiet) {
						return delivery.Result{Outcome: delivery.Retry, Status: 429, Error: "429 Too Many Requests", NotBefore: quiet}
					}
					return ok()
				}
				ids := later(q, 30)
				r := start(t, q, ep, func(c *retry.Config) { c.MaxRetries = 3 })
				pass(time.Second)
				c := options
				c.IDs, c.By = ids[:29], "ann"
				answered := make(chan []retry.Result, 1)
				go func() {
					results, _ := r.Do(t.Context(), c)
					answered <- results
				}()
				pass(30 * time.Second)
				if n := ep.attempted(); n > 2 {
					t.Errorf("%d letters were sent to an endpoint that had asked for quiet", n)
				}
				c.IDs = ids[29:]
				got := do(t, r, c) // somebody wants to know all the same
				if got[0].Did != retry.DidFail || len(ep.times(ids[29])) != 1 {
					t.Errorf("%+v", got)
				}
				if n := tally(<-answered); n[retry.DidDeliver] < 27 || n[retry.DidSkip] != 0 {
					t.Errorf("%v", n)
				}
				pass(2 * time.Hour)
				if ep.delivered() != 30 || q.count(q.parked) != 0 {
					t.Errorf("%d delivered, %d parked", ep.delivered(), q.count(q.parked))
				}
				r.stop(t)
			})
		})
	}
}

// A canary that waits for its first letter's answer has nothing to begin, and must not keep others from it.
func TestARateIsKeptBesideACanaryThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ids := later(q, 12)
		r := start(t, q, ep)
		pass(time.Second)
		ep.setLatency(9 * time.Second)
		go func() {
			_, _ = r.Do(t.Context(), retry.Redrive{IDs: ids[:2], To: "https://slow.example/", Rate: 10, Canary: true, By: "bob"})
		}()
		pass(500 * time.Millisecond)
		ep.setLatency(time.Millisecond)
		began := time.Now()
		go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: ids[2:], Rate: 2, By: "ann"}) }()
		pass(6 * time.Second)
		for i, id := range ids[2:] {
			if at := ep.times(id); len(at) != 1 || at[0].Sub(began) != time.Duration(i)*500*time.Millisecond {
				t.Fatalf("letter %d was attempted at %v, %v after the redrive began", i, at, time.Since(began))
			}
		}
		pass(10 * time.Second)
		r.stop(t)
	})
}
