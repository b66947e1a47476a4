package retry

import (
	"slices"
	"sync"
	"time"
)

const (
	// deckMost is how many letters a slot of a quick lane goes on with by itself. One runs out while the loop is busy with
	// others: the slot ends, the loop begins another, and on a machine that has nothing to spare a quarter of all
	// letters pay for that.
	deckMost = 4
	// quickUnder is the latency of a quick lane: what an operator wants at once waits for a deck no longer than one feels.
	quickUnder = 25 * time.Millisecond
)

// ahead is how many letters a slot of the lane goes on with.
func (l *lane) ahead() int {
	if l.latency == 0 || l.latency >= quickUnder { // 0: it has not answered yet
		return 1
	}
	return deckMost
}

// deck is what a slot goes on with, in order. The loop puts turns there and may take one back; whoever takes one out has
// it.
type deck struct {
	mu    sync.Mutex // guards turns
	turns []*turn
}

func (d *deck) put(t *turn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turns = append(d.turns, t)
}

// take takes the first; nil: there is none.
func (d *deck) take() *turn {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.turns) == 0 {
		return nil
	}
	t := d.turns[0]
	d.turns = slices.Delete(d.turns, 0, 1)
	return t
}

// withdraw takes a turn back; false: the slot has it.
func (d *deck) withdraw(t *turn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.Index(d.turns, t)
	if i < 0 {
		return false
	}
	d.turns = slices.Delete(d.turns, i, i+1)
	return true
}
