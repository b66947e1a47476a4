package ui

import (
	"fmt"
	"time"

	"rehook/retry"
	"rehook/ui/plain"
)

// laneColumn is a figure of an endpoint.
type laneColumn struct {
	head  string
	width int
	host  int // it is there only if that leaves the host as much
	cell  func(*state, retry.Endpoint) said
}

// laneColumns are the figures in the order of the pane; those that matter less come only where there is room.
func laneColumns() []laneColumn {
	return []laneColumn{
		{"WAIT", 6, 0, func(_ *state, e retry.Endpoint) said { return said{"", dash(thousands(e.Waiting))} }},
		{"OK", 6, 0, success},
		{"FLY", 6, 22, flying},
		{"RATE", 6, 22, func(s *state, e retry.Endpoint) said { return said{s.styles.quiet, dash(rate(s.meterOf(e).perSecond))} }},
		{"P50", 8, 22, func(s *state, e retry.Endpoint) said { return said{s.styles.quiet, dash(latency(e.P50))} }},
		{"P95", 8, 22, func(s *state, e retry.Endpoint) said { return said{"", dash(latency(e.P95))} }},
		{"ALLOWED", 17, 24, allowed},
		{"SINCE", 7, 28, func(s *state, e retry.Endpoint) said { return said{s.styles.quiet, ageWords(s.now, e.Since, 4)} }},
		{"DELIVERED", 11, 28, func(s *state, e retry.Endpoint) said { return said{s.styles.quiet, dash(thousands(e.Delivered))} }},
		{"FAILED", 8, 28, func(s *state, e retry.Endpoint) said { return said{s.styles.quiet, dash(thousands(e.Failed))} }},
	}
}

// lanePlan is which columns a width has room for.
type lanePlan struct {
	host, state, last int
	columns           []laneColumn
	latencies         bool // they have columns of their own
}

const hostMost = 44 // beyond, the last answer is told in words

func planLanes(w int) lanePlan {
	p := lanePlan{state: 12}
	if w >= 100 {
		p.state = 20
	}
	p.host = w - 4 - p.state // the sign, and a space on each side
	for _, c := range laneColumns() {
		if p.host-c.width < c.host {
			break
		}
		p.host -= c.width
		p.columns = append(p.columns, c)
		p.latencies = p.latencies || c.head == "P95"
	}
	if more := p.host - hostMost; more > 20 {
		p.host, p.last = hostMost, more-2
	}
	return p
}

// header is one run of one style.
func (p lanePlan) header(s *state, w int) string {
	l := newLine(w).skip(3).cell("", "HOST", p.host-1).skip(1).cell("", "STATE", p.state)
	for _, c := range p.columns {
		l.cellRight("", c.head, c.width)
	}
	if p.last > 0 {
		l.skip(2).cell("", "LAST ANSWER", p.last)
	}
	return newLine(w).add(s.styles.quiet, l.b.String()).String()
}

func (p lanePlan) row(s *state, w int, under style, lane retry.Endpoint) string {
	l := newLine(w).on(under, s.styles.cursorAll && under != "").skip(1)
	sign, state := s.laneWords(lane, p)
	l.add(sign.style, sign.text).skip(1).cell("", plain.Short(shortURL(lane.Endpoint), p.host-1), p.host-1).skip(1).
		cell(state.style, state.text, p.state)
	for _, c := range p.columns {
		cell := c.cell(s, lane)
		l.cellRight(cell.style, cell.text, c.width)
	}
	if p.last > 0 {
		l.skip(2).cell(s.styles.quiet, plain.Short(lastAnswer(lane), p.last), p.last)
	}
	return l.String()
}

// flying is attempts in flight of as many as there may be.
func flying(s *state, e retry.Endpoint) said {
	words := fmt.Sprintf("%d/%d", e.InFlight, e.Limit)
	if e.Limit > 0 && e.InFlight >= e.Limit {
		return said{"", words} // it is full
	}
	return said{s.styles.quiet, words}
}

// success is how many attempts of a hundred delivered in the last minutes.
func success(s *state, e retry.Endpoint) said {
	switch n := s.meterOf(e).success(e.Delivered, e.Failed); {
	case n < 0:
		return said{s.styles.quiet, "·"}
	case n < 50:
		return said{s.styles.bad, fmt.Sprintf("%d%%", n)}
	case n < 95:
		return said{s.styles.warn, fmt.Sprintf("%d%%", n)}
	default:
		return said{s.styles.good, fmt.Sprintf("%d%%", n)}
	}
}

// allowed is how many attempts a second there may be, and who says so.
func allowed(s *state, e retry.Endpoint) said {
	switch {
	case e.Rate == 0 && e.LimitedBy != "":
		return said{"", "limit by " + plain.Line(e.LimitedBy)}
	case e.Rate == 0:
		return said{s.styles.quiet, "·"}
	case e.Learned:
		return said{s.styles.warn, rate(e.Rate) + " learned"}
	case e.LimitedBy != "":
		return said{"", rate(e.Rate) + " by " + plain.Line(e.LimitedBy)}
	}
	return said{s.styles.quiet, rate(e.Rate)}
}

// lastAnswer is what the last attempt came to, in words.
func lastAnswer(e retry.Endpoint) string {
	switch {
	case e.LastError != "":
		return e.LastError
	case e.LastStatus != 0:
		return fmt.Sprint(e.LastStatus)
	}
	return "none yet"
}

// meterOf is the meter of an endpoint; every endpoint of a status has one.
func (s *state) meterOf(e retry.Endpoint) *meter {
	if m := s.meters[e.Endpoint]; m != nil {
		return m
	}
	return &meter{marks: []reading{{at: time.Time{}}}}
}
