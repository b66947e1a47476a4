package localsqs

// lineup is the ready messages of a queue, in the order in which they are to be received.
type lineup interface {
	add(m *message)    // m is ready
	remove(m *message) // m is not ready any more
	first() *message   // nil if nothing can be received
}

// openLine is the lineup of a standard queue: whatever is ready can be received.
type openLine struct{ pile }
