package retry

import "time"

// tempoLeast is the shortest time that a tempo is measured over: what comes in a moment is none.
const tempoLeast = 250 * time.Millisecond

// tempo measures how many a second there were in the last second, or since the first if that is not as long ago.
type tempo struct {
	current, last float64 // in the second that began at since, and in the one before
	since         time.Time
	first         time.Time
}

func (t *tempo) add(now time.Time) {
	t.turn(now)
	t.current++
}

func (t *tempo) perSecond(now time.Time) float64 {
	t.turn(now)
	if running := now.Sub(t.first); running < time.Second {
		return t.current / max(running, tempoLeast).Seconds()
	}
	return t.current + t.last*(1-now.Sub(t.since).Seconds())
}

func (t *tempo) turn(now time.Time) {
	switch passed := now.Sub(t.since); {
	case passed >= 2*time.Second:
		*t = tempo{since: now, first: now}
	case passed >= time.Second:
		t.current, t.last, t.since = 0, t.current, t.since.Add(time.Second)
	}
}
