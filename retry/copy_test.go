package retry_test

import (
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// SQS delivers at least once: what is leased here can be lent to another engine too, which then puts it into the queue
// again, as a letter that nears the end of the retention or as one that was parked and released.
func TestMessageThatIsThereStandsForOneThatIsOnlyThoughtToBe(t *testing.T) {
	for name, again := range map[string]func(*deadletter.Letter){
		"replaced by itself": func(*deadletter.Letter) {},
		"released":           func(l *deadletter.Letter) { l.RetryCount, l.NextAttemptAt = 0, time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(takesAll)
				l := letter(1)
				l.AddAttempt(deadletter.Attempt{At: time.Now().UTC().Round(0), Status: 503, Error: "503"})
				l.NextAttemptAt = time.Now().Add(time.Hour).UTC().Round(0)
				q.Send(l)
				r := start(t, q, ep)
				pass(10 * time.Minute)
				other := l.Clone()
				again(other)
				q.mu.Lock()
				clear(q.waiting)
				q.put(q.waiting, other)
				q.mu.Unlock()
				pass(time.Minute)
				if q.letters(q.waiting)[l.ID] == nil && !ep.acceptedOnce(l.ID) {
					t.Error("the only message of a letter was deleted as a copy")
				}
				r.stop(t)
				r = start(t, q, ep)
				pass(2 * time.Hour)
				if !ep.acceptedOnce(l.ID) {
					t.Errorf("accepted %v", ep.accepted)
				}
				r.stop(t)
			})
		})
	}
}

// A copy with the same count, and one that is older: one delivery, and nothing is left.
func TestCopiesOfAWaitingLetterAreDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		old := letter(1)
		q.Send(old)
		pass(time.Second)
		l := old.Clone()
		l.AddAttempt(deadletter.Attempt{At: time.Now().UTC().Round(0), Status: 503, Error: "503"})
		l.NextAttemptAt = time.Now().Add(time.Hour).UTC().Round(0)
		q.Send(l)
		q.Send(l)
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "ann" })
		pass(time.Minute)
		if n := len(q.waiting); n != 1 {
			t.Errorf("%d messages of one letter are left", n)
		}
		if _, err := r.Do(t.Context(), retry.Resume{By: "ann"}); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Hour)
		if !ep.acceptedOnce(l.ID) || len(ep.times(l.ID)) != 1 || len(q.waiting) != 0 {
			t.Errorf("accepted %v, %d are left", ep.accepted, len(q.waiting))
		}
		r.stop(t)
	})
}
