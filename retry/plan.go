package retry

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"rehook/retry/delivery"
)

// Plan is what a command would do if it began now. Nothing has been changed for it.
type Plan struct {
	Verb      string
	Letters   int       // that it would be done to
	Endpoints []Planned // where those go, or belong: most letters first
	Unknown   int       // letters that this engine has not seen: they are looked for in the parked queue when it is done
	Cannot    []Reason  // why it cannot be done to the others: most letters first

	Rate   float64       // of a redrive: letters that begin a second; 0: no bound but the lanes'
	Canary bool          // of a redrive: one first, then ten, then the rest
	Takes  time.Duration // of a redrive: at least so long, by its rate, by those of the endpoints, and by how fast they answered; 0: not known
}

// Planned are the letters of a plan for one endpoint.
type Planned struct {
	Letters  int
	Endpoint Endpoint // with what it lets through now
}

// Reason is why a command cannot be done to some letters.
type Reason struct {
	Why     string
	Letters int
}

// reasonsMost bounds the reasons of a plan; some quote what letters say.
const reasonsMost = 50

// planning is a plan under way.
type planning struct {
	Plan
	to     map[string]int // letters by endpoint
	cannot map[string]int // letters by reason
}

// Plan says what a command would do, and changes nothing. The error is [ErrStopped] if the engine has ended, and wraps
// [ErrRefused] if the command would not be begun.
func (e *Engine) Plan(ctx context.Context, c Command) (Plan, error) {
	if err := e.check(c); err != nil {
		return Plan{}, err
	}
	j := newJob(e, c.order())
	return ask(ctx, e, func() Plan { return e.plan(j, c) })
}

func (e *Engine) plan(j *job, c Command) Plan {
	e.now = time.Now()
	p := &planning{Plan: Plan{Verb: j.verb}, to: map[string]int{}, cannot: map[string]int{}}
	switch c := c.(type) {
	case Redrive:
		p.Rate, p.Canary = c.Rate, c.Canary
		to, _ := delivery.EndpointOf(c.To) // it has been checked
		p.each(e, j, func(it *item) string { return e.cannotRedrive(it, c.To) }, to, e.noParked)
	case Park:
		p.each(e, j, e.cannotMove, "", e.noParked)
	case Hold:
		p.each(e, j, e.cannotHold, "", e.noParked)
	case Release:
		p.each(e, j, func(*item) string { return "it is not parked: it waits in the queue" }, "", anyParked)
	case Delete:
		p.each(e, j, e.cannotMove, "", anyParked)
	case Edit:
		parked := anyParked
		if !c.Redrive {
			parked = e.noParked
		}
		to, _ := delivery.EndpointOf(c.Endpoint)
		p.each(e, j, e.cannotMove, to, parked)
	case Limit, Pause, Resume, Cancel:
	}
	p.finish(e.endpoints())
	return p.Plan
}

// anyParked is for what can be done to parked letters.
func anyParked(string) string { return "" }

// noParked is for what cannot be done to letters out of the inventory.
func (e *Engine) noParked(id string) string { return e.whereIs(id) }

// each sorts letters by what would become of them. away says why it cannot be done to one that is not in the inventory.
func (p *planning) each(e *Engine, j *job, here func(*item) string, to string, away func(id string) string) {
	for _, id := range j.ids {
		it := e.items[id]
		parked, isParked := e.parked.byID[id]
		switch why := away(id); {
		case it != nil:
			home := ""
			if it.lane != nil {
				home = it.lane.endpoint
			}
			p.add(here(it), cmp.Or(to, home))
		case why != "":
			p.cannot[why]++
		case isParked:
			home, _ := delivery.EndpointOf(parked.Letter.OriginalEndpoint) // some name none
			p.add("", cmp.Or(to, home))
		default:
			p.Unknown++
		}
	}
}

func (p *planning) add(why, endpoint string) {
	if why != "" {
		p.cannot[why]++
		return
	}
	p.Letters++
	p.to[endpoint]++
}

func (p *planning) finish(lanes []Endpoint) {
	for endpoint, n := range p.to {
		planned := Planned{n, Endpoint{Endpoint: endpoint, State: Closed}}
		if i := slices.IndexFunc(lanes, func(l Endpoint) bool { return l.Endpoint == endpoint }); i >= 0 {
			planned.Endpoint = lanes[i]
		}
		p.Endpoints = append(p.Endpoints, planned)
	}
	slices.SortFunc(p.Endpoints, func(a, b Planned) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Endpoint.Endpoint, b.Endpoint.Endpoint))
	})
	for _, why := range slices.Sorted(maps.Keys(p.cannot)) {
		p.Cannot = append(p.Cannot, Reason{why, p.cannot[why]})
	}
	slices.SortStableFunc(p.Cannot, func(a, b Reason) int { return cmp.Compare(b.Letters, a.Letters) })
	if len(p.Cannot) > reasonsMost {
		rest := Reason{Why: "for other reasons"}
		for _, r := range p.Cannot[reasonsMost-1:] {
			rest.Letters += r.Letters
		}
		p.Cannot = append(p.Cannot[:reasonsMost-1], rest)
	}
	if p.Verb == "redrive" {
		p.Takes = p.takes()
	}
}

// takes is how long a redrive takes at least, as far as that can be known.
func (p *planning) takes() time.Duration {
	longest := 0.0 // seconds
	for _, to := range p.Endpoints {
		if limit := to.Endpoint.Limit; limit > 0 {
			longest = max(longest, to.Endpoint.Latency.Seconds()*float64(to.Letters)/float64(limit))
		}
		if rate := to.Endpoint.Rate; rate > 0 {
			longest = max(longest, float64(to.Letters-1)/rate)
		}
	}
	if p.Rate > 0 && p.Letters > 0 {
		longest = max(longest, float64(p.Letters-1)/p.Rate)
	}
	const most = 100 * 365 * 24 * time.Hour // a century is as good as what does not fit
	return time.Duration(min(longest, most.Seconds()) * float64(time.Second))
}
