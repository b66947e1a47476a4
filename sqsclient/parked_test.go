package sqsclient_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

func TestLookForAMissingQueueHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(t, waitingName)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		time.Sleep(6 * time.Second)
		w.keepMeeting("GetQueueUrl", silent)
		looked := make(chan error, 2)
		for range cap(looked) {
			go func() { looked <- c.Park(t.Context(), l, l.Letter) }()
		}
		synctest.Wait()
		if n := w.requests("GetQueueUrl"); n != 1 {
			t.Errorf("%d looks at once", n)
		}
		began := time.Now()
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Park(impatient, l, l.Letter); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("who waits for a second: %v after %v", err, time.Since(began))
		}
		began = time.Now()
		if c.Missing() == nil || c.ParkedRetention() != 0 {
			t.Errorf("missing: %v", c.Missing())
		}
		if err := c.Extend(t.Context(), time.Minute, l)[0]; err != nil {
			t.Error(err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("others waited %v", took)
		}
		for range cap(looked) {
			if err := <-looked; err == nil {
				t.Error("a letter was said to be parked in a queue that was not found")
			}
		}
	})
}

func TestParkedQueueThatIsDeletedIsMissingUntilItIsThereAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		if _, err := w.raw.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url(parkedName)}); err != nil {
			t.Fatal(err)
		}
		if e, ok := errors.AsType[*sqsclient.MissingQueueError](c.Park(t.Context(), l, l.Letter)); !ok || e.Queue != parkedName {
			t.Error("the letter was parked in a queue that is not there")
		}
		if c.Missing() == nil {
			t.Error("nothing is said to be missing")
		}
		if d := depth(t, c); d != (deadletter.Depth{InFlight: 1}) {
			t.Errorf("depth %+v", d)
		}
		if got, err := c.ReceiveParked(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("parked letters: %v, %v", got, err)
		}
		w.create(t, parkedName)
		if err := c.Park(t.Context(), l, l.Letter); err != nil || c.Missing() != nil {
			t.Errorf("park once the queue is there again: %v, missing %v", err, c.Missing())
		}
	})
}
