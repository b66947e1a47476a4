package localsqs

import "container/list"

// group is what a FIFO queue holds of one MessageGroupId, in the order in which it was sent: also what is still being
// written, delayed, in flight or being deleted. Nothing overtakes those.
type group struct {
	id    string
	chain chain
	turn  *list.Element // in the line of groups; nil while nothing can be received from this one
}

// head is the message that has to be received before all others of its group, looking past those that the present
// receive has chosen: one answer may hold several of a group.
func (g *group) head() *message {
	m := g.chain.front
	for m != nil && m.place == chosen {
		m = m.links[byDue].behind
	}
	return m
}

// groups is the lineup of a FIFO queue. Groups take turns: the one that has waited longest since something could be
// received from it comes first, and gives as much as the receive takes.
type groups struct {
	byID map[string]*group
	line list.List // of *group: those whose head is ready
}

// join puts m behind all that its group holds. It counts there before it has a place in the queue, while it is still
// being written, so that the order is that of the sequence numbers.
func (gs *groups) join(m *message, id string) {
	g := gs.byID[id]
	if g == nil {
		g = &group{id: id, chain: chain{order: byDue}}
		gs.byID[id] = g
	}
	m.group = g
	g.chain.insert(m, g.chain.back)
}

func (gs *groups) leave(m *message) {
	g := m.group
	g.chain.remove(m)
	if g.chain.front == nil {
		delete(gs.byID, g.id)
	}
	gs.queueUp(g)
}

func (gs *groups) add(m *message)    { gs.queueUp(m.group) }
func (gs *groups) remove(m *message) { gs.queueUp(m.group) }

// queueUp lets g stand in line if something can be received from it, and only then.
func (gs *groups) queueUp(g *group) {
	head := g.head()
	open := head != nil && head.place == ready
	switch {
	case open && g.turn == nil:
		g.turn = gs.line.PushBack(g)
	case !open && g.turn != nil:
		gs.line.Remove(g.turn)
		g.turn = nil
	}
}

func (gs *groups) first() *message {
	next := gs.line.Front()
	if next == nil {
		return nil
	}
	return next.Value.(*group).head()
}
