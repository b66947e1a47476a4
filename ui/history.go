package ui

import (
	"slices"
	"strings"
	"time"

	"rehook/retry/deadletter"
)

const (
	sampleEvery = 5 * time.Second
	keptSamples = 720 // an hour
)

// history is how deep the queues were, one sample in five seconds over the last hour.
type history struct {
	last    time.Time
	waiting []int
	parked  []int
}

// add takes a depth that was read at a moment; the zero time is no reading.
func (h *history) add(at time.Time, d deadletter.Depth) {
	if at.IsZero() || at.Sub(h.last) < sampleEvery && len(h.waiting) > 0 {
		return
	}
	h.last = at
	h.waiting = appendKept(h.waiting, d.Total())
	h.parked = appendKept(h.parked, d.Parked)
}

func appendKept(samples []int, n int) []int {
	samples = append(samples, n)
	return samples[max(0, len(samples)-keptSamples):]
}

var sparks = []rune("▁▂▃▄▅▆▇█")

// sparkline draws samples in at most width cells, the highest of each share of them, on a scale from nothing to
// the highest of all: what has hardly changed looks so.
func sparkline(samples []int, width int) string {
	if len(samples) == 0 || width <= 0 {
		return ""
	}
	each := (len(samples) + width - 1) / width
	high := max(1, slices.Max(samples))
	var b strings.Builder
	for part := range slices.Chunk(samples, each) {
		b.WriteRune(sparks[(max(0, slices.Max(part))*(len(sparks)-1)+high/2)/high])
	}
	return b.String()
}

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
