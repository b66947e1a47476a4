package ui

import "time"

// meter turns the counters of an endpoint into a rate, and into what came of its attempts lately.
type meter struct {
	latest    reading
	perSecond float64
	marks     []reading // one a minute: success is counted since the first of them
}

// reading is counters at a moment.
type reading struct {
	at                time.Time
	delivered, failed int64
}

const (
	meterSpan = 5 * time.Second // the least time over which a rate is taken
	markEvery = time.Minute
	keptMarks = 6 // so success is of the last five minutes, or six
)

func (m *meter) read(now reading) {
	passed, made := now.at.Sub(m.latest.at), now.delivered+now.failed-m.latest.delivered-m.latest.failed
	switch {
	case m.latest.at.IsZero() || made < 0: // the first reading, or a new engine's: what it counted is as good as lately
		m.latest, m.perSecond, m.marks = now, 0, []reading{{at: now.at}}
	case passed >= meterSpan:
		m.perSecond = float64(made) / passed.Seconds()
		m.latest = now
	}
	if now.at.Sub(m.marks[len(m.marks)-1].at) >= markEvery {
		m.marks = append(m.marks, now)
		m.marks = m.marks[max(0, len(m.marks)-keptMarks):]
	}
}

// success is how many of a hundred attempts delivered lately; −1: there was none.
func (m *meter) success(delivered, failed int64) int {
	delivered, failed = delivered-m.marks[0].delivered, failed-m.marks[0].failed
	if delivered+failed <= 0 {
		return -1
	}
	return int(100 * delivered / (delivered + failed))
}
