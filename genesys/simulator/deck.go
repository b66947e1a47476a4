package simulator

import "math/rand/v2"

// deck deals cards in random order, all of them before any comes again, so that even a short run has its
// share of each.
type deck[T any] struct {
	cards []T
	dealt int
}

func (d *deck[T]) add(card T, times int) {
	for range times {
		d.cards = append(d.cards, card)
	}
}

func (d *deck[T]) deal(rng *rand.Rand) T {
	if d.dealt%len(d.cards) == 0 {
		rng.Shuffle(len(d.cards), func(i, j int) { d.cards[i], d.cards[j] = d.cards[j], d.cards[i] })
	}
	d.dealt++
	return d.cards[(d.dealt-1)%len(d.cards)]
}
