package retry

import "time"

// meterSeconds is the window of a rate.
const meterSeconds = 10

// meter counts events in the last ten seconds.
type meter struct {
	counts [meterSeconds]int64
	last   int64 // the second that was counted last, since 1970
}

func (m *meter) add(now time.Time, n int64) {
	m.turn(now)
	m.counts[m.last%meterSeconds] += n
}

// rate is the average a second.
func (m *meter) rate(now time.Time) float64 {
	m.turn(now)
	var sum int64
	for _, n := range m.counts {
		sum += n
	}
	return float64(sum) / meterSeconds
}

// turn empties the seconds that have passed since the last count.
func (m *meter) turn(now time.Time) {
	s := now.Unix()
	for i := max(m.last+1, s-meterSeconds+1); i <= s; i++ {
		m.counts[i%meterSeconds] = 0
	}
	m.last = max(m.last, s)
}
