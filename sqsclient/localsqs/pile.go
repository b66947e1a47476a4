package localsqs

import "container/heap"

// pile keeps messages so that the first in its order is at hand, and any can be taken out. Both cost more the more there
// are.
type pile struct {
	order order
	items []*message
}

func (p *pile) add(m *message)    { heap.Push((*heapOrder)(p), m) }
func (p *pile) remove(m *message) { heap.Remove((*heapOrder)(p), int(m.slots[p.order])) }

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
func (h *heapOrder) Less(i, j int) bool { return h.order.before(h.items[i], h.items[j]) }

func (h *heapOrder) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.number(i)
	h.number(j)
}

func (h *heapOrder) Push(x any) {
	h.items = append(h.items, x.(*message))
	h.number(len(h.items) - 1)
}

func (h *heapOrder) Pop() any {
	last := len(h.items) - 1
	m := h.items[last]
	h.items[last] = nil
	h.items = h.items[:last]
	return m
}

// number lets the message at i note where it is.
func (h *heapOrder) number(i int) {
	h.items[i].slots[h.order] = int32(i) //nolint:gosec // so many messages would need 300 GB of memory
}
