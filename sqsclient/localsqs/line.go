package localsqs

// outOfTurn is how far from the back a message may belong and still have a place in the chain of a line. Sends that share
// a sync come in any order, so it is more than many clients send at once.
const outOfTurn = 256

// chained is the slot of a message that is in the chain of its line.
const chained = -1

// line keeps messages in an order in which nearly all come, so that their number does not matter: those are a chain. The
// others are in a pile, so that a line that all of them come to in the wrong order is still no slower than a pile.
type line struct {
	chain  chain
	strays pile
}

func newLine(o order) line { return line{chain{order: o}, pile{order: o}} }

func (l *line) add(m *message) {
	o, ahead := l.chain.order, l.chain.back
	for range outOfTurn {
		if ahead == nil || !o.before(m, ahead) {
			m.slots[o] = chained
			l.chain.insert(m, ahead)
			return
		}
		ahead = ahead.links[o].ahead
	}
	l.strays.add(m)
}

func (l *line) remove(m *message) {
	if m.slots[l.chain.order] == chained {
		l.chain.remove(m)
		return
	}
	l.strays.remove(m)
}

// first returns the first in order, nil if there is none.
func (l *line) first() *message {
	m, stray := l.chain.front, l.strays.first()
	if m == nil || stray != nil && l.chain.order.before(stray, m) {
		return stray
	}
	return m
}

// all returns those of the chain in order, and then the strays.
func (l *line) all() []*message {
	var all []*message
	for m := l.chain.front; m != nil; m = m.links[l.chain.order].behind {
		all = append(all, m)
	}
	return append(all, l.strays.items...)
}
