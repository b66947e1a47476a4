package ui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui/plain"
)

// plan says what a verb will do before it does it: to how many letters, of which endpoints, and to which not.
// Its ids are frozen: what arrives or leaves afterwards changes nothing in it.
type plan struct {
	unread
	verb   verb
	ids    []string
	hosts  map[string]int // letters by lane
	cannot map[string]int // letters by why not
	count  *count         // what must be typed first; nil: nothing
	named  bool           // its letters were named, not selected: the selection stays
	dry    bool           // nothing is done
	more   bool           // R asks for its options
	why    string         // the operator's reason; empty: none was given
	engine foretold       // what the engine says of it
}

func (m *Model) plan(v verb, ids []string) *plan {
	p := &plan{unread: unread{time.Now()}, verb: v, hosts: map[string]int{}, cannot: map[string]int{}}
	for _, id := range ids {
		r := m.s.letters.byID[id]
		if r == nil {
			p.cannot["gone"]++
			continue
		}
		if why := v.cannot(r); why != "" {
			p.cannot[why]++
			continue
		}
		p.ids = append(p.ids, id)
		p.hosts[laneOf(r.Letter.OriginalEndpoint)]++
	}
	if v.destroys && len(p.ids) > 1 {
		p.count = &count{want: len(p.ids)}
	}
	return p
}

// command is what the engine is asked for.
func (p *plan) command(by string) retry.Command { return because(p.verb.command(p.ids, by), p.why) }

// laneOf names the lane of an endpoint.
func laneOf(endpoint string) string {
	if endpoint == "" {
		return "no endpoint"
	}
	return host(endpoint)
}

// reasons are why letters are left out, in one line.
func (p *plan) reasons() string {
	var words []string
	for _, why := range byCount(p.cannot) {
		words = append(words, fmt.Sprintf("%s %s", thousands(p.cannot[why]), why))
	}
	for _, cannot := range p.engine.plan.Cannot {
		words = append(words, fmt.Sprintf("%s: %s", thousands(cannot.Letters), plain.Line(cannot.Why)))
	}
	return strings.Join(words, ", ")
}

func (p *plan) heading() string {
	n := len(p.ids)
	if e := &p.engine; e.known {
		n = e.plan.Letters + e.plan.Unknown
	}
	return strings.ToUpper(p.verb.does + " " + lettersWord(n))
}

// idle tells whether the engine says that there is nothing to do.
func (p *plan) idle() bool {
	e := &p.engine
	return e.known && e.plan.Letters+e.plan.Unknown == 0
}

// shownHosts is how many endpoints a plan names.
const shownHosts = 6

func (p *plan) lines(s *state, w, h int) []string {
	end := p.end(s, w)
	lines := p.body(s, w, h-len(end))
	lines = append(lines, end...)
	return lines[max(0, len(lines)-h):]
}

// body says where the letters go, how long that takes, and which are left out, in at most h lines if it can.
func (p *plan) body(s *state, w, h int) []string {
	var below []string
	if pace := p.pace(s); pace.text != "" {
		below = append(below, newLine(w).add(pace.style, pace.text).String())
	}
	if len(p.cannot) > 0 || p.engine.known && len(p.engine.plan.Cannot) > 0 {
		below = append(below, p.left(s, w)...)
	}
	if n := p.engine.plan.Unknown; p.engine.known && n > 0 {
		below = append(below, newLine(w).add(s.styles.quiet, lettersWord(n)+" not seen yet: looked for in the parked queue").String())
	}
	lanes := p.lanes(s)
	room := min(shownHosts, h-len(below)-2)
	if room < 1 {
		return below
	}
	lines, shown, longest := []string{newLine(w).String()}, lanes[:min(len(lanes), room)], 0
	for _, to := range shown {
		longest = min(max(longest, plain.Width(plain.Short(to.name, w))), w/2)
	}
	for _, to := range shown {
		lines = append(lines, newLine(w).cellRight(s.styles.strong, thousands(to.letters), 8).skip(2).
			cell("", plain.Short(to.name, longest), longest).skip(2).add(to.now.style, to.now.text).String())
	}
	if more := len(lanes) - room; more > 0 {
		lines = append(lines, newLine(w).cellRight(s.styles.quiet, "…", 8).skip(2).add(s.styles.quiet, moreEndpoints(more)).String())
	}
	return append(lines, below...)
}

// left says which letters are left out and why, in at most three lines.
func (p *plan) left(s *state, w int) []string {
	const words = "left as they are: "
	var lines []string
	for i, part := range foldClean(p.reasons(), w-len(words), 3) {
		lines = append(lines, newLine(w).cell(s.styles.warn, pick(i == 0, words, ""), len(words)).add("", part).String())
	}
	return lines
}

// end is what stands below the endpoints.
func (p *plan) end(s *state, w int) []string {
	var lines []string
	if p.verb.after != "" {
		lines = append(lines, newLine(w).String(), newLine(w).add(s.styles.quiet, p.verb.after).String())
	}
	if p.why != "" {
		lines = append(lines, newLine(w).add(s.styles.quiet, "because: ").add("", plain.Line(p.why)).String())
	}
	if p.count != nil && !p.dry {
		lines = append(lines, newLine(w).String(), p.count.line(s, w, p.verb.does))
	}
	stays := "leave them as they are"
	if len(p.ids) == 1 {
		stays = "leave it as it is"
	}
	if p.idle() {
		return append(lines, newLine(w).String(), choices(s, w, "esc", "close: there is nothing to "+p.verb.does))
	}
	keys := []string{"enter", pick(p.dry, "close: a dry run", p.verb.does), "esc", stays}
	if p.more {
		keys = slices.Insert(keys, 2, "R", "options")
	}
	return append(lines, newLine(w).String(), choices(s, w, keys...))
}

func moreEndpoints(n int) string {
	if n == 1 {
		return "and 1 endpoint more"
	}
	return fmt.Sprintf("and %s endpoints more", thousands(n))
}

// laneNow says what an endpoint lets through at present.
func (p *plan) laneNow(s *state, name string) said {
	for _, e := range s.status.Endpoints {
		if host(e.Endpoint) == name {
			return p.laneWords(&s.styles, e)
		}
	}
	return said{}
}

func (p *plan) key(k tea.KeyPressMsg) action {
	switch key := k.String(); {
	case key == "esc" || key == "q" || key == "ctrl+c":
		return dismissed{}
	case p.yet():
	case key == "enter" && p.idle():
		return dismissed{}
	case key == "R" && p.more && !p.idle():
		return optioned{p}
	case key == "enter" && p.dry:
		return rehearsed{p}
	case key == "enter" && !p.engine.refused() && (p.count == nil || p.count.given()):
		return confirmed{p}
	case p.count != nil:
		p.count.key(k)
	}
	return stay{}
}

// byCount are the keys of counts, the largest first.
func byCount(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
}
