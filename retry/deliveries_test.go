package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/record"
)

// recording gives an engine the record of a directory, as it was left there.
func recording(t *testing.T, dir string) func(*retry.Config) {
	t.Helper()
	d, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return func(c *retry.Config) { c.Deliveries = d }
}

func TestDeliveryIsRememberedAcrossAKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		old := letter(1)
		q.Send(old)
		replacement := old.Clone()
		replacement.AddAttempt(deadletter.Attempt{At: time.Now(), Status: 503})
		q.Send(replacement)
		q.waiting["m1"].visibleAt = time.Now().Add(30 * time.Second) // killed between sending m2 and deleting m1
		first := start(t, q, ep, recording(t, dir))
		pass(10 * time.Second)
		first.kill(t)
		second := start(t, q, ep, recording(t, dir))
		pass(2 * time.Minute)
		if !ep.acceptedOnce("letter-1") || len(q.waiting) != 0 {
			t.Errorf("delivered %d times, %d messages left", ep.accepted["letter-1"], len(q.waiting))
		}
		q.Send(letter(1)) // and means it
		pass(time.Minute)
		if ep.accepted["letter-1"] != 2 {
			t.Errorf("delivered %d times after it was sent again", ep.accepted["letter-1"])
		}
		second.stop(t)
	})
}

// neverDeletes is a queue whose deletes do not come back before the process is killed.
type neverDeletes struct{ retry.Queue }

func (neverDeletes) Delete(ctx context.Context, _ deadletter.Lease) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestKillBetweenAnswerAndDeleteIsMadeGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		q.Send(letter(1))
		first := start(t, q, ep, recording(t, dir), func(c *retry.Config) { c.Queue = neverDeletes{c.Queue} })
		pass(time.Second)
		first.kill(t)
		second := start(t, q, ep, recording(t, dir))
		pass(2 * time.Minute)
		if !ep.acceptedOnce("letter-1") || len(q.waiting) != 0 {
			t.Errorf("delivered %d times, %d messages left", ep.accepted["letter-1"], len(q.waiting))
		}
		second.stop(t)
	})
}
