package retry

import (
	"time"

	"rehook/retry/deadletter"
)

// standing is a letter's part in the figures of all letters. They are kept as letters change: a status that looked at
// ten thousand letters would hold the engine up with every screen.
type standing struct {
	of       *deadletter.Letter // as it was when its cause was found; letters do not change
	cause    *cause
	parked   bool
	failedAt time.Time // to the millisecond, as it is written

	expires time.Time // when its queue drops it; zero: that is not known
	place   int       // among those of its queue, from 1; 0: it is not there
}

// newEnds orders letters by when they expire.
func newEnds() *heap[*standing] {
	return &heap[*standing]{
		less:  func(a, b *standing) bool { return a.expires.Before(b.expires) },
		rank:  func(s *standing) uint64 { return rankOf(s.expires) },
		place: func(s *standing, i int) { s.place = i + 1 },
	}
}

// account brings the figures up to date with a letter of the inventory.
func (e *Engine) account(it *item) {
	s := &it.standing
	e.expires(s, e.expiry(it))
	if s.of == it.letter {
		return
	}
	own := it.lane
	if it.to != "" { // its next attempt goes elsewhere
		own = nil
	}
	switch changed, again := e.explain(s, it.letter, own); {
	case it.state == settling && (changed || again):
		s.cause.failed(e.now, e.now) // the engine has just seen it fail
	case again && it.lease.Receives <= 1:
		s.cause.failed(s.failedAt, e.now) // somebody else has, and nobody has received it before
	}
}

// accountShown does the same with a letter that is only shown, and gives the key of its cause.
func (e *Engine) accountShown(in *shown, entry Entry) string {
	s := in.standing[entry.Letter.ID]
	if s == nil {
		s = &standing{parked: true}
		in.standing[entry.Letter.ID] = s
	}
	e.expires(s, entry.ExpiresAt)
	e.explain(s, entry.Letter, nil)
	return s.cause.Key
}

// explain finds the cause of a letter, and reports whether that is another one than before, and whether the letter has
// failed again.
func (e *Engine) explain(s *standing, l *deadletter.Letter, in *lane) (changed, again bool) {
	was, failedBefore := s.cause, s.failedAt
	s.of, s.cause = l, e.causes.join(problemOf(l, in), l, e.now)
	_, s.failedAt = failedFrom(l, e.now)
	s.failedAt = s.failedAt.Truncate(time.Millisecond)
	*s.cause.count(s.parked)++
	if was != nil {
		e.leaveCause(was, s.parked)
	}
	return was != s.cause, was == nil || !s.failedAt.Equal(failedBefore)
}

func (e *Engine) leaveCause(c *cause, parked bool) {
	*c.count(parked)--
	e.causes.left(c)
}

// expires takes note of a letter's end; zero: it is not known.
func (e *Engine) expires(s *standing, at time.Time) {
	if s.expires.Equal(at) {
		return
	}
	ends := e.waitingEnds
	if s.parked {
		ends = e.parkedEnds
	}
	if s.place > 0 {
		ends.remove(s.place - 1)
	}
	if s.expires = at; !at.IsZero() {
		ends.push(s)
	}
}

// firstExpiry is the end of the letter that expires first; zero if none is known.
func (e *Engine) firstExpiry() time.Time {
	var first time.Time
	for _, ends := range [...]*heap[*standing]{e.waitingEnds, e.parkedEnds} {
		if ends.len() > 0 && (first.IsZero() || ends.first().expires.Before(first)) {
			first = ends.first().expires
		}
	}
	return first
}

// unaccount takes a letter out of the figures.
func (e *Engine) unaccount(s *standing) {
	e.expires(s, time.Time{})
	if s.cause != nil {
		e.leaveCause(s.cause, s.parked)
		s.cause = nil
	}
}
