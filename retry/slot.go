package retry

import (
	"cmp"
	"context"
	"slices"

	"rehook/retry/deadletter"
	"rehook/retry/record"
)

// slot is one of the attempts that a lane has in flight. While its endpoint takes what it is sent, a slot goes from
// letter to letter without waiting for the loop, which has put the next ones on its deck: an endpoint that answers at
// once is not kept waiting by a scheduler that is busy. After anything but a 2xx, the loop decides.
type slot struct {
	lane *lane
	from repute // of the lane when the slot was given to it
	deck deck
	next []*turn // what the loop knows to be on the deck, or to have begun from there, in order
}

// turn is an attempt that is to be made.
type turn struct {
	it     *item
	letter *deadletter.Letter
}

// attempt begins a letter's attempt in a slot of its own.
func (e *Engine) attempt(it *item) {
	s := &slot{lane: it.lane, from: it.lane.repute()}
	s.lane.slots = append(s.lane.slots, s)
	s.lane.inFlight++
	e.flying++
	e.line.flying[s.from]++
	e.began(it)
	e.stock(s, it)
	first := &turn{it, it.outgoing()}
	e.start(func(context.Context) { e.run(e.life.attempts, s, first) })
}

// run makes attempts until one of them is not taken, or nothing is on the slot's deck.
func (e *Engine) run(ctx context.Context, s *slot, t *turn) {
	for t != nil {
		it, came := t.it, e.try(ctx, t.letter)
		t = nil
		if came.delivered() {
			t = s.deck.take()
		}
		goesOn := t != nil
		e.tell(func() { e.slotTold(s, it, came, goesOn) })
	}
}

// recordDelivery writes down what must not be sent again, before anything else is done about it: a process that
// is killed before the message is deleted leaves it to the next one.
func (e *Engine) recordDelivery(d record.Delivery) {
	if e.cfg.Deliveries == nil {
		return
	}
	if err := e.cfg.Deliveries.Add(d); err != nil {
		e.tell(func() { e.trouble("a delivery is remembered only as long as this engine lives", err) })
	}
}

// slotTold takes what came of an attempt, and the word that the slot went on with what was on its deck.
func (e *Engine) slotTold(s *slot, it *item, came tried, goesOn bool) {
	if !goesOn {
		e.endSlot(s)
	}
	if came.unread != nil {
		e.unfetched(it, came.unread, came.stopped)
	} else {
		if came.delivered() {
			e.memory.add(came.record)
		}
		e.attempted(it, came.Result)
	}
	switch {
	case goesOn:
		next := s.next[0].it
		s.next = slices.Delete(s.next, 0, 1)
		if next.state == onDeck {
			e.began(next)
		}
		e.stock(s, next)
	case s.lane.ready.len() == 0:
		e.reclaimOne(s.lane)
	}
	e.consider(s.lane)
}

// endSlot gives a slot back to whoever is next in line.
func (e *Engine) endSlot(s *slot) {
	l := s.lane
	l.slots = slices.DeleteFunc(l.slots, func(other *slot) bool { return other == s })
	l.inFlight--
	e.line.moved(l)
	e.flying--
	e.line.flying[s.from]--
	e.clear(s)
}

// began notes that a letter is being attempted.
func (e *Engine) began(it *item) {
	e.moveTo(it, inFlight)
	it.forced = false
	if it.lane.began(e.now) {
		e.unlearned(it.lane)
	}
	e.emit(Attempting{at(e.now), it.letter.ID, it.url, it.letter.RetryCount})
	e.touch(it)
}

// stock puts the lane's next letters on a slot's deck, if the lane flows freely and has no other slot for them. Where
// other lanes wait for a slot it puts none, so that this one goes to them. The letters wait for the attempt under
// way, which their leases must outlast, as they are now; those whose payload is yet to be fetched take too long for that.
func (e *Engine) stock(s *slot, current *item) {
	l := s.lane
	full := e.flying >= e.cfg.Concurrency
	switch {
	case e.stopping || e.paused || !l.flows(e.now) || current.letter.PayloadElsewhere():
		return
	case l.inFlight < l.limit() && !full, full && e.line.next(e.cfg.Concurrency) != nil:
		return
	}
	for len(s.next) < l.ahead() && l.ready.len() > 0 {
		it := l.ready.first()
		if it.letter.PayloadElsewhere() || it.extending || !it.leased(e.now, e.cfg.Timeout+e.attemptNeeds()) {
			return
		}
		it.leave()
		e.moveTo(it, onDeck)
		it.slot = s
		t := &turn{it, it.outgoing()}
		s.next = append(s.next, t)
		s.deck.put(t)
	}
}

// reclaim takes a letter from a deck back into its lane. Where its attempt has begun, that is noted instead.
func (e *Engine) reclaim(it *item) {
	if it.state != onDeck {
		return
	}
	s := it.slot
	i := slices.IndexFunc(s.next, func(t *turn) bool { return t.it == it })
	if !s.deck.withdraw(s.next[i]) {
		e.began(it)
		return
	}
	s.next = slices.Delete(s.next, i, i+1)
	e.moveTo(it, idle)
	e.makeReady(it)
}

// reclaimOne takes a letter back that another slot keeps waiting, for a slot that has become free: the last of the
// slot that has most of them.
func (e *Engine) reclaimOne(l *lane) {
	if len(l.slots) == 0 {
		return
	}
	most := slices.MaxFunc(l.slots, func(a, b *slot) int { return cmp.Compare(len(a.next), len(b.next)) })
	if n := len(most.next); n > 0 {
		e.reclaim(most.next[n-1].it)
	}
}

// reclaimAll takes back all that the lane's slots would go on with.
func (e *Engine) reclaimAll(l *lane) {
	for _, s := range l.slots {
		e.clear(s)
	}
}

// clear takes back what a slot would go on with.
func (e *Engine) clear(s *slot) {
	for _, t := range slices.Backward(slices.Clone(s.next)) {
		e.reclaim(t.it)
	}
}
