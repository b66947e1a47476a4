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

// alerted gives the alerts that a full stream has not told yet.
func alerted(t *testing.T, feed retry.Feed) []retry.Alert {
	t.Helper()
	var all []retry.Alert
	for _, ev := range next(t, feed).Stream {
		if a, ok := ev.(retry.Alert); ok {
			if a.Message == "" || a.Hint == "" || a.When().IsZero() || !slices.Contains(retry.AlertKinds(), a.Kind) {
				t.Errorf("an alert that says little: %+v", a)
			}
			all = append(all, a)
		}
	}
	return all
}

// assertAlerts compares kinds and endpoints.
func assertAlerts(t *testing.T, when string, got []retry.Alert, want ...string) {
	t.Helper()
	var told []string
	for _, a := range got {
		told = append(told, fmt.Sprint(a.Kind, " ", a.Endpoint))
	}
	if !slices.Equal(told, want) {
		t.Errorf("%s: %q were told, want %q", when, told, want)
	}
}

func TestUnauthorizedEndpointIsToldOnceUntilItWorked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unauthorized() })
		r := start(t, q, ep)
		feed, n := follow(t, r), 0
		send := func(letters int) {
			for range letters {
				n++
				q.Send(letter(n))
			}
			pass(2 * time.Minute)
		}
		send(50)
		got := alerted(t, feed)
		assertAlerts(t, "at first", got, "unauthorized https://crm.example.com")
		if len(got) == 1 && (!strings.HasPrefix(got[0].ID, "letter-") || !strings.Contains(got[0].Message, "401")) {
			t.Errorf("it says %+v", got[0])
		}
		send(50)
		assertAlerts(t, "as long as that lasts", alerted(t, feed))
		ep.setAnswer(takesAll)
		send(1)
		ep.setAnswer(func(delivery.Request, int) delivery.Result { return unauthorized() })
		send(50)
		assertAlerts(t, "after it had worked", alerted(t, feed), "unauthorized https://crm.example.com")
		r.stop(t)
	})
}

func TestOutageIsToldOnceUntilItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unavailable() })
		for n := range 20 {
			q.Send(letter(n))
		}
		r := start(t, q, ep, func(c *retry.Config) { c.MaxRetries = 1000 })
		feed := follow(t, r)
		pass(time.Hour)
		got := alerted(t, feed)
		assertAlerts(t, "of an hour", got, "breaker_open https://crm.example.com")
		if len(got) == 1 && !strings.Contains(got[0].Message, "503 Service Unavailable") {
			t.Errorf("it says %+v", got[0])
		}
		ep.setAnswer(takesAll)
		pass(time.Hour)
		for n := range 20 {
			q.Send(letter(100 + n))
		}
		ep.setAnswer(func(delivery.Request, int) delivery.Result { return unavailable() })
		pass(10 * time.Minute)
		assertAlerts(t, "of the next one", alerted(t, feed), "breaker_open https://crm.example.com")
		r.stop(t)
	})
}

func TestEndpointThatFlapsIsToldOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(nil)
		began := time.Now()
		ep.setAnswer(func(delivery.Request, int) delivery.Result { // down for ten seconds, and back for as long
			if time.Since(began)%(20*time.Second) < 10*time.Second {
				return unavailable()
			}
			return ok()
		})
		r := start(t, q, ep, func(c *retry.Config) { c.MaxRetries = 1000 })
		feed := follow(t, r)
		for n := range 600 {
			q.Send(letter(n))
			pass(500 * time.Millisecond)
		}
		if got := alerted(t, feed); len(got) < 2 || len(got) > 5 {
			t.Errorf("%d alerts in five minutes: %+v", len(got), got)
		}
		r.stop(t)
	})
}

func TestManyAlertsComeSlowlyAndNoneIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const endpoints = 50
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return unauthorized() })
		r := start(t, q, ep)
		feed := follow(t, r)
		told := map[string]int{}
		for round := range 4 {
			for n := range endpoints {
				l := letter(round*endpoints + n)
				l.OriginalEndpoint = fmt.Sprintf("https://e%d.example.com/", n)
				q.Send(l)
			}
			pass(2 * time.Minute)
			got := alerted(t, feed)
			if len(got) > 20 {
				t.Errorf("%d alerts at once", len(got))
			}
			for _, a := range got {
				told[a.Endpoint]++
			}
		}
		for endpoint, n := range told {
			if n != 1 {
				t.Errorf("%s was told %d times", endpoint, n)
			}
		}
		if len(told) != endpoints {
			t.Errorf("%d of %d endpoints were told", len(told), endpoints)
		}
		r.stop(t)
	})
}

// stuck is a queue that takes no letter back.
type stuck struct{ *memQueue }

func (stuck) Replace(context.Context, deadletter.Lease, *deadletter.Letter) error { return errStuck }

func (stuck) Park(context.Context, deadletter.Lease, *deadletter.Letter) error { return errStuck }

var errStuck = errors.New("the queue is full")

func TestLetterThatIsAboutToExpireIsToldOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newMemQueue(1)
		age := func(in map[string]*message, l *deadletter.Letter, left, of time.Duration) {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.put(in, l)
			in[fmt.Sprintf("m%d", q.serial)].sentAt = time.Now().Add(left - of)
		}
		age(q.waiting, letter(1), 13*24*time.Hour, q.Retention())
		age(q.waiting, letter(2), 11*time.Hour, q.Retention())
		parked := letter(3)
		parked.OriginalEndpoint, parked.Parked = "https://erp.example.com/in", &deadletter.Parked{At: time.Now(), Reason: deadletter.Exhausted}
		age(q.parked, parked, 7*time.Hour, q.ParkedRetention())
		ep := newEndpoints(takesAll)
		r := start(t, q, ep, func(c *retry.Config) {
			c.Queue, c.PausedBy = stuck{q}, "ann"
		})
		feed := follow(t, r)
		pass(20 * time.Minute)
		assertAlerts(t, "with eleven hours left, and seven", alerted(t, feed), "expiring https://erp.example.com/in")
		pass(20 * time.Minute)
		got := alerted(t, feed)
		assertAlerts(t, "with ten and a third", got, "expiring https://crm.example.com/hook")
		if len(got) == 1 && (got[0].ID != "letter-2" || !strings.Contains(got[0].Message, `"gen-webhook-dlq" expires in 10h2`)) {
			t.Errorf("it says %+v", got[0])
		}
		pass(9 * time.Hour)
		assertAlerts(t, "later that day", alerted(t, feed))
		pass(15 * time.Hour)
		age(q.waiting, letter(4), 5*time.Hour, q.Retention())
		pass(10 * time.Minute)
		assertAlerts(t, "the day after", alerted(t, feed), "expiring https://crm.example.com/hook")
		r.stop(t)
	})
}
