package retry

import "cmp"

// repute is what an endpoint is known for. Those that may hang, or hold a slot for long, have a part of all slots and no
// more, however many they are, so that the others find one free.
type repute int

const (
	silent    repute = iota // its attempts end without an answer, after a while
	unknown                 // it has not answered yet
	slow                    // it answers, and takes its time
	answering               // it answers, whatever it says
	reputes
)

// share is how many attempts at once the endpoints of one repute have together with those of worse ones.
func (s repute) share(concurrency int) int {
	switch s {
	case silent:
		return max(1, concurrency/16)
	case unknown:
		return max(1, concurrency/2)
	case slow:
		return max(1, concurrency-concurrency/8)
	case answering, reputes:
	}
	return concurrency
}

// line is where lanes wait for a slot: the one with the fewest in flight is next, so that slots that are held for long
// are shared as fairly as those that are not. Of several the one is next that has waited longest.
type line struct {
	waiting [reputes]*heap[*lane]
	flying  [reputes]int // attempts in flight, by what was known of the endpoint when they began
	serial  int64
}

func newLine() *line {
	var line line
	for s := range line.waiting {
		line.waiting[s] = &heap[*lane]{
			less: func(a, b *lane) bool {
				return cmp.Or(cmp.Compare(a.inFlight, b.inFlight), cmp.Compare(a.turn, b.turn)) < 0
			},
			place: func(l *lane, i int) { l.lined = i },
		}
	}
	return &line
}

// join puts a lane at its place in the line.
func (n *line) join(l *lane) {
	n.serial++
	l.turn, l.linedAs = n.serial, l.repute()
	if l.ready.first().forced {
		l.linedAs = answering // an operator waits
	}
	n.waiting[l.linedAs].push(l)
}

// hurry gives a lane in the line a better place, if an operator now waits for its first letter.
func (n *line) hurry(l *lane) {
	if l.linedAs != answering && l.ready.first().forced {
		n.leave(l)
		n.join(l)
	}
}

// moved is told that a lane has fewer in flight.
func (n *line) moved(l *lane) {
	if l.queued() {
		n.waiting[l.linedAs].remove(l.lined)
		n.waiting[l.linedAs].push(l)
	}
}

// next is the lane whose turn it is, nil if there is none. Those of bad repute come first, because they get so little:
// what they have counts for those of a better one too, or together they would leave the best nothing.
func (n *line) next(concurrency int) *lane {
	flying := 0
	for s, waiting := range n.waiting {
		flying += n.flying[s]
		if waiting.len() > 0 && flying < repute(s).share(concurrency) {
			return waiting.first()
		}
	}
	return nil
}

// leave takes a lane out of the line.
func (n *line) leave(l *lane) { n.waiting[l.linedAs].remove(l.lined) }
