package localsqs

import "time"

// remembering is how long a FIFO queue knows what it was sent and what it gave out (SQS: the deduplication interval).
const remembering = 5 * time.Minute

// memory keeps values for as long as SQS remembers them. Setting one costs the same however many there are.
type memory[K comparable, V any] struct {
	byKey map[K]*memento[K, V]
	order []*memento[K, V] // by when they were set, those that were replaced or dropped too
}

type memento[K comparable, V any] struct {
	key   K
	value V
	since instant
}

func (m *memory[K, V]) set(key K, value V, t instant) {
	if m.byKey == nil {
		m.byKey = map[K]*memento[K, V]{}
	}
	entry := &memento[K, V]{key, value, t}
	m.byKey[key] = entry
	m.order = append(m.order, entry)
}

// get returns what is remembered at t, else V's zero.
func (m *memory[K, V]) get(key K, t instant) (value V) {
	if entry := m.byKey[key]; entry != nil && t.since(entry.since) < remembering {
		return entry.value
	}
	return value
}

// update changes what is remembered of key, and not for how long.
func (m *memory[K, V]) update(key K, value V) {
	if entry := m.byKey[key]; entry != nil {
		entry.value = value
	}
}

func (m *memory[K, V]) drop(key K) { delete(m.byKey, key) }

// forget lets go of what is too old at t, and calls gone with each value.
func (m *memory[K, V]) forget(t instant, gone func(V)) {
	for len(m.order) > 0 && t.since(m.order[0].since) >= remembering {
		oldest := m.order[0]
		m.order[0] = nil
		m.order = m.order[1:]
		if m.byKey[oldest.key] == oldest {
			delete(m.byKey, oldest.key)
			gone(oldest.value)
		}
	}
}

// all yields what is remembered, the oldest first.
func (m *memory[K, V]) all(yield func(V) bool) {
	for _, entry := range m.order {
		if m.byKey[entry.key] == entry && !yield(entry.value) {
			return
		}
	}
}
