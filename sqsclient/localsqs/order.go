package localsqs

import "cmp"

// order is one in which a queue keeps its messages. A message has links and a slot for each.
type order uint8

const (
	byDue  order = iota // by when they could be received, so that one that came back goes behind those that have waited
	byAge               // by when they were sent
	orders              // how many there are
)

func (o order) compare(a, b *message) int {
	if o == byAge {
		return cmp.Compare(a.sent, b.sent)
	}
	return cmp.Or(cmp.Compare(a.lease.visibleAt, b.lease.visibleAt), cmp.Compare(a.seq, b.seq))
}

func (o order) before(a, b *message) bool { return o.compare(a, b) < 0 }
