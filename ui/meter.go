package ui

import "time"

// meter turns a counter into a rate.
type meter struct {
	at        time.Time
	count     int64
	perSecond float64
}

// meterSpan is the least time over which a rate is taken.
const meterSpan = 5 * time.Second

func (m *meter) read(at time.Time, count int64) {
	passed := at.Sub(m.at)
	switch {
	case m.at.IsZero() || count < m.count: // the first reading, or a new engine's
		m.at, m.count = at, count
	case passed >= meterSpan:
		m.perSecond = float64(count-m.count) / passed.Seconds()
		m.at, m.count = at, count
	}
}
