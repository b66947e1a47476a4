package retry_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// shelf keeps payloads for letters that refer to them.
type shelf struct {
	mu      sync.Mutex // guards all below
	kept    map[string]string
	down    error // what every call comes to, unless nil
	hangs   bool  // whether a read ends with its context alone
	fetched int
	wait    time.Duration // that a read takes
}

func newShelf() *shelf { return &shelf{kept: map[string]string{}} }

// claimed is a letter whose payload is on the shelf.
func (s *shelf) claimed(n int) *deadletter.Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := letter(n)
	sum := sha256.Sum256(l.Payload)
	l.PayloadRef = &deadletter.PayloadRef{Bucket: "b", Key: fmt.Sprint("key-", n), Size: int64(len(l.Payload)), SHA256: hex.EncodeToString(sum[:])}
	s.kept[l.PayloadRef.Key] = string(l.Payload)
	l.Payload = nil
	return l
}

func (s *shelf) Payload(ctx context.Context, l *deadletter.Letter) ([]byte, error) {
	s.mu.Lock()
	s.fetched++
	hangs, down, wait := s.hangs, s.down, s.wait
	payload, ok := s.kept[l.PayloadRef.Key]
	s.mu.Unlock()
	time.Sleep(wait)
	switch {
	case hangs:
		<-ctx.Done()
		return nil, ctx.Err()
	case down != nil:
		return nil, down
	case !ok:
		return nil, fmt.Errorf("%w: %q is not there", deadletter.ErrNoPayload, l.PayloadRef.Key)
	}
	return []byte(payload), nil
}

func (s *shelf) Discard(_ context.Context, l *deadletter.Letter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down == nil {
		delete(s.kept, l.PayloadRef.Key)
	}
	return s.down
}

func (s *shelf) set(change func(*shelf)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *shelf) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

// from has an engine read payloads from a shelf.
func from(s *shelf) func(*retry.Config) { return func(c *retry.Config) { c.Payloads = s } }

func TestPayloadIsFetchedForTheAttemptAndDiscardedAfterTheMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		q, ep := newMemQueue(1), newEndpoints(func(_ delivery.Request, n int) delivery.Result {
			if n == 1 {
				return unavailable()
			}
			return ok()
		})
		s.set(func(s *shelf) { s.wait = 9 * time.Second })
		for n := range 5 {
			q.Send(s.claimed(n))
		}
		q.Send(letter(5))
		r := start(t, q, ep, from(s))
		pass(5 * time.Minute)
		for n := range 6 {
			if id := fmt.Sprint("letter-", n); !ep.acceptedOnce(id) || ep.payloads[id] != fmt.Sprintf(`{"n":%d,"f":1.0}`, n) {
				t.Errorf("%s: accepted %d times, payload %q", id, ep.accepted[id], ep.payloads[id])
			}
		}
		if len(q.letters(q.waiting)) != 0 || s.left() != 0 {
			t.Errorf("%d letters and %d payloads are left", len(q.letters(q.waiting)), s.left())
		}
		r.stop(t)
	})
}

func TestStoreThatIsDownSpendsNoAttempt(t *testing.T) {
	for name, down := range map[string]func(*shelf){
		"refuses": func(s *shelf) { s.down = errors.New("no route to host") },
		"hangs":   func(s *shelf) { s.hangs = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShelf()
				q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
				q.Send(s.claimed(1))
				s.set(down)
				r := start(t, q, ep, from(s))
				pass(10 * time.Minute)
				if l := q.letters(q.waiting)["letter-1"]; l == nil || l.RetryCount != 0 || len(ep.times("letter-1")) != 0 {
					t.Errorf("the letter is %+v, attempted %v", l, ep.times("letter-1"))
				}
				s.mu.Lock()
				if s.fetched < 5 || s.fetched > 25 {
					t.Errorf("asked for %d times in 10 minutes", s.fetched)
				}
				s.mu.Unlock()
				s.set(func(s *shelf) { s.down, s.hangs = nil, false })
				pass(time.Minute)
				if !ep.acceptedOnce("letter-1") || s.left() != 0 || len(q.letters(q.waiting)) != 0 {
					t.Error("not delivered when the store was back")
				}
				r.stop(t)
			})
		})
	}
}

func TestPayloadThatIsNotThereParksTheLetterAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		q.Send(s.claimed(1))
		s.set(func(s *shelf) { clear(s.kept) })
		r := start(t, q, ep, from(s))
		pass(time.Minute)
		l := q.letters(q.parked)["letter-1"]
		if l == nil || l.Parked.Reason != deadletter.Unreadable || !strings.Contains(l.Error, "key-1") || l.PayloadRef == nil || l.RetryCount != 0 {
			t.Errorf("parked is %+v", l)
		}
		if len(ep.times("letter-1")) != 0 {
			t.Error("something was sent")
		}
		r.stop(t)
	})
}

func TestCopyThatIsDeletedLeavesThePayload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		l := s.claimed(1)
		q.Send(l)
		again := l.Clone()
		again.RetryCount = 1
		q.Send(again)
		r := start(t, q, ep, from(s), func(c *retry.Config) { c.PausedBy = "test" })
		pass(time.Minute)
		if len(q.letters(q.waiting)) != 1 || s.left() != 1 {
			t.Errorf("%d letters and %d payloads are left of one letter in two messages", len(q.letters(q.waiting)), s.left())
		}
		if _, err := r.Do(t.Context(), retry.Resume{By: "test"}); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if !ep.acceptedOnce("letter-1") || s.left() != 0 {
			t.Errorf("accepted %d times, %d payloads left", ep.accepted["letter-1"], s.left())
		}
		// A late copy is known by what its reference says, and is not sent to look for a payload that is gone.
		q.Send(l)
		q.mu.Lock()
		for _, m := range q.waiting {
			m.sentAt = m.sentAt.Add(-time.Hour)
		}
		q.mu.Unlock()
		pass(time.Minute)
		if len(q.letters(q.waiting)) != 0 || len(q.letters(q.parked)) != 0 {
			t.Error("a late copy was not deleted")
		}
		r.stop(t)
	})
}

func TestCopyThatIsBroughtBackAfterTheDeliveryIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		l := s.claimed(1)
		q.Send(l)
		r := start(t, q, ep, from(s))
		pass(time.Minute)
		q.Send(l) // a crash while it was parked had left it in both queues, and somebody released the other one
		another := s.claimed(2)
		another.ID = l.ID
		s.set(func(s *shelf) { clear(s.kept) })
		q.Send(another) // never delivered: only its id is known
		pass(10 * time.Minute)
		parked := q.letters(q.parked)[l.ID]
		if parked == nil || parked.PayloadRef.Key != another.PayloadRef.Key || len(q.parked) != 1 || len(q.waiting) != 0 {
			t.Errorf("parked are %d letters, %+v; %d wait", len(q.parked), parked, len(q.waiting))
		}
		if !ep.acceptedOnce(l.ID) {
			t.Errorf("accepted %d times", ep.accepted[l.ID])
		}
		if c := status(t, r).Counters; c.In() != c.Out() {
			t.Errorf("the figures: %+v", c)
		}
		r.stop(t)
	})
}

func TestTwoPayloadsElsewhereOfOneIDAreBothDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		var sent sync.Map
		q, ep := newMemQueue(1), newEndpoints(func(r delivery.Request, _ int) delivery.Result {
			sent.Store(string(r.Body), true)
			return ok()
		})
		for n := range 2 {
			l := s.claimed(n)
			l.ID = "same"
			q.Send(l)
		}
		r := start(t, q, ep, from(s))
		pass(10 * time.Minute)
		for n := range 2 {
			if _, ok := sent.Load(fmt.Sprintf(`{"n":%d,"f":1.0}`, n)); !ok {
				t.Errorf("payload %d was not sent", n)
			}
		}
		r.stop(t)
	})
}

func TestKillBetweenMessageAndPayloadCostsAPayloadAndNoLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		q.Send(s.claimed(1))
		s.set(func(s *shelf) { s.wait = time.Second })
		r := start(t, q, ep, from(s))
		pass(time.Second + 10*time.Millisecond) // it has been read, and is being sent
		s.set(func(s *shelf) { s.down = errors.New("killed before this") })
		pass(time.Minute)
		r.kill(t)
		if !ep.acceptedOnce("letter-1") || len(q.letters(q.waiting)) != 0 || s.left() != 1 {
			t.Errorf("accepted %d times, %d letters and %d payloads left", ep.accepted["letter-1"], len(q.letters(q.waiting)), s.left())
		}
	})
}

func TestLeaseOutlastsTheFetchAndTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.wait = 9 * time.Second
		q := newMemQueue(1)
		ep := newEndpoints(func(delivery.Request, int) delivery.Result {
			q.mu.Lock()
			defer q.mu.Unlock()
			for _, m := range q.waiting {
				if m.receives > 1 {
					t.Error("the lease ended during the attempt: another engine can have the letter")
				}
			}
			return ok()
		})
		ep.setLatency(9 * time.Second)
		q.Send(s.claimed(1))
		r := start(t, q, ep, from(s), func(c *retry.Config) { c.PausedBy = "test" })
		pass(13 * time.Second) // 17 s of the lease are left: enough for an attempt alone
		if _, err := r.Do(t.Context(), retry.Resume{By: "test"}); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if !ep.acceptedOnce("letter-1") {
			t.Error("not delivered")
		}
		r.stop(t)
	})
}

// lateDeletes is a queue whose deletes take so long that the lease ends, and others may have the message.
type lateDeletes struct{ *memQueue }

func (lateDeletes) Delete(context.Context, deadletter.Lease) error {
	time.Sleep(2 * time.Minute)
	return nil // SQS: "if the receipt handle is not the latest, the request succeeds, but the message might not be deleted"
}

func TestPayloadStaysWhereItIsNotSureThatTheMessageHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		q.Send(s.claimed(1))
		r := start(t, q, ep, from(s), func(c *retry.Config) { c.Queue = lateDeletes{q} })
		pass(3 * time.Minute)
		r.stop(t)
		if s.left() != 1 {
			t.Error("the payload of a message that another engine may hold was discarded")
		}
	})
}
