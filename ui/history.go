package ui

import (
	"slices"
	"time"

	"rehook/retry"
)

const (
	sampleEvery = 5 * time.Second
	keptSamples = 720 // an hour
	// carriedFor is how many samples a figure stands for those that were not taken: on AWS a depth is read twice a minute.
	carriedFor = 12
	recently   = 6  // samples that a trend is taken from
	before     = 60 // and those that they are compared with
)

// history is how the queues were in the last hour, in samples of five seconds, the latest last.
type history struct {
	last     int64 // the five seconds of the latest sample, since 1970
	samples  []sample
	counters retry.Counters // when it was taken
	at       time.Time
}

// sample is one of them. What nobody has seen has the depth −1.
type sample struct {
	waiting, parked int
	in, out         float64 // letters a second
}

var unseen = sample{waiting: -1, parked: -1}

// add takes a status as a sample, unless there is one of these five seconds.
func (h *history) add(s *retry.Status) {
	slot := s.DepthAt.Unix() / int64(sampleEvery/time.Second)
	if s.DepthAt.IsZero() || slot <= h.last && len(h.samples) > 0 {
		return
	}
	now := sample{waiting: s.Depth.Total(), parked: s.Depth.Parked}
	if passed := s.At.Sub(h.at).Seconds(); passed > 0 && len(h.samples) > 0 {
		now.in = float64(max(0, s.Counters.Taken-h.counters.Taken)) / passed
		now.out = float64(max(0, s.Counters.Delivered-h.counters.Delivered)) / passed
	}
	if missed := min(slot-h.last-1, keptSamples); missed > 0 && len(h.samples) > 0 {
		between := h.samples[len(h.samples)-1]
		between.in, between.out = now.in, now.out
		if missed >= carriedFor {
			between, now.in, now.out = unseen, 0, 0
		}
		h.samples = append(h.samples, slices.Repeat([]sample{between}, int(missed))...)
	}
	h.samples = append(h.samples, now)
	h.samples = h.samples[max(0, len(h.samples)-keptSamples):]
	h.last, h.counters, h.at = slot, s.Counters, s.At
}

// The lengths of time that a chart can show: it grows in steps, not with every sample.
var spans = [...]time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// span is the length of time that there is something to show of.
func (h *history) span() time.Duration {
	for _, d := range spans {
		if time.Duration(len(h.samples))*sampleEvery <= d {
			return d
		}
	}
	return time.Hour
}

// columns are a figure over the span, in width shares of it, the latest last; −1 where nobody looked. Which share a
// sample falls into does not depend on how many there are: a new one changes the last share alone.
func (h *history) columns(width int, figure func([]sample) float64) []float64 {
	if width <= 0 || len(h.samples) == 0 {
		return nil
	}
	total, wide := int64(h.span()/sampleEvery), int64(width)
	begins := func(share int64) int64 { return (share*total + wide - 1) / wide }
	first := h.last - int64(len(h.samples)) + 1
	columns := make([]float64, width)
	for i := range columns {
		share := h.last*wide/total - int64(width-1-i)
		from, to := begins(share), begins(share+1)
		if from == to { // there are more shares than samples
			from--
		}
		columns[i] = -1
		if from, to = max(from, first), min(to, h.last+1); from < to {
			columns[i] = figure(h.samples[from-first : to-first])
		}
	}
	return columns
}

// The figures of a share: the deepest that a queue was, and letters a second on average.

func mostWaiting(samples []sample) float64 {
	return most(samples, func(s sample) int { return s.waiting })
}

func mostParked(samples []sample) float64 {
	return most(samples, func(s sample) int { return s.parked })
}

func meanIn(samples []sample) float64 { return mean(samples, func(s sample) float64 { return s.in }) }

func meanOut(samples []sample) float64 { return mean(samples, func(s sample) float64 { return s.out }) }

func most(samples []sample, of func(sample) int) float64 {
	high := -1
	for _, s := range samples {
		high = max(high, of(s))
	}
	return float64(high)
}

func mean(samples []sample, of func(sample) float64) float64 {
	sum, n := 0.0, 0
	for _, s := range samples {
		if s.waiting >= 0 {
			sum += of(s)
			n++
		}
	}
	if n == 0 {
		return -1
	}
	return sum / float64(n)
}

// trend tells where a rate goes: an arrow where the last half minute is well above or below the five before it.
func (h *history) trend(of func([]sample) float64) string {
	n := len(h.samples)
	if n < 2*recently {
		return ""
	}
	now, was := of(h.samples[n-recently:]), of(h.samples[max(0, n-recently-before):n-recently])
	switch {
	case now < 0 || was < 0: // nobody looked
	case now > was*1.3+0.05:
		return " ↑"
	case now < was/1.3-0.05:
		return " ↓"
	}
	return ""
}

// net is how many letters a second a queue has gained in the last half minute; less than 0: lost.
func (h *history) net(of func([]sample) float64) float64 {
	n := len(h.samples)
	if n <= recently || h.samples[n-1-recently] == unseen {
		return 0
	}
	return (of(h.samples[n-1:]) - of(h.samples[n-1-recently:n-recently])) / (recently * sampleEvery.Seconds())
}
