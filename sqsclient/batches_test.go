package sqsclient_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

func TestHundredAtOnceAreTenRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letters(100)...)
		leases := receive(t, c, 100)
		if err := errors.Join(atOnce(100, func(i int) error { return c.Extend(t.Context(), time.Minute, leases[i])[0] })...); err != nil {
			t.Error(err)
		}
		if err := errors.Join(atOnce(100, func(i int) error { return c.Delete(t.Context(), leases[i]) })...); err != nil {
			t.Error(err)
		}
		for _, op := range []string{"SendMessageBatch", "ReceiveMessage", "ChangeMessageVisibilityBatch", "DeleteMessageBatch"} {
			if n := w.requests(op); n != 10 {
				t.Errorf("%s: %d requests", op, n)
			}
		}
	})
}

func TestBatchesStayFullWhileRequestsAreSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.keepMeeting("SendMessageBatch", slow(time.Second))
		// Five come within the linger, and many more while a request is under way.
		errs := atOnce(1000, func(i int) error {
			time.Sleep(time.Duration(2*i) * time.Millisecond)
			return c.Send(t.Context(), letter("a"))
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if n := w.requests("SendMessageBatch"); n > 110 {
			t.Errorf("1000 letters took %d requests", n)
		}
	})
}

func TestLoneEntryGoesAfterTheLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		for range 2 {
			began := time.Now()
			send(t, c, letter("a"))
			if took := time.Since(began); took != 10*time.Millisecond {
				t.Errorf("it took %v", took)
			}
		}
	})
}

// inTurn sends n letters, one every so often, and gives how long the slowest took.
func inTurn(t *testing.T, c *sqsclient.Client, n int, every time.Duration) time.Duration {
	t.Helper()
	took := make([]time.Duration, n)
	errs := atOnce(n, func(i int) error {
		time.Sleep(time.Duration(i) * every)
		began := time.Now()
		err := c.Send(t.Context(), letter("a"))
		took[i] = time.Since(began)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return slices.Max(took)
}

func TestStreamOfEntriesFillsItsBatches(t *testing.T) {
	for every, most := range map[time.Duration]int{
		200 * time.Microsecond: 101,
		time.Millisecond:       101,
		5 * time.Millisecond:   101,
		9 * time.Millisecond:   170, // six come in the 50 ms that one waits at most
		11 * time.Millisecond:  1000,
	} {
		t.Run(every.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				c := w.open(t)
				longest := inTurn(t, c, 1000, every)
				if n := w.requests("SendMessageBatch"); n > most || longest > 50*time.Millisecond {
					t.Errorf("1000 letters took %d requests, and one letter %v", n, longest)
				}
			})
		})
	}
}

func TestUnevenStreamIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		errs := atOnce(100, func(i int) error {
			time.Sleep(time.Duration(20*(i/2)+6*(i%2)) * time.Millisecond) // 6 ms and 14 ms apart
			return c.Send(t.Context(), letter("a"))
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if n := w.requests("SendMessageBatch"); n > 20 {
			t.Errorf("100 letters took %d requests", n)
		}
	})
}

func TestEntriesGatherWhileARequestIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.keepMeeting("SendMessageBatch", slow(38*time.Millisecond))
		// Each would go by itself, were it not for the request before it.
		longest := inTurn(t, c, 100, 12*time.Millisecond)
		if n := w.requests("SendMessageBatch"); n > 34 || longest > 88*time.Millisecond {
			t.Errorf("100 letters took %d requests, and one letter %v", n, longest)
		}
	})
}

func TestRequestThatHangsHoldsOthersUpForFiveLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.meet("SendMessageBatch", silent)
		go func() { _ = c.Send(t.Context(), letter("hangs")) }()
		time.Sleep(time.Second)
		began := time.Now()
		send(t, c, letter("a"))
		if took := time.Since(began); took != 50*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestDeletesGatherOverThePausesOfABreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letters(20)...)
		leases := receive(t, c, 20)
		began := time.Now()
		errs := atOnce(20, func(i int) error {
			time.Sleep(time.Duration(i/5) * 125 * time.Millisecond)
			return c.Delete(t.Context(), leases[i])
		})
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if n, took := w.requests("DeleteMessageBatch"), time.Since(began); n != 2 || took > 625*time.Millisecond {
			t.Errorf("%d requests in %v", n, took)
		}
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		began = time.Now()
		if err := c.Delete(t.Context(), l); err != nil || time.Since(began) != 150*time.Millisecond {
			t.Errorf("a lone one: %v after %v", err, time.Since(began))
		}
	})
}

func TestTenGoAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		began := time.Now()
		send(t, c, letters(10)...)
		if took := time.Since(began); took != 0 {
			t.Errorf("they took %v", took)
		}
	})
}

func TestBatchIsNeverOverTheSizeThatSQSTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		big := letters(10)
		for _, l := range big {
			l.Payload = []byte(`"` + strings.Repeat("x", 300<<10) + `"`)
		}
		send(t, c, big...)
		if n := w.requests("SendMessageBatch"); n != 4 {
			t.Errorf("10 letters of 300 KiB took %d requests, and three fit into one", n)
		}
		if d := depth(t, c); d.Visible != 10 {
			t.Errorf("the queue has %+v", d)
		}
	})
}

func TestCallerWhoLeavesTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		w.cfg.Linger = time.Minute
		c := w.open(t)
		leaving, leave := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { left <- c.Send(leaving, letter("left")) }()
		stayed := make(chan error, 1)
		go func() { stayed <- c.Send(t.Context(), letter("stayed")) }()
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left: %v", err)
		}
		if err := <-stayed; err != nil {
			t.Errorf("who stayed: %v", err)
		}
		if err := c.Send(leaving, letter("never")); !errors.Is(err, context.Canceled) {
			t.Errorf("who had left before: %v", err)
		}
		if d := depth(t, c); d.Visible != 2 {
			t.Errorf("the queue has %+v", d)
		}
	})
}

func TestEachCallerLearnsItsOwnOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.meet("SendMessageBatch", partly(3, "InternalError", false))
		assertOneFailed(t, "send", atOnce(10, func(i int) error { return c.Send(t.Context(), letters(10)[i]) }))
		leases := receive(t, c, 9)

		w.meet("ChangeMessageVisibilityBatch", partly(0, "InternalError", false))
		assertOneFailed(t, "extend", atOnce(9, func(i int) error { return c.Extend(t.Context(), time.Hour, leases[i])[0] }))

		w.meet("DeleteMessageBatch", partly(8, "InternalError", false))
		assertOneFailed(t, "delete", atOnce(9, func(i int) error { return c.Delete(t.Context(), leases[i]) }))
		if d := depth(t, c); d.InFlight != 1 {
			t.Errorf("left: %+v", d)
		}
	})
}

func assertOneFailed(t *testing.T, what string, errs []error) {
	t.Helper()
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
			if errors.Is(err, deadletter.ErrLeaseLost) || errors.Is(err, deadletter.ErrTooLarge) || !strings.Contains(err.Error(), "InternalError") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	if failed != 1 {
		t.Errorf("%s: %d of %d failed", what, failed, len(errs))
	}
}

// One that is lost, or of a queue that is not open here, costs the others nothing, and each learns its own outcome.
func TestManyLeasesAreExtendedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letters(25)...)
		leases := receive(t, c, 25)
		const lost, elsewhere = 7, 19
		leases[lost].Receipt = "garbage"
		leases[elsewhere].Queue = "http://elsewhere/q"
		before := w.requests("ChangeMessageVisibilityBatch")
		errs := c.Extend(t.Context(), time.Hour, leases...)
		if len(errs) != len(leases) {
			t.Fatalf("%d outcomes for %d leases", len(errs), len(leases))
		}
		for i, err := range errs {
			switch {
			case i == lost:
				assertLost(t, "garbage", err)
			case (err != nil) != (i == elsewhere):
				t.Errorf("lease %d: %v", i, err)
			}
		}
		if n := w.requests("ChangeMessageVisibilityBatch") - before; n != 3 {
			t.Errorf("%d requests for 24 leases", n)
		}
		time.Sleep(59 * time.Minute)
		if d := depth(t, c); d.InFlight != 23 || d.Visible != 2 {
			t.Errorf("an hour less a minute later: %+v", d)
		}
		if errs := c.Extend(t.Context(), 0); len(errs) != 0 {
			t.Errorf("no leases have the outcomes %v", errs)
		}
	})
}

// Those whose request was answered are not waited for in vain with those whose request was not.
func TestALeaseLearnsItsOutcomeBesideARequestThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letters(100)...)
		leases := receive(t, c, 100)
		w.meet("ChangeMessageVisibilityBatch", slow(20*time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		failed := 0
		for _, err := range c.Extend(ctx, time.Hour, leases...) {
			if err != nil {
				failed++
			}
		}
		time.Sleep(20 * time.Second) // until that has ended, too
		if failed != 10 {
			t.Errorf("%d of 100 leases were not extended, where a request for ten hung", failed)
		}
	})
}

func TestEntryThatTheAnswerForgetsHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.meet("SendMessageBatch", rewritten(func(answer map[string]any) {
			answer["Successful"] = append(answer["Successful"].([]any)[:1:1],
				map[string]any{"Id": "10", "MessageId": "x"}, map[string]any{"Id": "-1", "MessageId": "x"}, map[string]any{"Id": "x", "MessageId": "x"})
		}))
		ok := 0
		for _, err := range atOnce(3, func(i int) error { return c.Send(t.Context(), letters(3)[i]) }) {
			if err == nil {
				ok++
			}
		}
		if ok != 1 {
			t.Errorf("%d of 3 were told yes, and SQS said it of 1", ok)
		}
	})
}
