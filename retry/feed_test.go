package retry_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

func subscribe(t *testing.T, r *run) retry.Feed {
	t.Helper()
	feed, err := r.Subscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

func next(t *testing.T, feed retry.Feed) retry.Update {
	t.Helper()
	u, err := feed.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestFeedStartsWithASnapshotThenMergesChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(_ delivery.Request, n int) delivery.Result {
			if n < 3 {
				return unavailable()
			}
			return ok()
		})
		later := letter(2)
		later.NextAttemptAt = time.Now().Add(time.Hour).UTC().Round(0)
		q.Send(later)
		r := start(t, q, ep)
		pass(time.Second)
		feed := subscribe(t, r)
		u := next(t, feed)
		if !u.Reset || len(u.Letters) != 1 || u.Letters[0].Wait != retry.ForBackoff || !u.Letters[0].Due.Equal(later.NextAttemptAt) || u.Status.MaxRetries != 5 {
			t.Errorf("snapshot: %+v", u)
		}
		q.Send(letter(1))
		pass(time.Minute) // two failures and a delivery
		u = next(t, feed)
		if u.Reset || len(u.Letters) != 1 || u.Letters[0].Letter.ID != "letter-1" || u.Letters[0].Phase != retry.Done {
			t.Errorf("letters after one was attempted three times: %+v", u.Letters)
		}
		if len(u.Stream) < 8 || u.Missed != 0 {
			t.Errorf("stream: %d events, %d missed", len(u.Stream), u.Missed)
		}
		r.stop(t)
	})
}

func TestEngineNeverWaitsForAScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		r := start(t, q, ep)
		feed := subscribe(t, r)
		next(t, feed)
		for n := range 500 {
			q.Send(letter(n))
		}
		pass(time.Minute) // nobody pulls
		if len(ep.accepted) != 500 {
			t.Fatalf("%d letters delivered while a screen stood still", len(ep.accepted))
		}
		u := next(t, feed)
		if len(u.Stream) > 200 || len(u.Stream)+u.Missed < 1500 {
			t.Errorf("%d events and %d missed: want the latest 200 at most, and every other one counted", len(u.Stream), u.Missed)
		}
		r.stop(t)
	})
}

func TestFullStreamEndsWithTheLastEventsThenSaysStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		r := start(t, q, ep)
		feed, err := r.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		next(t, feed)
		q.Send(letter(1))
		pass(time.Second)
		r.stop(t)
		var kinds int
		for {
			u, err := feed.Next(t.Context())
			if errors.Is(err, retry.ErrStopped) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			kinds += len(u.Stream)
		}
		if kinds < 3 {
			t.Errorf("%d events were told, want received, attempting, delivered", kinds)
		}
		if _, err := r.Subscribe(t.Context()); !errors.Is(err, retry.ErrStopped) {
			t.Errorf("subscribing to an engine that has stopped: %v", err)
		}
		if _, err := r.Do(t.Context(), retry.Pause{}); !errors.Is(err, retry.ErrStopped) {
			t.Errorf("a command to an engine that has stopped: %v", err)
		}
	})
}

// advised is a failure that says what to do.
type advised struct{}

func (advised) Error() string { return "connection refused" }
func (advised) Hint() string  { return "start the queue" }

// cut is a queue that cannot be reached until a moment.
type cut struct {
	mortal
	until time.Time
}

func (c cut) Receive(ctx context.Context) ([]deadletter.Lease, error) {
	if time.Now().Before(c.until) {
		return nil, advised{}
	}
	return c.mortal.Receive(ctx)
}

func TestStatusTellsTheTruthAboutTheLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		began := time.Now()
		r := start(t, q, ep, func(c *retry.Config) {
			m, _ := c.Queue.(mortal)
			c.Queue = cut{m, began.Add(5 * time.Minute)}
		})
		q.Send(letter(1))
		feed := subscribe(t, r)
		pass(time.Minute)
		s := next(t, feed).Status
		if !s.LinkDown || s.LinkSince.Sub(began) > time.Second || s.LinkError != "connection refused" || s.LinkHint != "start the queue" {
			t.Errorf("link: %+v", s)
		}
		pass(5 * time.Minute)
		s = next(t, feed).Status
		if s.LinkDown || s.LinkError != "" || !ep.acceptedOnce("letter-1") {
			t.Errorf("after the queue is back: %+v", s)
		}
		r.stop(t)
	})
}

// partly brings what the queue has, and says that the body of one more message cannot be read.
type partly struct{ mortal }

func (p partly) Receive(ctx context.Context) ([]deadletter.Lease, error) {
	leases, err := p.mortal.Receive(ctx)
	return leases, errors.Join(err, fmt.Errorf("%w: %w", deadletter.ErrBodyAway, advised{}))
}

func TestBodyThatCannotBeReadIsToldAndTheQueueIsNotSaidToBeDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		r := start(t, q, ep, func(c *retry.Config) {
			m, _ := c.Queue.(mortal)
			c.Queue = partly{m}
		})
		feed := subscribe(t, r)
		q.Send(letter(1))
		pass(time.Minute)
		u := next(t, feed)
		if u.Status.LinkDown || !ep.acceptedOnce("letter-1") {
			t.Errorf("link: %+v", u.Status)
		}
		told := slices.ContainsFunc(u.Stream, func(e retry.Event) bool {
			trouble, is := e.(retry.Trouble)
			return is && strings.Contains(trouble.Message, deadletter.ErrBodyAway.Error()) && trouble.Hint == "start the queue"
		})
		if !told {
			t.Errorf("nobody was told: %+v", u.Stream)
		}
		r.stop(t)
	})
}

func TestParkedLettersOfEarlierLivesAreShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result {
			return delivery.Result{Outcome: delivery.Unauthorized, Status: 401, Error: "401 Unauthorized"}
		})
		for n := range 25 {
			q.Send(letter(n))
		}
		first := start(t, q, ep)
		pass(time.Minute)
		first.stop(t)

		second := start(t, q, ep)
		feed := subscribe(t, second)
		pass(time.Minute)
		parked := 0
		u := next(t, feed)
		for _, entry := range u.Letters {
			if days := time.Until(entry.ExpiresAt).Hours() / 24; days < 9.9 || days > 10 || u.Status.FirstExpiry.After(entry.ExpiresAt) {
				t.Errorf("a parked letter expires at %v, the first of all at %v", entry.ExpiresAt, u.Status.FirstExpiry)
			}
			if entry.Phase == retry.InParked && entry.Letter.Parked.Reason == deadletter.Unauthorized {
				parked++
			}
		}
		if parked != 25 {
			t.Errorf("%d parked letters are shown, want 25", parked)
		}
		for _, m := range q.parked {
			if m.visibleAt.After(time.Now()) {
				t.Error("looking at the parked letters keeps one from others")
			}
		}
		second.stop(t)
	})
}

func TestCaptureIsToldBeforeTheLetterIsReceived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		r := start(t, q, ep)
		feed, err := r.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		next(t, feed)
		err = r.Capture(t.Context(), letter(1), func(_ context.Context, l *deadletter.Letter) error {
			q.Send(l)
			pass(time.Second) // the engine has it long before the sender knows
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		failure := r.Capture(t.Context(), letter(2), func(context.Context, *deadletter.Letter) error { return errFault })
		if !errors.Is(failure, errFault) {
			t.Errorf("a capture that failed: %v", failure)
		}
		pass(time.Second)
		u := next(t, feed)
		var kinds []string
		for _, ev := range u.Stream {
			if _, ok := ev.(retry.DepthRead); !ok {
				kinds = append(kinds, fmt.Sprintf("%T", ev))
			}
		}
		if len(kinds) != 4 || kinds[0] != "retry.Captured" || kinds[1] != "retry.Received" || u.Status.Counters.Captured != 1 {
			t.Errorf("told %v, %d captured", kinds, u.Status.Counters.Captured)
		}
		r.stop(t)
	})
}

func TestParkedLettersThatSomebodyElseTookLeaveTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unauthorized() })
		for n := range 3 {
			q.Send(letter(n))
		}
		r := start(t, q, ep)
		feed := subscribe(t, r)
		pass(time.Minute)
		shown := parkedIn(next(t, feed), map[string]bool{})
		q.mu.Lock()
		clear(q.parked)
		q.mu.Unlock()
		pass(2 * time.Minute)
		shown = parkedIn(next(t, feed), shown)
		if len(shown) != 0 {
			t.Errorf("%v are shown as parked, and are not", shown)
		}
		r.stop(t)
	})
}

// parkedIn brings the set of letters that are shown as parked up to date.
func parkedIn(u retry.Update, shown map[string]bool) map[string]bool {
	for _, entry := range u.Letters {
		if delete(shown, entry.Letter.ID); entry.Phase == retry.InParked {
			shown[entry.Letter.ID] = true
		}
	}
	for _, id := range u.Gone {
		delete(shown, id)
	}
	return shown
}

func TestStatusTellsWhatTheQueueCosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cost := deadletter.Requests{Sent: 7, ADay: 14_000}
		r := start(t, newMemQueue(1), newEndpoints(nil), func(c *retry.Config) { c.Requests = func() deadletter.Requests { return cost } })
		defer r.stop(t)
		feed, err := r.Subscribe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if u, err := feed.Next(t.Context()); err != nil || u.Status.Requests != cost {
			t.Errorf("the status says %+v, %v", u.Status.Requests, err)
		}
	})
}
