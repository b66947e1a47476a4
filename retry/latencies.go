package retry

import (
	"slices"
	"time"
)

// latenciesKept is how many of an endpoint's last answers its percentiles are of: at 95 % six of them are beyond.
const latenciesKept = 128

// latencies are how long the last answers of an endpoint took. A lane has them from its first answer on, and they
// never grow.
type latencies struct {
	micros [latenciesKept]uint32 // a ring; no attempt takes the 71 minutes that fit
	n      int                   // answers so far
	told   int                   // of them, when the percentiles were last taken
	p50    time.Duration
	p95    time.Duration
}

func (l *latencies) add(d time.Duration) {
	l.micros[l.n%latenciesKept] = uint32(min(max(d.Microseconds(), 0), 1<<32-1))
	l.n++
}

// percentiles are the latencies that half, and nineteen of twenty, of the answers stayed within; 0 without any. Every
// screen asks with every update, so they are taken again only if there was an answer since.
func (l *latencies) percentiles() (p50, p95 time.Duration) {
	if l == nil {
		return 0, 0
	}
	if l.told != l.n {
		sorted := l.micros
		kept := sorted[:min(l.n, latenciesKept)]
		slices.Sort(kept)
		l.p50, l.p95, l.told = nth(kept, 50), nth(kept, 95), l.n
	}
	return l.p50, l.p95
}

// nth is the least of sorted latencies that so many percent of them are within.
func nth(sorted []uint32, percent int) time.Duration {
	return time.Duration(sorted[(len(sorted)*percent+99)/100-1]) * time.Microsecond
}
