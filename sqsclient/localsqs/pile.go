package localsqs

import "container/heap"

// pile keeps messages so that the first in its order is at hand, and any can be taken out.
type pile struct {
	items  []*message
	before func(a, b *message) bool
	slot   func(*message) *int // where a message notes its index
}

// byDue orders by when a message could be received, so that one that came back goes behind those that have waited.
func byDue() pile {
	return pile{
		before: func(a, b *message) bool {
			if a.lease.visibleAt != b.lease.visibleAt {
				return a.lease.visibleAt < b.lease.visibleAt
			}
			return a.seq < b.seq
		},
		slot: func(m *message) *int { return &m.dueSlot },
	}
}

// byAge orders by when a message was sent.
func byAge() pile {
	return pile{
		before: func(a, b *message) bool { return a.sent < b.sent },
		slot:   func(m *message) *int { return &m.ageSlot },
	}
}

func (p *pile) add(m *message)    { heap.Push((*heapOrder)(p), m) }
func (p *pile) remove(m *message) { heap.Remove((*heapOrder)(p), *p.slot(m)) }

// first returns the first in order, nil if there is none.
func (p *pile) first() *message {
	if len(p.items) == 0 {
		return nil
	}
	return p.items[0]
}

// heapOrder is a pile as container/heap wants it.
type heapOrder pile

func (h *heapOrder) Len() int           { return len(h.items) }
func (h *heapOrder) Less(i, j int) bool { return h.before(h.items[i], h.items[j]) }

func (h *heapOrder) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	*h.slot(h.items[i]), *h.slot(h.items[j]) = i, j
}

func (h *heapOrder) Push(x any) {
	m := x.(*message)
	*h.slot(m) = len(h.items)
	h.items = append(h.items, m)
}

func (h *heapOrder) Pop() any {
	last := len(h.items) - 1
	m := h.items[last]
	h.items[last] = nil
	h.items = h.items[:last]
	return m
}
