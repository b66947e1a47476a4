package sqsclient_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"
)

// tally gives the requests since the last forget, by operation.
func (f *front) tally() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}

// TestRequestsALetterCosts holds the engine to its economy at full batches: 0.2 requests for a delivered letter, 0.4 more
// for an attempt that failed, and a tenth for the ends that are not full. SQS is paid by the request.
func TestRequestsALetterCosts(t *testing.T) {
	const letters, slack = 1000, 1.1
	for name, c := range map[string]struct {
		to    string // early: fails once
		hosts int
		most  float64 // requests a letter
		rare  int     // extensions of leases at most
	}{
		"taken at once, one endpoint":     {"late", 1, 0.2, 0},
		"taken at once, ten endpoints":    {"late", 10, 0.2, 0},
		"failed once, one endpoint":       {"early", 1, 0.6, 10},
		"failed once, ten endpoints":      {"early", 10, 0.6, 10},
		"failed once, a hundred of them":  {"early", 100, 0.6, 10},
		"taken at once, a hundred others": {"late", 100, 0.2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				for i := range letters {
					l := letter(fmt.Sprint(c.to, "-", i))
					l.OriginalEndpoint = fmt.Sprintf("https://e%d.example.com/", i%c.hosts)
					w.put(t, waitingName, string(l.Encode()), nil)
				}
				e := w.engine(t)
				w.forget()
				for began := time.Now(); e.taken(c.to) < letters && time.Since(began) < 10*time.Minute; {
					time.Sleep(10 * time.Millisecond)
				}
				time.Sleep(time.Second) // what is left is deleted
				counts := w.tally()
				if n := w.all(); float64(n) > c.most*slack*letters {
					t.Errorf("%d requests for %d letters: %v", n, letters, counts)
				}
				if n := counts["ChangeMessageVisibilityBatch"]; n > c.rare || counts["GetQueueAttributes"]+counts["GetQueueUrl"] > 0 {
					t.Errorf("requests that no letter needs: %v", counts)
				}
				e.stop()
				if d := depth(t, w.open(t)); d.Total() != 0 || e.taken(c.to) != letters {
					t.Errorf("%d were delivered, and %+v is left", e.taken(c.to), d)
				}
			})
		})
	}
}

func TestEmptyQueueCostsThreeReceivesAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		w.engine(t)
		time.Sleep(3 * time.Minute) // which include a look at the parked queue
		w.forget()
		time.Sleep(time.Hour - time.Second)
		if got := w.tally(); got["ReceiveMessage"] > 180 || len(got) > 1 {
			t.Errorf("an hour of an empty queue cost %v", got)
		}
	})
}

func TestBackoffCostsOneChangeOfVisibility(t *testing.T) {
	const letters = 100
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		for i := range letters {
			l := letter(fmt.Sprint("late-", i))
			l.NextAttemptAt = time.Now().Add(14*time.Minute + time.Duration(i)*time.Millisecond)
			w.put(t, waitingName, string(l.Encode()), nil)
		}
		e := w.engine(t)
		time.Sleep(13 * time.Minute)
		if n := w.requests("ChangeMessageVisibilityBatch"); n != letters/10 || e.taken("late") != 0 {
			t.Errorf("%d changes of visibility for %d letters, of which %d were attempted early", n, letters, e.taken("late"))
		}
		time.Sleep(2 * time.Minute)
		counts := w.tally()
		if e.taken("late") != letters || counts["ChangeMessageVisibilityBatch"] != letters/10 || counts["DeleteMessageBatch"] > letters/10+1 {
			t.Errorf("%d were delivered with %v", e.taken("late"), counts)
		}
		if n := counts["ReceiveMessage"]; n > letters/10+8+15*3 { // ten that are full, those that then find nothing, and an empty queue
			t.Errorf("%d receives", n)
		}
	})
}

func TestDepthIsReadOnlyWhileSomebodyWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		e := w.engine(t)
		reads := func() int {
			w.forget()
			time.Sleep(10 * time.Minute)
			return w.requests("GetQueueAttributes")
		}
		time.Sleep(3 * time.Minute) // which include a look at the parked queue
		if n := reads(); n != 0 {
			t.Errorf("%d reads though nobody watches", n)
		}
		ctx, leave := context.WithCancel(t.Context())
		feed, err := e.running.Subscribe(ctx)
		if err != nil {
			t.Fatal(err)
		}
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			for {
				if _, err := feed.Next(ctx); err != nil {
					return
				}
			}
		}()
		if n := reads(); n < 200 || n > 2*(10*60/5+1) { // of two queues, every five seconds
			t.Errorf("%d reads in ten minutes that somebody watches", n)
		}
		leave()
		<-watched
		time.Sleep(time.Second)
		if n := reads(); n != 0 {
			t.Errorf("%d reads though nobody watches any more", n)
		}
	})
}
