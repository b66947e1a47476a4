package retry

import (
	"iter"
	"time"
)

// heap is a priority queue whose members know their place in it, so that any of them can be taken out.
type heap[T comparable] struct {
	nodes []node[T]
	less  func(a, b T) bool
	rank  func(x T) uint64 // tells most members apart without a look at them; where it is greater, less is false. nil: none does
	place func(x T, i int) // tells a member its index, -1 when it has left
}

// node is a member with its rank beside it: ten thousand members lie all over the memory, and to look at a dozen of them
// costs more than all else that is done to take one out.
type node[T comparable] struct {
	rank uint64
	x    T
}

func (h *heap[T]) len() int { return len(h.nodes) }

// first is the least member. The heap must not be empty.
func (h *heap[T]) first() T { return h.nodes[0].x }

// all are the members, in no order.
func (h *heap[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, n := range h.nodes {
			if !yield(n.x) {
				return
			}
		}
	}
}

func (h *heap[T]) push(x T) {
	n := node[T]{x: x}
	if h.rank != nil {
		n.rank = h.rank(x)
	}
	h.nodes = append(h.nodes, n)
	h.up(len(h.nodes) - 1)
}

// fix finds the place of the member at index i, which counts otherwise than before.
func (h *heap[T]) fix(i int) {
	if h.rank != nil {
		h.nodes[i].rank = h.rank(h.nodes[i].x)
	}
	h.up(h.down(i))
}

// remove takes out the member at index i.
func (h *heap[T]) remove(i int) T {
	out, last := h.nodes[i], len(h.nodes)-1
	h.nodes[i] = h.nodes[last]
	h.nodes[last] = node[T]{}
	h.nodes = h.nodes[:last]
	if i < last {
		h.up(h.down(i))
	}
	h.place(out.x, -1)
	return out.x
}

func (h *heap[T]) before(a, b node[T]) bool {
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	return h.less(a.x, b.x)
}

func (h *heap[T]) up(i int) {
	n := h.nodes[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !h.before(n, h.nodes[parent]) {
			break
		}
		h.set(i, h.nodes[parent])
		i = parent
	}
	h.set(i, n)
}

// down sinks the member at i and says where it came to rest.
func (h *heap[T]) down(i int) int {
	n := h.nodes[i]
	for {
		child := 2*i + 1
		if child >= len(h.nodes) {
			break
		}
		if r := child + 1; r < len(h.nodes) && h.before(h.nodes[r], h.nodes[child]) {
			child = r
		}
		if !h.before(h.nodes[child], n) {
			break
		}
		h.set(i, h.nodes[child])
		i = child
	}
	h.set(i, n)
	return i
}

func (h *heap[T]) set(i int, n node[T]) {
	h.nodes[i] = n
	h.place(n.x, i)
}

// rankBits are those of a moment's rank.
const rankBits = 62

// rankOf is greater for a later moment; those before 1970 and after 2106 are not told apart.
func rankOf(t time.Time) uint64 {
	switch s := t.Unix(); {
	case s < 0:
		return 0
	case s >= 1<<32:
		return 1<<rankBits - 1
	default:
		return uint64(s)<<30 | uint64(t.Nanosecond()) //nolint:gosec // neither is negative
	}
}
