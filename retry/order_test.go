package retry_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// Writers' clocks are what they are: some letters say that they failed before 1970, or in thousands of years.
func TestLettersOfAnEndpointGoInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		var letters []*deadletter.Letter
		dated := func(years, minutes, attempts int) *deadletter.Letter {
			l := letter(len(letters))
			l.Timestamp = time.Now().AddDate(years, 0, 0).Add(time.Duration(minutes) * time.Minute).UTC().Round(0)
			l.RetryCount = attempts
			letters = append(letters, l)
			return l
		}
		for minutes := range 20 {
			for _, years := range []int{-1500, -40, -1, 200, 6000} {
				dated(years, minutes, minutes%2)
			}
			dated(-2, minutes, 1).NextAttemptAt = time.Now().Add(-time.Hour).UTC().Round(0) // all at once, so the oldest first
		}
		var order []string
		ep := newEndpoints(func(r delivery.Request, _ int) delivery.Result {
			order = append(order, r.ID)
			return ok()
		})
		ep.setLatency(time.Second)
		for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(letters)) {
			q.Send(letters[i])
		}
		r := start(t, q, ep, func(c *retry.Config) { c.PerEndpoint, c.PausedBy = 1, "ann" })
		pass(5 * time.Second)
		if _, err := r.Do(t.Context(), retry.Resume{By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		slices.SortStableFunc(letters, func(a, b *deadletter.Letter) int {
			due := func(l *deadletter.Letter) time.Time {
				if l.NextAttemptAt.IsZero() {
					return l.Timestamp
				}
				return l.NextAttemptAt
			}
			return cmp.Or(cmp.Compare(b.RetryCount, a.RetryCount), due(a).Compare(due(b)), a.Timestamp.Compare(b.Timestamp))
		})
		for i, l := range letters {
			if i >= len(order) || order[i] != l.ID {
				t.Fatalf("attempt %d of %d was of another letter than %s, of %s, attempted %d times before", i, len(order), l.ID, l.Timestamp, l.RetryCount)
			}
		}
		r.stop(t)
	})
}

func TestTheLatestWishOfAnOperatorGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		var order []string
		ep := newEndpoints(func(r delivery.Request, _ int) delivery.Result {
			order = append(order, r.ID)
			return ok()
		})
		ep.setLatency(time.Second)
		for n := range 10 {
			q.Send(letter(n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.PerEndpoint = 1 })
		pass(1500 * time.Millisecond)
		synctest.Wait()
		var wished []string // which were attempted by then is chance
		for n := 0; len(wished) < 3; n++ {
			if id := letter(n).ID; len(ep.times(id)) == 0 {
				wished = append(wished, id)
			}
		}
		for _, id := range []string{wished[0], wished[2], wished[1]} {
			go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: []string{id}, By: "ann"}) }()
			pass(time.Millisecond)
		}
		pass(time.Minute)
		if got, want := order[2:5], []string{wished[1], wished[2], wished[0]}; !slices.Equal(got, want) {
			t.Errorf("attempted were %v, then %v; want %v", order[:2], got, want)
		}
		r.stop(t)
	})
}
