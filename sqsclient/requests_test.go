package sqsclient_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEveryRequestIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		before := c.Requests().Sent
		if before == 0 {
			t.Error("opening the queues cost nothing")
		}
		w.meet("SendMessageBatch", resetBefore) // the SDK repeats it
		if err := c.Send(t.Context(), letter("a")); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Depth(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.mu.Lock()
		met := len(w.sizes)
		w.mu.Unlock()
		if got := c.Requests().Sent - before; got < 5 || got != int64(met) {
			t.Errorf("%d requests are counted, the server met %d", got, met)
		}
	})
}

func TestALargeRequestCountsForEach64KiB(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		large := letter("a")
		large.Payload = []byte(`"` + strings.Repeat("x", 150<<10) + `"`)
		before := c.Requests().Sent
		if err := c.Send(t.Context(), large); err != nil {
			t.Fatal(err)
		}
		if got := c.Requests().Sent - before; got != 3 {
			t.Errorf("sending 150 KiB counts as %d requests, want 3", got)
		}
		if _, err := c.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := c.Requests().Sent - before; got != 6 {
			t.Errorf("sending and receiving 150 KiB count as %d requests, want 6", got)
		}
	})
}

func TestRequestsADayAreThoseOfTheLastTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		time.Sleep(50 * time.Second)
		if got := c.Requests(); got.ADay != 0 {
			t.Errorf("a pace is told before a minute has passed: %+v", got)
		}
		for range 300 {
			if _, err := c.Depth(t.Context()); err != nil { // it asks each queue
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
		}
		if got := c.Requests().ADay; got < 86_400*0.97 || got > 86_400*1.03 {
			t.Errorf("a request a second is %.0f a day", got)
		}
		time.Sleep(5 * time.Minute)
		if got := c.Requests().ADay; got < 86_400*0.45 || got > 86_400*0.6 {
			t.Errorf("a request a second, and then none for as long, is %.0f a day", got)
		}
		time.Sleep(10 * time.Minute)
		if got := c.Requests().ADay; got != 0 {
			t.Errorf("after ten minutes without a request it is %.0f a day", got)
		}
	})
}
