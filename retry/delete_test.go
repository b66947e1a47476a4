package retry_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// parkedLetter is in the parked queue.
func parkedLetter(q *memQueue, n int) *deadletter.Letter {
	l := letter(n)
	l.RetryCount = 5
	l.Parked = &deadletter.Parked{At: time.Now().UTC().Round(0), Reason: deadletter.Exhausted}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.put(q.parked, l)
	return l
}

func TestDeleteKeepsEveryLetterFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep, b := newMemQueue(1), newEndpoints(takesAll), &bin{}
		ids := later(q, 20)
		for n := range 15 {
			ids = append(ids, parkedLetter(q, 100+n).ID)
		}
		kept := parkedLetter(q, 200)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		got := do(t, r, retry.Delete{IDs: append(ids, "no such letter", ids[0]), By: "ann", Why: "test data"})
		if n := tally(got); len(got) != 36 || n[retry.DidDelete] != 35 || n[retry.DidSkip] != 1 {
			t.Errorf("%v: %v", n, got)
		}
		if q.count(q.waiting) != 0 || q.count(q.parked) != 1 || q.letters(q.parked)[kept.ID] == nil || len(b.payloads()) != 35 {
			t.Errorf("%d wait, %d are parked, %d in the trash", q.count(q.waiting), q.count(q.parked), len(b.payloads()))
		}
		if c := status(t, r).Counters; c.Deleted != 20 || c.In() != c.Out() {
			t.Errorf("the figures: %+v", c)
		}
		pass(2 * time.Hour)
		if ep.attempted() != 0 {
			t.Error("a deleted letter was attempted")
		}
		r.stop(t)
	})
}

func TestDeleteLeavesWhatTheTrashDoesNotTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep, b := newMemQueue(1), newEndpoints(takesAll), &bin{full: errFull}
		ids := append(later(q, 3), parkedLetter(q, 100).ID)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		got := do(t, r, retry.Delete{IDs: ids, By: "ann"})
		for _, res := range got {
			if res.Did != retry.DidSkip || !strings.Contains(res.Note, errFull.Error()) {
				t.Errorf("%+v", res)
			}
		}
		got = do(t, r, retry.Edit{ID: ids[0], Payload: []byte("{}"), By: "ann"})
		if len(got) != 1 || got[0].Did != retry.DidSkip || !strings.Contains(got[0].Note, errFull.Error()) {
			t.Errorf("edited: %+v", got)
		}
		if q.count(q.waiting) != 3 || q.count(q.parked) != 1 || len(q.gone()) != 0 {
			t.Errorf("%d wait, %d are parked, %v were deleted", q.count(q.waiting), q.count(q.parked), q.gone())
		}
		pass(2 * time.Hour)
		if ep.delivered() != 3 {
			t.Errorf("%d delivered: they wait as they did", ep.delivered())
		}
		r.stop(t)
	})
}

func TestDeleteAnswersTheRedriveOfTheLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep, b := newMemQueue(1), newEndpoints(takesAll), &bin{}
		ids := later(q, 10)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		slow := make(chan []retry.Result, 1)
		go func() {
			results, _ := r.Do(t.Context(), retry.Redrive{IDs: ids, Rate: 1, By: "ann"})
			slow <- results
		}()
		pass(3500 * time.Millisecond)
		do(t, r, retry.Delete{IDs: ids, By: "bob"})
		got := tally(<-slow)
		if got[retry.DidDeliver] != 4 || got[retry.DidDelete] != 6 || ep.delivered() != 4 || q.count(q.waiting) != 0 {
			t.Errorf("%v; %d delivered, %d left", got, ep.delivered(), q.count(q.waiting))
		}
		r.stop(t)
	})
}

func TestLateCopyOfADeletedLetterIsDeletedAndOneThatIsSentAgainIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep, b := newMemQueue(1), newEndpoints(takesAll), &bin{}
		ids := later(q, 1)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		l := q.letters(q.waiting)[ids[0]]
		q.late(l, time.Minute)
		pass(10 * time.Second)
		do(t, r, retry.Delete{IDs: ids, By: "ann"})
		pass(2 * time.Minute)
		if q.count(q.waiting) != 0 {
			t.Error("a copy of a deleted letter waits")
		}
		r.stop(t)

		q.Send(l)
		r = start(t, q, ep, into(b))
		pass(time.Second)
		do(t, r, retry.Delete{IDs: ids, By: "ann"})
		q.Send(l) // imported from the trash, at once
		pass(2 * time.Hour)
		if !ep.acceptedOnce(ids[0]) {
			t.Error("a letter that was brought back after it had been deleted was not delivered")
		}
		r.stop(t)
	})
}

func TestDeletedLetterLeavesItsPayloadToTheTrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newShelf(), &bin{}
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		for n := range 3 {
			l := s.claimed(n)
			l.NextAttemptAt = time.Now().Add(time.Hour).UTC()
			q.Send(l)
		}
		r := start(t, q, ep, into(b), from(s))
		pass(time.Second)
		do(t, r, retry.Delete{IDs: []string{"letter-0"}, By: "ann"})
		do(t, r, retry.Edit{ID: "letter-1", Payload: []byte(`{"edited":1}`), Redrive: true, By: "ann"})
		do(t, r, retry.Edit{ID: "letter-2", Endpoint: "https://crm2.example.com/", Redrive: true, By: "ann"})
		pass(time.Minute)
		if s.left() != 3 || b.count() != 3 || !ep.acceptedOnce("letter-2") || b.kept[0].PayloadRef == nil {
			t.Errorf("%d payloads are left, %d letters are in the trash", s.left(), b.count())
		}
		if ep.payloads["letter-1"] != `{"edited":1}` {
			t.Errorf("delivered %q", ep.payloads["letter-1"])
		}
		r.stop(t)
	})
}

func TestCommandsAreInTheAuditLogBeforeAndAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep, b := newMemQueue(1), newEndpoints(takesAll), &bin{}
		ids := later(q, 3)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		before := -1
		ep.setAnswer(func(delivery.Request, int) delivery.Result {
			b.mu.Lock()
			before = len(b.acts)
			b.mu.Unlock()
			return ok()
		})
		do(t, r, retry.Redrive{IDs: ids, To: "https://crm2.example.com/?key=s3cret", By: "ann", Why: "they are back"})
		pass(time.Second)
		if before != 1 || len(b.acts) != 2 {
			t.Fatalf("%d acts before the attempt, %d in all", before, len(b.acts))
		}
		begun, ended := b.acts[0], b.acts[1]
		if begun.By != "ann" || begun.Verb != "redrive" || begun.Why != "they are back" || len(begun.IDs) != 3 || begun.Phase != "begun" || strings.Contains(begun.Detail["to"], "s3cret") {
			t.Errorf("%+v", begun)
		}
		if ended.Phase != "ended" || ended.Job != begun.Job || ended.Done != 3 {
			t.Errorf("%+v", ended)
		}
		for _, c := range []retry.Command{retry.Pause{By: "ann"}, retry.Resume{By: "ann"}, retry.Hold{IDs: ids, By: "ann"}} {
			do(t, r, c)
		}
		pass(time.Second)
		if len(b.acts) != 8 {
			t.Errorf("%d acts of four commands", len(b.acts))
		}
		r.stop(t)
	})
}

func TestOnlyWhatDestroysNeedsTheAuditLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep, b := newMemQueue(1), newEndpoints(takesAll), &bin{mute: errFull}
		ids := later(q, 2)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		for _, c := range []retry.Command{retry.Delete{IDs: ids, By: "ann"}, retry.Edit{ID: ids[0], Payload: []byte("{}"), By: "ann"}} {
			if _, err := r.Do(t.Context(), c); !errors.Is(err, retry.ErrRefused) || !errors.Is(err, errFull) {
				t.Errorf("%T: %v", c, err)
			}
		}
		if q.count(q.waiting) != 2 || b.count() != 0 {
			t.Errorf("%d wait, %d are in the trash", q.count(q.waiting), b.count())
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		feed, err := r.Follow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := do(t, r, retry.Redrive{IDs: ids[:1], By: "ann"}); got[0].Did != retry.DidDeliver {
			t.Errorf("%+v", got)
		}
		pass(time.Second)
		u, err := feed.Next(ctx)
		told := false
		for _, ev := range u.Stream {
			trouble, ok := ev.(retry.Trouble)
			told = told || ok && strings.Contains(trouble.Message, "audit log")
		}
		if err != nil || !told {
			t.Errorf("nobody was told: %+v, %v", u.Stream, err)
		}
		r.stop(t)
	})
}

func TestStoppedEngineSaysWhatBecameOfItsCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep, b := newMemQueue(1), newEndpoints(takesAll), &bin{}
		ids := later(q, 10)
		r := start(t, q, ep, into(b))
		pass(time.Second)
		go func() { _, _ = r.Do(t.Context(), retry.Redrive{IDs: ids, Rate: 1, By: "ann"}) }()
		pass(3500 * time.Millisecond)
		r.stop(t)
		if n := len(b.acts); n != 2 || b.acts[1].Phase != "ended" || b.acts[1].Done != 4 || b.acts[1].Skipped != 6 || b.acts[1].Detail["stopped"] == "" {
			t.Errorf("%+v", b.acts)
		}
	})
}

func TestCancelledReleaseStopsLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		var ids []string
		for n := range 500 {
			ids = append(ids, parkedLetter(q, n).ID)
		}
		r := start(t, q, ep, func(c *retry.Config) { c.PausedBy = "test" }, hooking(func(h *hooked) {
			inner := h.Queue
			h.release = func(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error {
				wait(ctx, time.Second)
				return inner.Release(ctx, l, with)
			}
		}))
		pass(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 5500*time.Millisecond)
		defer cancel()
		got, err := r.Do(ctx, retry.Release{IDs: ids, By: "ann"})
		if n := tally(got); !errors.Is(err, context.DeadlineExceeded) || n[retry.DidRelease] != 200 || n[retry.DidSkip] != 300 {
			t.Errorf("%v, %v", n, err)
		}
		pass(10 * time.Second) // the forty that were on their way have come
		q.mu.Lock()
		if n := q.calls["ReceiveParked"]; len(q.parked) != 260 || n > 25 {
			t.Errorf("%d are parked; looked %d times", len(q.parked), n)
		}
		q.mu.Unlock()
		r.stop(t)
	})
}
