package retry

import (
	"time"

	"rehook/retry/deadletter"
)

const (
	rememberedDeliveries = 100_000
	clockSkew            = 5 * time.Second // between the queue's clock and ours
)

// delivered remembers which letters were delivered lately, so that a late copy of one is deleted, not sent
// a second time. It forgets the oldest.
type delivered struct {
	byID  map[string]handedOver
	order []string // a ring of ids
	next  int
}

// handedOver is what is remembered of one delivery.
type handedOver struct {
	retryCount int
	at         time.Time
}

func (d *delivered) add(l *deadletter.Letter, at time.Time) {
	if d.byID == nil {
		d.byID = map[string]handedOver{}
	}
	if _, known := d.byID[l.ID]; !known {
		if len(d.order) < rememberedDeliveries {
			d.order = append(d.order, l.ID)
		} else {
			delete(d.byID, d.order[d.next])
			d.order[d.next] = l.ID
			d.next = (d.next + 1) % rememberedDeliveries
		}
	}
	d.byID[l.ID] = handedOver{l.RetryCount, at}
}

// has reports whether a message is a copy of a letter that was delivered. One that the queue was given
// after the delivery is not: somebody sent the letter again, and means it.
func (d *delivered) has(l deadletter.Lease) bool {
	was, ok := d.byID[l.Letter.ID]
	return ok && l.Letter.RetryCount <= was.retryCount && !l.SentAt.After(was.at.Add(clockSkew))
}
