package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui/plain"
)

const (
	// planAfter is how long the options of an action rest before the engine is asked what they come to.
	planAfter = 150 * time.Millisecond
	// planWithin bounds the answer.
	planWithin = 10 * time.Second
)

// foretold is what the engine says that a command would do, as it was asked last.
type foretold struct {
	asked int // how often it was asked
	known bool
	plan  retry.Plan
	err   error
}

// refused tells whether the engine would not begin the command.
func (f *foretold) refused() bool { return errors.Is(f.err, retry.ErrRefused) }

// foretell asks the engine what a plan comes to. An answer to an older question is none.
func (m *Model) foretell(p *plan, after time.Duration) tea.Cmd {
	p.engine.asked++
	p.engine.err = nil
	asked, engine, command := p.engine.asked, m.s.cfg.Engine, p.command(m.s.cfg.By)
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		if !wait(ctx, after) {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, planWithin)
		defer cancel()
		says, err := engine.Plan(ctx, command)
		return planned{p, asked, says, err}
	})
}

func (p *plan) foretold(msg planned) {
	if msg.asked != p.engine.asked {
		return
	}
	p.engine = foretold{msg.asked, msg.err == nil, msg.says, msg.err}
	if msg.err == nil && p.count != nil {
		p.count = p.count.of(msg.says.Letters + msg.says.Unknown)
	}
}

// lane is a row of a plan: how many letters go to an endpoint, and what that lets through now.
type lane struct {
	name    string
	letters int
	now     said
}

// lanes are the endpoints of a plan, most letters first: as the engine says, and until then as the screen sees it.
func (p *plan) lanes(s *state) []lane {
	var all []lane
	if p.engine.known {
		for _, to := range p.engine.plan.Endpoints {
			all = append(all, lane{laneOf(to.Endpoint.Endpoint), to.Letters, p.laneWords(&s.styles, to.Endpoint)})
		}
		return all
	}
	for _, name := range byCount(p.hosts) {
		all = append(all, lane{name, p.hosts[name], p.laneNow(s, name)})
	}
	return all
}

// laneWords say what an endpoint lets through of what is sent.
func (p *plan) laneWords(st *styles, e retry.Endpoint) said {
	switch {
	case !p.verb.sends:
		return said{}
	case e.State == retry.Open:
		return said{st.bad, "breaker is open"}
	case e.Limit == 0:
		return said{}
	case e.Rate > 0:
		return said{st.quiet, fmt.Sprintf("at most %d at once, %s", e.Limit, rate(e.Rate))}
	}
	return said{st.quiet, fmt.Sprintf("at most %d at once", e.Limit)}
}

// pace is the line that says how long it takes, or why that is not known. Where nothing is sent there is nothing to say.
func (p *plan) pace(s *state) said {
	st, e := &s.styles, &p.engine
	switch {
	case e.err != nil:
		return said{st.bad, plain.Line(e.err.Error())}
	case !e.known:
		return said{st.quiet, "asking the engine …"}
	case !p.verb.sends || p.idle():
		return said{}
	}
	words := ""
	if e.plan.Canary {
		words = "one first, then ten, then the rest; "
	}
	if e.plan.Rate > 0 {
		words += paceWords(e.plan.Rate) + ", "
	}
	if e.plan.Takes > 0 {
		return said{st.strong, words + "takes at least " + countdown(e.plan.Takes)}
	}
	return said{st.quiet, words + "begins at once"}
}

// paceWords say how many begin in a second, or how often one begins.
func paceWords(perSecond float64) string {
	if perSecond < 0.1 {
		return "one every " + countdown(time.Duration(float64(time.Second)/perSecond))
	}
	return rate(perSecond)
}
