package retry

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/record"
)

const (
	remembered = 100_000
	clockSkew  = 5 * time.Second // between the queue's clock and ours
)

// recent remembers the latest things by key, and forgets the oldest.
type recent[K comparable, V any] struct {
	byKey map[K]V
	order []K // a ring
	next  int
}

func (r *recent[K, V]) add(k K, v V) {
	if r.byKey == nil {
		r.byKey = map[K]V{}
	}
	if _, known := r.byKey[k]; !known {
		if len(r.order) < remembered {
			r.order = append(r.order, k)
		} else {
			delete(r.byKey, r.order[r.next])
			r.order[r.next] = k
			r.next = (r.next + 1) % remembered
		}
	}
	r.byKey[k] = v
}

// memory is what the engine remembers of letters that it has dealt with, so that a late copy of one is
// deleted, not sent a second time.
type memory struct {
	delivered recent[string, handedOver] // by the letter's id
	done      recent[string, struct{}]   // messages that another one stands for, or none any more
}

// handedOver is what is remembered of one delivery.
type handedOver struct {
	payload uint64 // its sum: another letter may have the same id, if its writer is careless
	at      time.Time
}

func (m *memory) add(d record.Delivery) { m.delivered.add(d.ID, handedOver{d.Sum, d.At}) }

// deliveryOf is what is remembered of a letter that was delivered at a moment.
func deliveryOf(l *deadletter.Letter, at time.Time) record.Delivery {
	return record.Delivery{ID: l.ID, Sum: sumOf(l), At: at}
}

// sumOf is the beginning of the payload's SHA-256: nobody can make another payload that has it. Of one that lies
// elsewhere it is what the letter says, which is verified before anything is sent.
func sumOf(l *deadletter.Letter) uint64 {
	of := l.Payload
	if l.PayloadElsewhere() {
		if sum, err := hex.DecodeString(l.PayloadRef.SHA256); err == nil && len(sum) == sha256.Size {
			return binary.BigEndian.Uint64(sum)
		}
		of = []byte(l.PayloadRef.Bucket + "/" + l.PayloadRef.Key)
	}
	sum := sha256.Sum256(of)
	return binary.BigEndian.Uint64(sum[:])
}

// samePayload reports whether two letters are to send the same bytes, wherever those lie.
func samePayload(a, b *deadletter.Letter) bool {
	if !a.PayloadElsewhere() && !b.PayloadElsewhere() {
		return bytes.Equal(a.Payload, b.Payload)
	}
	return sumOf(a) == sumOf(b)
}

// has reports whether a message is a copy of a letter that was dealt with. One that the queue was given after
// the delivery is not: somebody sent the letter again, and means it.
func (m *memory) has(l deadletter.Lease) bool {
	if _, done := m.done.byKey[l.MessageID]; done {
		return true
	}
	at, ok := m.handedOverAt(l.Letter)
	return ok && !l.SentAt.After(at.Add(clockSkew))
}

// handedOverAt is when a letter was delivered, if that is remembered.
func (m *memory) handedOverAt(l *deadletter.Letter) (time.Time, bool) {
	was, ok := m.delivered.byKey[l.ID]
	return was.at, ok && was.payload == sumOf(l)
}
