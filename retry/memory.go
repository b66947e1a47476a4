package retry

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
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

// key stands for an id: the beginning of its SHA-256. A hundred thousand of them hold no pointers, so that looking for
// garbage does not walk through them.
type key [16]byte

func keyOf(id string) key {
	sum := sha256.Sum256(append(make([]byte, 0, 64), id...)) // on the stack: a UUID is too long for what Go keeps there by itself
	return key(sum[:len(key{})])
}

// memory is what the engine remembers of letters that it has dealt with, so that a late copy of one is
// deleted, not sent a second time.
type memory struct {
	delivered recent[key, handedOver] // by the letter's id
	deleted   recent[key, handedOver] // by hand, or as it was before it was edited
	edited    recent[key, edits]      // what a delivered or deleted letter was an edit of
	done      recent[key, struct{}]   // messages that another one stands for, or none any more
}

// handedOver is what is remembered of one delivery.
type handedOver struct {
	payload uint64 // its sum: another letter may have the same id, if its writer is careless
	nanos   int64  // when, since 1970
}

func (h handedOver) at() time.Time { return time.Unix(0, h.nanos) }

// edits are what an operator made a letter of.
type edits struct {
	of []uint64 // sums of payloads
	at time.Time
}

func (m *memory) add(d record.Delivery) { m.remember(&m.delivered, d) }

// forget remembers that a letter was deleted by hand, or edited.
func (m *memory) forget(d record.Delivery) { m.remember(&m.deleted, d) }

func (m *memory) remember(in *recent[key, handedOver], d record.Delivery) {
	k := keyOf(d.ID)
	in.add(k, handedOver{d.Sum, d.At.UnixNano()})
	if len(d.Edits) > 0 {
		m.edited.add(k, edits{d.Edits, d.EditedAt})
	}
}

// dealtWith remembers a message that another one stands for, or none any more.
func (m *memory) dealtWith(message string) { m.done.add(keyOf(message), struct{}{}) }

// deliveryOf is what is remembered of a letter that was delivered at a moment.
func deliveryOf(l *deadletter.Letter, at time.Time) record.Delivery {
	d := record.Delivery{ID: l.ID, Sum: sumOf(l), At: at}
	if l.Edited != nil {
		d.EditedAt = l.Edited.At
		for _, of := range l.Edited.Of {
			if sum, ok := beginning(of); ok {
				d.Edits = append(d.Edits, sum)
			}
		}
	}
	return d
}

// sumOf is the beginning of the payload's SHA-256: nobody can make another payload that has it. Of one that lies
// elsewhere it is what the letter says, which is verified before anything is sent.
func sumOf(l *deadletter.Letter) uint64 {
	of := l.Payload
	if l.PayloadElsewhere() {
		if sum, ok := beginning(l.PayloadRef.SHA256); ok {
			return sum
		}
		of = []byte(l.PayloadRef.Bucket + "/" + l.PayloadRef.Key)
	}
	sum := sha256.Sum256(of)
	return binary.BigEndian.Uint64(sum[:])
}

// beginning is that of a SHA-256 in hex.
func beginning(of string) (uint64, bool) {
	sum, err := hex.DecodeString(of)
	if err != nil || len(sum) != sha256.Size {
		return 0, false
	}
	return binary.BigEndian.Uint64(sum), true
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
	if _, done := m.done.byKey[keyOf(l.MessageID)]; done {
		return true
	}
	k := keyOf(l.Letter.ID)
	if was, ok := m.delivered.byKey[k]; ok && m.left(l, k, was, was.at().Add(clockSkew)) {
		return true
	}
	// What was sent about then may be the letter that somebody has brought back from the trash.
	was, ok := m.deleted.byKey[k]
	return ok && m.left(l, k, was, was.at().Add(-clockSkew))
}

// left reports whether a message that was sent by a moment is a copy that was left of a letter, or of what an operator
// made that letter of.
func (m *memory) left(l deadletter.Lease, k key, was handedOver, by time.Time) bool {
	if l.SentAt.After(by) {
		return false
	}
	sum, made := sumOf(l.Letter), m.edited.byKey[k]
	return was.payload == sum || slices.Contains(made.of, sum) && !broughtBack(l, made.at)
}

// handedOverAt is when a letter was delivered, or what an operator made of it, if that is remembered.
func (m *memory) handedOverAt(l *deadletter.Letter) (time.Time, bool) {
	k, sum := keyOf(l.ID), sumOf(l)
	was, ok := m.delivered.byKey[k]
	return was.at(), ok && (was.payload == sum || slices.Contains(m.edited.byKey[k].of, sum))
}
