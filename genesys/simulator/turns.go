package simulator

import (
	"math/rand/v2"
	"sync"
	"time"
)

// mood is what an endpoint does with everything that comes, for a while.
type mood int

const (
	well         mood = iota // it takes webhooks
	failing                  // 503
	throttling               // 429, with Retry-After
	unauthorized             // 401
	refusing                 // it takes no connections
	hanging                  // it takes the request and never answers
)

// turn is a mood and how long it lasts.
type turn struct {
	mood mood
	span
}

func lasting(m mood, least, most time.Duration) turn { return turn{m, span{least, most}} }

// turns are the moods of an endpoint, one after the other, for ever.
type turns struct {
	list []turn // empty: always well
	back int    // after the last comes this one again: those before it are the opening
	rng  *rand.Rand

	mu    sync.Mutex // guards next, mood, until, rng
	next  int
	mood  mood
	until time.Time // when the mood ends; at first, when the first turn begins
}

// at is the mood at a moment, and when it ends. Moments must not go backwards.
func (t *turns) at(now time.Time) (mood, time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.list) > 0 && !now.Before(t.until) {
		turn := t.list[t.next]
		t.mood = turn.mood
		t.until = t.until.Add(turn.pick(t.rng))
		if t.next++; t.next == len(t.list) {
			t.next = t.back
		}
	}
	return t.mood, t.until
}
