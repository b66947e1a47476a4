package retry_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// look gives a snapshot of an engine.
func look(t *testing.T, r *run) retry.Update {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	feed, err := r.Subscribe(ctx)
	if err != nil {
		t.Fatal(err)
	}
	u, err := feed.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// assertRecount holds the figures of a snapshot to its letters. It gives the number of those that are parked but not
// told, because a letter of the same id waits.
func assertRecount(t *testing.T, u retry.Update) (hidden int) {
	t.Helper()
	var waiting, inFlight int64
	var first time.Time
	counts, listed := map[string][2]int{}, map[string][2]int{}
	for _, e := range u.Letters {
		if !e.ExpiresAt.IsZero() && (first.IsZero() || e.ExpiresAt.Before(first)) {
			first = e.ExpiresAt
		}
		c := counts[e.Cause]
		switch e.Phase {
		case retry.Waiting:
			waiting++
			c[0]++
		case retry.InFlight, retry.Settling:
			inFlight++
			c[0]++
		case retry.InParked:
			c[1]++
			hidden--
		case retry.Done:
			if e.Cause != "" {
				t.Errorf("delivered %s has the cause %s", e.Letter.ID, e.Cause)
			}
			continue
		}
		counts[e.Cause] = c
	}
	for _, c := range u.Status.Causes {
		listed[c.Key] = [2]int{c.Waiting, c.Parked}
		hidden += c.Parked // of which a copy waits
	}
	if c := u.Status.Counters; c.Waiting != waiting || c.InFlight != inFlight {
		t.Errorf("%d wait and %d are in flight, the figures say %d and %d", waiting, inFlight, c.Waiting, c.InFlight)
	}
	if got := u.Status.FirstExpiry; !got.Equal(first) && (hidden == 0 || got.After(first)) {
		t.Errorf("the first expires at %v, the figures say %v", first, got)
	}
	for key, c := range listed {
		if c[0] != counts[key][0] || c[1] != counts[key][1] && hidden == 0 || c[0]+c[1] == 0 {
			t.Errorf("cause %s has %v letters waiting and parked, the figures say %v", key, counts[key], c)
		}
		delete(counts, key)
	}
	for key, c := range counts {
		t.Errorf("cause %q of %v letters is not told", key, c)
	}
	if !slices.IsSortedFunc(u.Status.Causes, func(a, b retry.Cause) int { return b.Count() - a.Count() }) {
		t.Errorf("causes are not in order: %+v", u.Status.Causes)
	}
	return hidden
}

func TestFiguresEqualARecountWhateverHappens(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTrial(seed)
				for range 40 {
					tr.q.Send(tr.letter())
				}
				for range 2 {
					r := tr.start(t)
					for range 30 {
						pass(time.Duration(tr.random.IntN(3000)) * time.Millisecond)
						tr.act(t, r)
						assertRecount(t, look(t, r))
					}
					pass(time.Minute)
					if hidden := assertRecount(t, look(t, r)); hidden != 0 && tr.clean && !tr.twins {
						t.Errorf("at rest, %d letters are parked and wait too", hidden)
					}
					r.stop(t)
					tr.asking.Wait()
				}
			})
		})
	}
}

func TestManyFailuresReadAsFewProblems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(nil)
		healed := false
		ep.answer = func(r delivery.Request, n int) delivery.Result {
			switch {
			case strings.Contains(r.URL, "404"):
				return delivery.Result{Outcome: delivery.Rejected, Status: 404, Error: "404 Not Found", Excerpt: `{"code":"no.such.order","order":"` + r.ID + `"}`}
			case healed:
				return ok()
			case strings.Contains(r.URL, "erp"):
				return delivery.Result{Outcome: delivery.Retry, Error: "timeout after 10s waiting for the answer"}
			}
			return delivery.Result{Outcome: delivery.Retry, Status: 503, Error: "503 Service Unavailable", Excerpt: fmt.Sprintf("<title>503 overloaded</title>request %s-%d", r.ID, n)}
		}
		urls := []string{"https://CRM.example.com:443/hook", "https://crm.example.com/other", "https://erp.example.com/in", "https://ops.example.com/404"}
		for n := range 200 { // as the listener captures them
			l := letter(n)
			l.OriginalEndpoint = urls[n%len(urls)]
			failed := ep.answer(delivery.Request{ID: l.ID, URL: l.OriginalEndpoint}, 0)
			failed.At = time.Now().Add(-time.Second)
			l.ErrorCode, l.Error, l.Attempts = failed.Status, failed.Error, []deadletter.Attempt{failed.Attempt()}
			q.Send(l)
		}
		config := func(c *retry.Config) { c.MaxRetries, c.BackoffBase, c.BackoffCap = 100, time.Second, 5*time.Second }
		r := start(t, q, ep, config)
		pass(5 * time.Minute)
		u := look(t, r)
		assertRecount(t, u)
		if len(u.Status.Causes) != 3 {
			t.Fatalf("%d causes: %+v", len(u.Status.Causes), u.Status.Causes)
		}
		for i, want := range []retry.Cause{
			{Endpoint: "https://crm.example.com", Reason: "503", Shape: "503 overloaded", Waiting: 100},
			{Endpoint: "https://erp.example.com", Reason: "timeout", Shape: "timeout after # waiting for the answer", Waiting: 50},
			{Endpoint: "https://ops.example.com", Reason: "404", Shape: "code=no.such.order", Parked: 50},
		} {
			got := u.Status.Causes[i]
			failed := 0
			for _, n := range got.Trend {
				failed += n
			}
			if got.Endpoint != want.Endpoint || got.Reason != want.Reason || got.Shape != want.Shape || got.Waiting != want.Waiting || got.Parked != want.Parked {
				t.Errorf("cause %d is %+v, want %+v", i, got, want)
			}
			if want.Waiting == 0 && got.Trend[retry.TrendMinutes-1] != 0 || failed == 0 || got.First.After(got.Last) || got.Last.After(time.Now()) {
				t.Errorf("cause %d has the trend %v, from %v to %v", i, got.Trend, got.First, got.Last)
			}
		}
		ep.mu.Lock()
		attempts := 50 // that the listener made
		for id, at := range ep.attempts {
			var n int
			if _, err := fmt.Sscanf(id, "letter-%d", &n); err == nil && n%len(urls) == 2 {
				attempts += len(at)
			}
		}
		ep.mu.Unlock()
		failed := 0
		for _, n := range u.Status.Causes[1].Trend {
			failed += n
		}
		if failed != attempts {
			t.Errorf("the trend tells of %d failures, there were %d", failed, attempts)
		}
		keys, first := u.Status.Causes[0].Key, u.Status.Causes[0].First
		r.stop(t)

		r = start(t, q, ep, config)
		pass(time.Minute)
		again := look(t, r).Status.Causes
		if again[0].Key != keys || again[0].First.After(time.Now().Add(-time.Minute)) || again[0].First.Before(first.Add(-time.Second)) {
			t.Errorf("after a restart the first cause is %+v, was %s since %v", again[0], keys, first)
		}
		ep.mu.Lock()
		healed = true
		ep.mu.Unlock()
		pass(30 * time.Minute)
		if left := look(t, r).Status.Causes; len(left) != 1 || left[0].Reason != "404" || left[0].Trend != [retry.TrendMinutes]int{} {
			t.Errorf("what is left: %+v", left)
		}
		r.stop(t)
	})
}

func TestCausesAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint func(n int) string
		most     int
		one      func(c retry.Cause) bool // that there must be
	}{
		"of an endpoint that answers at random": {
			func(int) string { return "https://crm.example.com/" }, 21,
			func(c retry.Cause) bool { return c.Shape == "various answers" && c.Waiting == 1180 },
		},
		"of very many endpoints": {
			func(n int) string { return fmt.Sprintf("https://e%d.example.com/", n) }, 1001,
			func(c retry.Cause) bool { return c.Key == "other" && c.Waiting == 200 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, ep := newMemQueue(1), newEndpoints(nil)
				for n := range 1200 {
					l := letter(n)
					l.OriginalEndpoint = c.endpoint(n)
					l.Attempts = []deadletter.Attempt{{At: time.Now(), Status: 503, Response: strings.Repeat("x", n%40+1) + strings.Repeat("y", n/40)}}
					q.Send(l)
				}
				r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "ann" })
				pass(time.Minute)
				u := look(t, r)
				assertRecount(t, u)
				if len(u.Status.Causes) != c.most || !slices.ContainsFunc(u.Status.Causes, c.one) {
					t.Errorf("%d causes, the largest %+v", len(u.Status.Causes), u.Status.Causes[0])
				}
				r.stop(t)
			})
		})
	}
}

func TestCausesOfHostileLettersAreSafe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const evil = "\x1b[2J\u009b31m\u202e\u200b"
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		for n, change := range []func(l *deadletter.Letter){
			func(l *deadletter.Letter) { l.OriginalEndpoint, l.Error = "", evil },
			func(l *deadletter.Letter) { l.OriginalEndpoint = "gopher://" + evil },
			func(l *deadletter.Letter) { l.ErrorCode, l.Error = 0, evil },
			func(l *deadletter.Letter) { l.ErrorCode, l.Error = -1<<40, evil+"503" },
			func(l *deadletter.Letter) { l.Parked = &deadletter.Parked{Reason: "other" + evil}; l.ErrorCode = 0 },
			func(l *deadletter.Letter) { l.Timestamp = time.Now().AddDate(5000, 0, 0) },
			func(l *deadletter.Letter) {
				l.Attempts = []deadletter.Attempt{{Status: 503, Response: evil}, {At: time.Now().AddDate(-1500, 0, 0), Status: 503, Response: "{" + evil}}
			},
		} {
			l := letter(n)
			change(l)
			q.Send(l)
			q.mu.Lock()
			q.put(q.parked, l)
			q.mu.Unlock()
		}
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "ann" })
		feed := subscribe(t, r)
		next(t, feed)
		pass(time.Minute)
		u := look(t, r)
		assertRecount(t, u)
		if len(u.Status.Causes) < 5 {
			t.Errorf("%d causes", len(u.Status.Causes))
		}
		for _, c := range u.Status.Causes {
			if strings.ContainsFunc(c.Reason+c.Shape, func(r rune) bool { return !unicode.IsPrint(r) }) || c.Last.After(time.Now()) {
				t.Errorf("told as it is: %+v", c)
			}
		}
		r.stop(t)
	})
}

func TestTrendMovesOnThoughNothingChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		q.Send(letter(1))
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "ann" })
		pass(time.Second)
		for _, want := range [][retry.TrendMinutes]int{{9: 1}, {6: 1}, {3: 1}, {0: 1}, {}} {
			if got := look(t, r).Status.Causes; len(got) != 1 || got[0].Trend != want {
				t.Errorf("%v, want the trend %v", got, want)
			}
			pass(3 * time.Minute)
		}
		r.stop(t)
	})
}
