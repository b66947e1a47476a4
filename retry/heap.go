package retry

// heap is a priority queue whose members know their place in it, so that any of them can be taken out.
type heap[T comparable] struct {
	items []T
	less  func(a, b T) bool
	place func(x T, i int) // tells a member its index, -1 when it has left
}

func (h *heap[T]) len() int { return len(h.items) }

// first is the least member. The heap must not be empty.
func (h *heap[T]) first() T { return h.items[0] }

func (h *heap[T]) push(x T) {
	h.items = append(h.items, x)
	h.up(len(h.items) - 1)
}

// remove takes out the member at index i.
func (h *heap[T]) remove(i int) T {
	x, last := h.items[i], len(h.items)-1
	h.items[i] = h.items[last]
	var none T
	h.items[last] = none
	h.items = h.items[:last]
	if i < last {
		h.up(h.down(i))
	}
	h.place(x, -1)
	return x
}

func (h *heap[T]) up(i int) {
	x := h.items[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(x, h.items[parent]) {
			break
		}
		h.set(i, h.items[parent])
		i = parent
	}
	h.set(i, x)
}

// down sinks the member at i and says where it came to rest.
func (h *heap[T]) down(i int) int {
	x := h.items[i]
	for {
		child := 2*i + 1
		if child >= len(h.items) {
			break
		}
		if r := child + 1; r < len(h.items) && h.less(h.items[r], h.items[child]) {
			child = r
		}
		if !h.less(h.items[child], x) {
			break
		}
		h.set(i, h.items[child])
		i = child
	}
	h.set(i, x)
	return i
}

func (h *heap[T]) set(i int, x T) {
	h.items[i] = x
	h.place(x, i)
}
