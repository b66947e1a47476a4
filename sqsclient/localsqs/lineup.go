package localsqs

// lineup is the ready messages of a queue, in the order in which they are to be received.
type lineup interface {
	add(m *message)    // m has got its place in the queue, ready or not
	remove(m *message) // m was ready and is not any more
	leave(m *message)  // m is of the queue no longer
	first() *message   // nil if nothing can be received
}

// openLine is the lineup of a standard queue: whatever is ready can be received, in the order of a line.
type openLine struct{ line }

func (l *openLine) add(m *message) {
	if m.place == ready {
		l.line.add(m)
	}
}

func (l *openLine) leave(*message) {}
