package localsqs

import "rehook/sqsclient/localsqs/seglog"

// message is what memory keeps of a message: where it is on disk, and its lease. Body and attributes are read from
// disk when they are received.
type message struct {
	seq     uint64 // orders messages of all queues; never used twice
	at      seglog.Position
	place   place
	sent    instant
	lease   lease
	brought uint64 // receives that it had when it came here from another queue
	group   *group // in a FIFO queue

	links [orders]links // in the chains it is in; by due, that is its group's in a FIFO queue
	slots [orders]int32 // its index in the piles it is in, or chained
}

// lease is what receives and visibility changes do to a message.
type lease struct {
	visibleAt     instant
	receivedAt    instant // the latest receive
	firstReceived instant
	receives      uint64
	nonce         uint64 // of the receipt handle that the latest receive gave out; 0 before the first
}

// place says where in its queue a message is.
type place uint8

const (
	detached place = iota // held by an operation that is under way, such as a delete until it is synced
	chosen                // by the receive that is just filling its answer
	ready                 // may be received
	delayed               // never received, and not before visibleAt
	inFlight              // received, and hidden until visibleAt
	places                // how many there are
)

func (m *message) placeAt(t instant) place {
	switch {
	case m.lease.visibleAt <= t:
		return ready
	case m.lease.nonce == 0:
		return delayed
	default:
		return inFlight
	}
}
