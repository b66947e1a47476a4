package ui

import (
	"cmp"
	"fmt"
	"slices"

	"rehook/retry"
	"rehook/ui/plain"
)

// endpoints is the pane of lanes: what each endpoint lets through.
type endpoints struct{ scroll scroll }

func (e *endpoints) title(s *state, left, right *line) {
	name(s, endpointsPane, left, "ENDPOINTS")
	st := &s.styles
	broken, slow, bad := 0, 0, 0
	for _, lane := range s.status.Endpoints {
		switch {
		case lane.State == retry.Open:
			broken++
		case lane.State == retry.HalfOpen || lane.NotBefore.After(s.now) || lane.Learned:
			slow++
		case failing(lane):
			bad++
		}
	}
	if s.layout.boxes[endpointsPane].h == 0 {
		left.skip(2).add("", fmt.Sprint(len(s.status.Endpoints)))
	}
	if broken > 0 {
		right.add(st.bad, fmt.Sprintf("✗ %d open", broken))
	}
	if slow > 0 {
		right.skip(min(1, right.used)).add(st.warn, fmt.Sprintf("◐ %d slowed", slow))
	}
	if bad > 0 {
		right.skip(min(1, right.used)).add(st.warn, fmt.Sprintf("◐ %d failing", bad))
	}
}

func (e *endpoints) lines(s *state, box rect) []string {
	lanes := s.lanes()
	if len(lanes) == 0 {
		return centred(box.w, box.h, said{s.styles.quiet, "no endpoint yet"})
	}
	var lines []string
	rows, plan := box.h, planLanes(box.w)
	if box.h > 2 {
		rows--
		lines = append(lines, plan.header(s, box.w))
	}
	e.scroll.fit(len(lanes), rows)
	for i := e.scroll.top; i < min(len(lanes), e.scroll.top+rows); i++ {
		under := style("")
		if i == e.scroll.at && s.focus == endpointsPane {
			under = s.styles.cursor
		}
		lines = append(lines, plan.row(s, box.w, under, lanes[i]))
	}
	return fill(lines, box.w, box.h)
}

// dash stands for nothing: a column of zeros hides the figures that are none.
func dash(figure string) string {
	if figure == "0" || figure == "0/s" || figure == "" {
		return "·"
	}
	return figure
}

// failing tells whether the last attempt in a lane failed.
func failing(lane retry.Endpoint) bool {
	return lane.LastError != "" || lane.LastStatus != 0 && lane.LastStatus/100 != 2
}

// laneWords are the sign and the state of a lane.
func (s *state) laneWords(lane retry.Endpoint, p lanePlan) (sign, state said) {
	st := &s.styles
	switch {
	case lane.State == retry.Open && lane.Until.After(s.now):
		return said{st.bad, "✗"}, said{st.bad, "open " + clockDown(lane.Until.Sub(s.now))}
	case lane.State == retry.Open:
		return said{st.bad, "✗"}, said{st.bad, "open"}
	case lane.State == retry.HalfOpen:
		return said{st.warn, "◐"}, said{st.warn, "probing"}
	case lane.NotBefore.After(s.now):
		return said{st.warn, "◐"}, said{st.warn, "quiet " + clockDown(lane.NotBefore.Sub(s.now))}
	case lane.Learned:
		return said{st.warn, "◐"}, said{st.warn, "slow " + rate(lane.Rate)}
	case failing(lane):
		cause := failure(lane.LastStatus, lane.LastError)
		words := "failing " + plain.Short(cause, p.state)
		if plain.Width(words) > p.state {
			words = plain.Short(cause, p.state)
		}
		return said{st.warn, "◐"}, said{st.warn, words}
	}
	sign = said{st.good, "✓"}
	if untried(lane) { // whether it takes anything is not known
		sign = said{st.quiet, "·"}
	}
	return sign, said{st.quiet, s.soundWords(lane, p)}
}

// untried tells whether a lane has had no attempt yet.
func untried(lane retry.Endpoint) bool {
	return lane.Delivered+lane.Failed == 0 && lane.Latency == 0
}

// soundWords are for a lane with which all is well.
func (s *state) soundWords(lane retry.Endpoint, p lanePlan) string {
	switch {
	case lane.LimitedBy != "" && lane.Rate > 0:
		return "limit " + rate(lane.Rate)
	case untried(lane):
		return "untried"
	case p.latencies:
		return "answers"
	case lane.P95 > 0:
		return "p95 " + latency(lane.P95)
	}
	return latency(lane.Latency)
}

// lanes puts what is broken first; within that, by name.
func (s *state) lanes() []retry.Endpoint {
	lanes := slices.Clone(s.status.Endpoints)
	slices.SortStableFunc(lanes, func(a, b retry.Endpoint) int {
		return cmp.Compare(laneRank(a), laneRank(b))
	})
	return lanes
}

func laneRank(lane retry.Endpoint) int {
	switch {
	case lane.State == retry.Open:
		return 0
	case lane.State == retry.HalfOpen:
		return 1
	case failing(lane):
		return 2
	}
	return 3
}

// current is the lane that the cursor is on.
func (e *endpoints) current(s *state) (retry.Endpoint, bool) {
	lanes := s.lanes()
	if e.scroll.at >= len(lanes) {
		return retry.Endpoint{}, false
	}
	return lanes[e.scroll.at], true
}

func (e *endpoints) move(s *state, m motion, h int) {
	e.scroll.move(m, len(s.status.Endpoints), max(1, h-1))
}

func (e *endpoints) point(s *state, y, h int) {
	e.scroll.at = e.scroll.top + y - 1
	e.scroll.fit(len(s.status.Endpoints), max(1, h-1))
}
