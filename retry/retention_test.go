package retry_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

const day = 24 * time.Hour

// written are the bodies of a queue by the letter's id. A letter that is there twice is an error.
func written(t *testing.T, q *memQueue, in map[string]*message) map[string]string {
	t.Helper()
	q.mu.Lock()
	defer q.mu.Unlock()
	bodies := map[string]string{}
	for _, m := range in {
		id := deadletter.Read(m.body, nil, m.id).ID
		if _, twice := bodies[id]; twice {
			t.Errorf("%s is there twice", id)
		}
		bodies[id] = string(m.body)
	}
	return bodies
}

// assertUnchanged sees that a queue holds the letters that it held, once each, and that none has expired.
func assertUnchanged(t *testing.T, q *memQueue, in map[string]*message, before map[string]string) {
	t.Helper()
	after := written(t, q, in)
	for id, body := range before {
		if after[id] != body {
			t.Errorf("%s was %s and is %s", id, body, after[id])
		}
	}
	if len(after) != len(before) || len(q.expired) > 0 {
		t.Errorf("%d letters of %d; expired: %v", len(after), len(before), q.expired)
	}
}

// forPerson makes a parked letter, one that waits for a person.
func forPerson(n int) *deadletter.Letter {
	l := letter(n)
	l.Parked = &deadletter.Parked{At: time.Now().UTC().Round(0), Reason: deadletter.Exhausted}
	l.RetryCount = 5
	l.Headers = deadletter.Headers{"X-Genesys-Signature": {"sha256=abc"}}
	return l
}

func TestHeldLetterOutlastsTheRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		l := letter(1)
		l.RetryCount, l.PayloadRef, l.Payload = 3, &deadletter.PayloadRef{Bucket: "b", Key: "k", Size: 9 << 20, SHA256: fmt.Sprintf("%064d", 1)}, nil
		q.Send(l)
		before := written(t, q, q.waiting)
		payloads := &safe{}
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy, c.Payloads = "ann", payloads })
		pass(time.Second)
		if _, err := r.Do(t.Context(), retry.Hold{IDs: []string{l.ID}, By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(60 * day)
		e, ok := entryOf(t, r, l.ID)
		if left := time.Until(e.ExpiresAt); !ok || e.HeldBy != "ann" || left < 14*day/16 || left > 14*day {
			t.Errorf("held by %q, and expires in %v", e.HeldBy, left)
		}
		assertUnchanged(t, q, q.waiting, before)
		if n := q.called("Replace"); n < 4 || n > 5 {
			t.Errorf("replaced %d times in 60 days of a retention of 14", n)
		}
		if payloads.discarded {
			t.Error("the payload was thrown away")
		}
		r.stop(t)
	})
}

// safe is where a payload lies.
type safe struct{ discarded bool }

func (*safe) Payload(context.Context, *deadletter.Letter) ([]byte, error) { return []byte("{}"), nil }

func (s *safe) Discard(context.Context, *deadletter.Letter) error {
	s.discarded = true
	return nil
}

func TestParkedLettersOutlastTheRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const parked = 25
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		for n := range parked {
			q.put(q.parked, forPerson(n))
		}
		before := written(t, q, q.parked)
		r := start(t, q, ep)
		pass(60 * day)
		assertUnchanged(t, q, q.parked, before)
		looks, renewals := q.calls["ReceiveParked"]/(parked/10+4), q.calls["Park"]
		if renewals < 5*parked || renewals > 7*parked {
			t.Errorf("%d replacements of %d letters in 60 days of a retention of 10", renewals, parked)
		}
		if perDay := looks / 60; perDay > 6 {
			t.Errorf("%d receives of the parked queue: it is looked through %d times a day", q.calls["ReceiveParked"], perDay)
		}
		if d, _ := q.Depth(t.Context()); d.Parked != parked {
			t.Errorf("%+v", d)
		}
		r.stop(t)
	})
}

func TestParkedLettersBeyondThoseThatAreShownOutlastTheRetention(t *testing.T) {
	const parked = 12_000
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		for n := range parked {
			q.put(q.parked, forPerson(n))
		}
		for _, m := range q.parked {
			m.sentAt = time.Now().Add(6*time.Hour - 10*day)
		}
		r := start(t, q, ep, hooking(func(h *hooked) { h.parkedTakes = 50 * time.Millisecond }))
		pass(7 * time.Hour)
		if n := len(written(t, q, q.parked)); n != parked || len(q.expired) > 0 {
			t.Errorf("%d of %d are left, %d have expired", n, parked, len(q.expired))
		}
		if n := q.called("ReceiveParked"); n > 5*parked/10 { // three looks, one of which meets what it has replaced
			t.Errorf("%d receives", n)
		}
		pass(20 * time.Minute)
		q.mu.Lock()
		for _, m := range q.parked {
			if m.visibleAt.After(time.Now()) {
				t.Errorf("%s is hidden until %v", m.id, m.visibleAt)
				break
			}
		}
		q.mu.Unlock()
		r.stop(t)
	})
}

// A letter is never without a message, whatever fails.
func TestFailuresWhileLettersAreReplacedCostNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(3), newEndpoints(takesAll)
		q.faults, q.keeps = 0.3, day
		waiting, parked := 20, 20
		for n := range waiting {
			q.put(q.waiting, letter(n))
		}
		for n := range parked {
			q.put(q.parked, forPerson(100+n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "ann" })
		for range 40 {
			pass(2 * time.Hour)
			if n, p := len(q.letters(q.waiting)), len(q.letters(q.parked)); n != waiting || p != parked {
				t.Fatalf("%d of %d letters wait, %d of %d are parked", n, waiting, p, parked)
			}
		}
		q.setFaults(0)
		pass(2 * day)
		if n, p := len(q.waiting), len(q.parked); n != waiting {
			t.Errorf("%d messages of %d letters wait, %d of %d are parked", n, waiting, p, parked)
		}
		_, _ = r.Do(t.Context(), retry.Resume{By: "ann"})
		pass(time.Hour)
		for n := range waiting {
			if id := fmt.Sprintf("letter-%d", n); !ep.acceptedOnce(id) {
				t.Errorf("%s was delivered %d times", id, ep.accepted[id])
			}
		}
		r.stop(t)
	})
}

func TestOperatorDoesNotWaitForALookAtTheAgeOfParkedLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		var ids []string
		for n := range 1500 {
			l := forPerson(n)
			q.put(q.parked, l)
			ids = append(ids, l.ID)
		}
		r := start(t, q, ep, hooking(func(h *hooked) { h.parkedTakes = 100 * time.Millisecond }))
		for q.called("ReceiveParked") < 20 { // the look has begun
			pass(time.Second)
		}
		began := time.Now()
		res, err := r.Do(t.Context(), retry.Release{IDs: ids, By: "ann"})
		if err != nil || len(res) != len(ids) || res[0].Did != retry.DidRelease {
			t.Errorf("%d of %d released, %v", len(res), len(ids), err)
		}
		if took := time.Since(began); took > 20*time.Second { // its own look takes 15 s
			t.Errorf("it took %v", took)
		}
		r.stop(t)
	})
}

func TestLetterThatIsToBeParkedIsNotAttemptedBecauseItWasReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		q.keeps = day
		ep := newEndpoints(func(delivery.Request, int) delivery.Result {
			return delivery.Result{Outcome: delivery.Rejected, Status: 404, Error: "404 Not Found"}
		})
		q.Send(letter(1))
		r := start(t, q, ep, hooking(func(h *hooked) {
			h.park = func(context.Context, deadletter.Lease, *deadletter.Letter) error { return errNoParked }
		}))
		pass(5 * day)
		if n := len(ep.times("letter-1")); n != 1 || len(q.expired) > 0 || len(q.letters(q.waiting)) != 1 {
			t.Errorf("attempted %d times, expired: %v", n, q.expired)
		}
		r.stop(t)
	})
}

var errNoParked = errors.New("there is no parked queue")

func TestLetterThatCannotBeReplacedStaysWhereItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		q.keeps = day
		q.Send(letter(1))
		before := written(t, q, q.waiting)
		var allowed atomic.Bool
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "ann" }, hooking(func(h *hooked) {
			inner := h.Queue
			h.replace = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				if !allowed.Load() {
					return errFault
				}
				return inner.Replace(ctx, l, with)
			}
		}))
		pass(day - 10*time.Minute)
		assertUnchanged(t, q, q.waiting, before)
		allowed.Store(true)
		pass(day)
		assertUnchanged(t, q, q.waiting, before)
		r.stop(t)
	})
}
