package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
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
	lines := []string{row().add("", c.where(w)).skip(2).add(st.bad, plain.Short(c.Reason, w)).String()}
	for i, part := range fold(c.Shape, w-4, 3) {
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
	switch c.Reason {
	case "401", "403", string(deadletter.Unauthorized):
		return "the endpoint does not accept the credentials: renew them there or in Genesys Cloud, then redrive"
	case "404", "405", "410":
		return "the address may be wrong or gone: correct it in Genesys Cloud, and redrive these to the right one with R"
	case "408", string(delivery.Timeout):
		return "the endpoint does not answer in time: look at its load; the engine tries again by itself"
	case "429":
		return "the endpoint takes no more a second: the engine has learned how many, and goes on by itself"
	case string(delivery.Refused), string(delivery.Reset), string(delivery.Unreachable), string(delivery.CutOff):
		return "nothing answers there: is it running, is a firewall between? The engine tries again by itself"
	case string(delivery.DNS):
		return "the name is not known: look for a typing mistake, or for the DNS of this machine"
	case string(delivery.TLS):
		return "the certificate is not accepted: is it out of date, or for another name?"
	case string(delivery.NotAllowed):
		return "our own guard keeps private addresses from being called: allow this one with --allow"
	case string(delivery.BadURL), string(deadletter.Unreadable), "no endpoint":
		return "nothing can be sent for these as they are: read one, then redrive to an endpoint with R, or delete"
	case restOfCauses:
		return "enter shows these letters, one by one"
	}
	status, err := strconv.Atoi(strings.TrimSpace(c.Reason))
	switch {
	case err == nil && status >= 500:
		return "the endpoint fails: its log says why; the engine tries again by itself, r tries now"
	case err == nil && status >= 400:
		return "the endpoint does not take these as they are: read one; they can be edited, or parked"
	case err == nil && status >= 300:
		return "the endpoint has moved: correct the address in Genesys Cloud, and redrive these to the new one with R"
	}
	return "read one letter: enter shows them"
}
