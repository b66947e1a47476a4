package ui

import (
	"fmt"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// current is the group that the cursor is on.
func (g *problems) current() (problem, bool) {
	if !g.shown || g.scroll.at >= len(g.rows) {
		return problem{}, false
	}
	return g.rows[g.scroll.at], true
}

// groupTitle names the group in the title of the detail.
func groupTitle(s *state, c problem, left, right *line) {
	left.skip(2).add("", lettersWord(c.letters)+" in the group")
	right.add(s.styles.quiet, "enter opens the group")
}

// groupDetail says what the letters of a group have in common, since when, how their endpoint is, and what to do.
func groupDetail(s *state, c problem, w, h int) []string {
	st := &s.styles
	row := func() *line { return newLine(w).skip(1) }
	what := row().add("", c.where(w)).skip(2).add(st.bad, plain.Short(c.Reason, w))
	answer := fold(c.Shape, w-4, 3)
	if h < 5 { // what to do is worth a row more than what was answered
		what.skip(2).add(st.quiet, plain.Short(c.Shape, max(0, what.left()-3)))
		answer = nil
	}
	lines := []string{what.String()}
	for i, part := range answer {
		lines = append(lines, row().add(st.quiet, pick(i == 0, "↳ ", "  ")).add("", part).String())
	}
	for i, part := range foldClean(c.advice(), w-4, 2) {
		lines = append(lines, row().add(st.accent, pick(i == 0, "→ ", "  ")).add("", part).String())
	}
	lines = append(lines,
		row().add(st.quiet, "first ").add("", agoWords(s, c.First)).add(st.quiet, " · last ").add("", agoWords(s, c.Last)).
			add(st.quiet, " · failures in 10m ").add(st.accent, sparkline(c.Trend[:], retry.TrendMinutes)).String(),
		row().add(st.quiet, "all in all ").add("", thousands(c.Waiting)+" waiting").
			add(st.quiet, " · ").add("", thousands(c.Parked)+" parked").String())
	if lane, ok := s.laneOf(c.Endpoint); ok {
		p := planLanes(w)
		p.state = w
		sign, state := s.laneWords(lane, p)
		lines = append(lines, row().add(st.quiet, "the endpoint ").add(sign.style, sign.text+" ").add(state.style, state.text).
			add(st.quiet, fmt.Sprintf(" · %d in flight", lane.InFlight)).String())
	}
	return fill(lines, w, h)
}

// where names the endpoint of a cause.
func (c *problem) where(width int) string {
	switch {
	case c.Key == restOfCauses:
		return "various"
	case c.Endpoint == "":
		return "no endpoint"
	}
	return plain.Short(shortURL(deadletter.MaskURL(c.Endpoint)), width)
}

// laneOf finds what is known of an endpoint.
func (s *state) laneOf(endpoint string) (retry.Endpoint, bool) {
	for _, lane := range s.status.Endpoints {
		if lane.Endpoint == endpoint {
			return lane, true
		}
	}
	return retry.Endpoint{}, false
}

func agoWords(s *state, at time.Time) string {
	if at.IsZero() {
		return "not known"
	}
	return span(s.now.Sub(at)) + " ago"
}

// advice is what can be done about a cause.
func (c *problem) advice() string {
	if c.Reason == restOfCauses {
		return "enter shows these letters, one by one"
	}
	return c.Advice()
}
