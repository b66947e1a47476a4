package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// interrupted is a queue that does something else between the first look through the parked letters and the second.
type interrupted struct {
	retry.Queue
	looks  int
	second func()
}

func (i *interrupted) ReceiveParked(ctx context.Context) ([]deadletter.Lease, error) {
	if i.looks++; i.looks == 2 {
		time.Sleep(time.Second) // the letter has come back by now
		i.second()
	}
	return i.Queue.ReceiveParked(ctx)
}

// A release that still looks for another letter must not undo what an operator does meanwhile.
func TestWhatIsParkedAgainDuringAReleaseStaysParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		l := letter(1)
		q.Send(l)
		seen := &interrupted{}
		r := start(t, q, ep, func(c *retry.Config) {
			c.PausedBy = "test"
			seen.Queue = c.Queue
			c.Queue = seen
		})
		pass(time.Second)
		park := func() {
			t.Helper()
			results, err := r.Do(t.Context(), retry.Park{IDs: []string{l.ID}, By: "ann"})
			if err != nil || len(results) != 1 || results[0].Did != retry.DidPark {
				t.Fatalf("parked: %+v, %v", results, err)
			}
		}
		park()
		seen.second = park // it has released the one, and looks for the other
		results, err := r.Do(t.Context(), retry.Release{IDs: []string{l.ID, "nobody"}, By: "bob"})
		if err != nil || len(results) != 2 || results[0].Did != retry.DidRelease || results[1].Did != retry.DidSkip || seen.looks < 2 {
			t.Errorf("released: %+v, %v", results, err)
		}
		pass(time.Second)
		if len(q.parked) != 1 || len(q.waiting) != 0 {
			t.Errorf("%d are parked, %d wait", len(q.parked), len(q.waiting))
		}
		r.stop(t)
	})
}
