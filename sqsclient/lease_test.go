package sqsclient_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/sqsclient"
)

// SQS, and the embedded server as it does, refuses an extension beyond 12 h from the receive.
func TestHeldLetterOutlastsTheLongestLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		at := &endpoint{attempts: map[string]int{}, accepted: map[string]int{}}
		e, err := retry.New(retry.Config{Queue: c, Deliver: at, Name: waitingName, PausedBy: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		time.Sleep(time.Second)
		if _, err := e.Do(ctx, retry.Hold{IDs: []string{"a"}, By: "ann"}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Do(ctx, retry.Resume{By: "ann"}); err != nil {
			t.Fatal(err)
		}
		for range 26 {
			time.Sleep(time.Hour)
			if d := depth(t, c); d.Visible != 0 || d.InFlight != 1 {
				t.Fatalf("the held letter is not leased: %+v", d)
			}
		}
		feed, err := e.Subscribe(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if u, err := feed.Next(ctx); err != nil || u.Status.Counters.Left != 0 || u.Letters[0].Receives < 3 {
			t.Errorf("it left the inventory, or is still lent as it was: %+v, %+v, %v", u.Status.Counters, u.Letters, err)
		}
		if len(at.attempts) != 0 {
			t.Error("a held letter was attempted")
		}
		results, err := e.Do(ctx, retry.Hold{IDs: []string{"a"}, By: "ann"})
		if err != nil || len(results) != 1 || results[0].Did != retry.DidLetGo {
			t.Errorf("let go: %+v, %v", results, err)
		}
		time.Sleep(time.Minute)
		if at.taken("a") != 1 {
			t.Error("it was not delivered when it was let go")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A receive that waits gets nothing, and no error, when 120,000 messages are in flight.
func TestReceiveSaysThatTooManyAreInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		counts := func(visible, inFlight string) fault {
			return answered(200, "application/x-amz-json-1.0", `{"Attributes":{"ApproximateNumberOfMessages":"`+visible+`","ApproximateNumberOfMessagesNotVisible":"`+inFlight+`"}}`)
		}
		receive := func() error {
			t.Helper()
			leases, err := c.Receive(t.Context())
			if len(leases) != 0 {
				t.Errorf("%d letters came", len(leases))
			}
			return err
		}
		w.keepMeeting("GetQueueAttributes", counts("7", "119999"))
		depth(t, c)
		if err := receive(); err != nil {
			t.Error(err)
		}
		w.keepMeeting("GetQueueAttributes", counts("7", "120000"))
		if err := receive(); err != nil {
			t.Errorf("nobody has read the count, and yet: %v", err)
		}
		depth(t, c)
		busy, ok := errors.AsType[*sqsclient.BusyError](receive())
		if !ok || busy.Hint() == "" {
			t.Fatalf("no word of it: %v", busy)
		}
		w.keepMeeting("GetQueueAttributes", counts("0", "120000"))
		if err := receive(); err != nil {
			t.Errorf("there is nothing to receive, and yet: %v", err)
		}
		before := w.requests("GetQueueAttributes")
		if err := receive(); err != nil || w.requests("GetQueueAttributes") != before {
			t.Errorf("the count is read again at each receive: %v", err)
		}
	})
}
