package retry_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// pileUp puts many letters to one endpoint into the queue, and behind them a few to another.
func pileUp(q *memQueue, many, few int, change func(*deadletter.Letter)) {
	q.order = bySending
	for n := range many + few {
		l := letter(n)
		if n < many {
			l.OriginalEndpoint = "https://down.example.com/"
			if change != nil {
				change(l)
			}
		}
		q.Send(l)
	}
}

// untilAccepted lets time pass until the letters from..to have been delivered, and says how long that took.
func untilAccepted(t *testing.T, ep *endpoints, from, to int, most time.Duration) time.Duration {
	t.Helper()
	began := time.Now()
	for n := from; n < to; {
		if ep.acceptedOnce(fmt.Sprintf("letter-%d", n)) {
			n++
			continue
		}
		if time.Since(began) > most {
			t.Fatalf("letter %d was not delivered in %v, but %d were", n, most, len(ep.accepted))
		}
		pass(time.Second)
	}
	return time.Since(began)
}

func TestLettersBehindThoseOfADeadEndpointAreNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many, few = 1000, 50
		q := newMemQueue(1)
		down := func(r delivery.Request, _ int) delivery.Result {
			if strings.Contains(r.URL, "down") {
				return unavailable()
			}
			return ok()
		}
		ep := newEndpoints(down)
		pileUp(q, many, few, nil)
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory, c.MaxRetries = 100, 1000 })
		if took := untilAccepted(t, ep, many, many+few, 5*time.Minute); took > 2*time.Minute+30*time.Second {
			t.Errorf("it took %v to reach letters behind %d that cannot be delivered", took, many)
		}
		pass(30 * time.Minute)
		before := q.called("Extend")
		pass(time.Hour)
		if n := q.called("Extend") - before; n > 8*many { // ten of them are one request, and a receive brings ten
			t.Errorf("%d letters of an endpoint that is down cost %d changes of visibility an hour", many, n)
		}
		attempts := 0
		for n := range many {
			attempts += len(ep.times(fmt.Sprintf("letter-%d", n)))
		}
		if attempts > 200 {
			t.Errorf("%d attempts at an endpoint that is down", attempts)
		}
		ep.setAnswer(takesAll)
		pass(2*time.Minute + 30*time.Second) // the longest pause between two probes is a minute of it
		if n := len(ep.accepted) - few; n < many-5 {
			t.Errorf("%d of the %d others were delivered soon after their endpoint was back", n, many)
		}
		untilAccepted(t, ep, 0, many, 20*time.Minute) // the few that have probed it have a backoff of their own
		if n := len(q.letters(q.waiting)); n != 0 {
			t.Errorf("%d are left", n)
		}
		r.stop(t)
	})
}

func TestLettersPutOffInALongOutageAreCalledBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 1000
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		for n := range many {
			q.Send(letter(n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory, c.MaxRetries = 200, 10_000 })
		pass(8 * time.Hour) // in which each is put off a few dozen times: far more than can be remembered
		ep.setAnswer(takesAll)
		pass(3 * time.Minute)
		if n := len(ep.accepted); n < many-20 {
			t.Errorf("%d of %d letters were delivered soon after their endpoint was back", n, many)
		}
		r.stop(t)
	})
}

func TestLettersBehindThoseThatAreNotDueAreNotStarved(t *testing.T) {
	inAnHour := func() time.Time { return time.Now().Add(time.Hour).UTC().Round(0) }
	for name, c := range map[string]struct {
		change func(*deadletter.Letter)
		answer func(later time.Time) delivery.Result
	}{
		"backoff": {func(l *deadletter.Letter) { l.NextAttemptAt = inAnHour() }, nil},
		"retry-after": {nil, func(later time.Time) delivery.Result {
			return delivery.Result{Outcome: delivery.Retry, Status: 429, Error: "429 Too Many Requests", NotBefore: later}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const many, few = 500, 20
				q, later := newMemQueue(1), inAnHour()
				ep := newEndpoints(func(r delivery.Request, _ int) delivery.Result {
					if c.answer != nil && strings.Contains(r.URL, "down") && time.Now().Before(later) {
						return c.answer(later)
					}
					return ok()
				})
				pileUp(q, many, few, c.change)
				r := start(t, q, ep, func(c *retry.Config) { c.Inventory = 100 })
				if took := untilAccepted(t, ep, many, many+few, 10*time.Minute); took > 2*time.Minute {
					t.Errorf("it took %v to reach letters behind %d that are not due", took, many)
				}
				if n := q.called("Extend"); n > 3*many {
					t.Errorf("%d changes of visibility", n)
				}
				pass(time.Hour - time.Since(later.Add(-time.Hour)))
				untilAccepted(t, ep, 0, many, 5*time.Minute)
				r.stop(t)
			})
		})
	}
}

func TestLettersThatCannotBeParkedStopNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many, few = 300, 20
		q := newMemQueue(1)
		ep := newEndpoints(func(r delivery.Request, _ int) delivery.Result {
			if strings.Contains(r.URL, "down") {
				return delivery.Result{Outcome: delivery.Rejected, Status: 404, Error: "404 Not Found"}
			}
			return ok()
		})
		pileUp(q, many, few, nil)
		missing := time.Now().Add(3 * time.Hour)
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory = 100 }, hooking(func(h *hooked) {
			inner := h.Queue
			h.park = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				if time.Now().Before(missing) {
					return errNoParked
				}
				return inner.Park(ctx, l, with)
			}
		}))
		if took := untilAccepted(t, ep, many, many+few, 10*time.Minute); took > 3*time.Minute {
			t.Errorf("it took %v to reach letters behind %d that cannot be parked", took, many)
		}
		pass(4 * time.Hour)
		parked := q.letters(q.parked)
		for n := range many {
			id := fmt.Sprintf("letter-%d", n)
			if l := parked[id]; l == nil || l.RetryCount != len(ep.times(id)) || l.RetryCount > 5 {
				t.Errorf("%s: parked as %+v, attempted %d times", id, l, len(ep.times(id)))
			}
		}
		r.stop(t)
	})
}

func TestHeldLettersAndThoseOfACommandAreNotPutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(func(r delivery.Request, _ int) delivery.Result {
			if strings.Contains(r.URL, "down") {
				return unavailable()
			}
			return ok()
		})
		pileUp(q, 20, 0, func(l *deadletter.Letter) { l.NextAttemptAt = time.Now().Add(9 * time.Hour).UTC().Round(0) })
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory = 40 })
		pass(time.Second)
		held, paced := []string{"letter-0", "letter-1", "letter-2"}, []string{"letter-3", "letter-4", "letter-5"}
		if _, err := r.Do(t.Context(), retry.Hold{IDs: held, By: "ann"}); err != nil {
			t.Fatal(err)
		}
		done := make(chan []retry.Result, 1)
		go func() {
			results, _ := r.Do(t.Context(), retry.Redrive{IDs: paced, By: "ann", Rate: 1.0 / 3600})
			done <- results
		}()
		more := func(from, to int) {
			for n := from; n < to; n++ {
				l := letter(n)
				l.OriginalEndpoint = "https://down.example.com/"
				l.NextAttemptAt = time.Now().Add(5 * time.Hour).UTC().Round(0)
				q.Send(l)
			}
		}
		more(100, 300)
		for range 10 {
			pass(5 * time.Minute)
			for _, id := range held {
				if e, ok := entryOf(t, r, id); !ok || e.HeldBy != "ann" {
					t.Fatalf("%s, which is held, has left the inventory", id)
				}
			}
			for _, id := range paced[1:] {
				if _, ok := entryOf(t, r, id); !ok {
					t.Fatalf("%s, whose redrive is under way, has left the inventory", id)
				}
			}
		}
		pass(3 * time.Hour)
		if results := <-done; len(results) != len(paced) {
			t.Errorf("%+v", results)
		}
		r.stop(t)
	})
}

func TestInventoryIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		const mib = 1 << 20
		for n := range 150 {
			l := letter(n)
			l.Payload = fmt.Appendf(nil, `"%d%s"`, n, strings.Repeat("x", mib-5))
			q.Send(l)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.Bytes, c.PausedBy = 60*mib, "ann" })
		pass(time.Minute)
		if n := status(t, r).HeldBytes; n < 59*mib || n > 70*mib {
			t.Errorf("%d MiB are held, and 60 are the most, or ten more", n/mib)
		}
		r.stop(t)
	})
}

func TestTooManyInFlightIsToldOnceAndStopsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		ep := newEndpoints(takesAll)
		ep.setLatency(5 * time.Second)
		for n := range 100 {
			q.Send(letter(n))
		}
		r := start(t, q, ep)
		pass(100 * time.Millisecond)
		feed, err := r.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		q.mu.Lock()
		for n := range 40 { // of another consumer, for a quarter of an hour
			q.put(q.waiting, letter(1000+n))
			m := q.waiting[fmt.Sprint("m", q.serial)]
			m.visibleAt, m.receipt = time.Now().Add(15*time.Minute), "another's"
		}
		q.lendsMost = 40
		before := q.calls["Receive"]
		q.mu.Unlock()
		pass(10 * time.Minute)
		if n := q.called("Receive") - before; n > 60 {
			t.Errorf("%d receives in ten minutes in which none is allowed", n)
		}
		told := 0
		u, err := feed.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range u.Stream {
			if trouble, ok := ev.(retry.Trouble); ok {
				if told++; trouble.Hint != (overLimit{}).Hint() {
					t.Errorf("told without advice: %+v", trouble)
				}
			}
		}
		if told != 1 || u.Status.LinkHint != (overLimit{}).Hint() {
			t.Errorf("told %d times; the status says %q", told, u.Status.LinkHint)
		}
		untilAccepted(t, ep, 0, 100, time.Second)
		if n := len(q.letters(q.waiting)); n != 40 {
			t.Errorf("%d messages are left, and 40 are another's", n)
		}
		pass(10 * time.Minute)
		untilAccepted(t, ep, 1000, 1040, time.Minute)
		r.stop(t)
	})
}

func TestLettersBehindThoseOfASlowEndpointAreNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many, few = 600, 20
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		pileUp(q, many, few, nil)
		r := start(t, q, ep, func(c *retry.Config) { c.Inventory, c.PerEndpointRate = 100, 0.1 })
		pass(10 * time.Minute)
		healthy, slow := 0, 0
		for n := range many + few {
			if !ep.acceptedOnce(fmt.Sprintf("letter-%d", n)) {
				continue
			}
			if n < many {
				slow++
			} else {
				healthy++
			}
		}
		if healthy != few || slow < 55 || slow > 61 {
			t.Errorf("%d of %d letters that could be delivered were, and %d to an endpoint of six a minute, in ten minutes", healthy, few, slow)
		}
		if n := q.called("Extend"); n > 5*many {
			t.Errorf("%d changes of visibility", n)
		}
		r.stop(t)
	})
}
