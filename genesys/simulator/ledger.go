package simulator

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"sync"
)

// Tally is what was counted at the sender and at the endpoints. All figures but Pending only grow, and
// Sent = Direct + Captured + Refused + Abandoned + Pending.
type Tally struct {
	Sent      int // webhooks made
	Direct    int // acknowledged with 2xx, but not 202: an endpoint has taken it
	Captured  int // acknowledged with 202: it is kept, and will be delivered
	Refused   int // never acknowledged, after all attempts that Genesys makes
	Abandoned int // not acknowledged when sending was stopped
	Pending   int // being sent, or waiting to be sent again

	Attempts      int // requests that reached an endpoint
	Delivered     int // webhooks that an endpoint has taken, each counted once
	Duplicates    int // times that an endpoint took a webhook again
	BadSignatures int // requests whose bytes were not those that had been signed

	Endpoints []EndpointTally // in order of host
}

// EndpointTally is the same for one endpoint.
type EndpointTally struct {
	Host          string
	Attempts      int
	Delivered     int
	Duplicates    int
	BadSignatures int
}

// fate is what is known of a webhook; it takes about a hundred bytes for each.
type fate struct{ acknowledged, taken bool }

// ledger hears from the sender and from the endpoints.
type ledger struct {
	mu        sync.Mutex // guards all below
	sums      Tally      // without what is added up from the endpoints
	fates     map[string]fate
	endpoints map[string]*EndpointTally
}

func newLedger() *ledger {
	return &ledger{fates: map[string]fate{}, endpoints: map[string]*EndpointTally{}}
}

// settlement is how the sending of a webhook ended.
type settlement int

const (
	direct settlement = iota
	captured
	refused
	abandoned
)

func (l *ledger) sent() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sums.Sent++
	l.sums.Pending++
}

func (l *ledger) settled(id string, how settlement) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sums.Pending--
	switch how {
	case direct:
		l.sums.Direct++
	case captured:
		l.sums.Captured++
	case refused:
		l.sums.Refused++
		return
	case abandoned:
		l.sums.Abandoned++
		return
	}
	f := l.fates[id]
	f.acknowledged = true
	l.fates[id] = f
}

func (l *ledger) attempted(host string) { l.at(host, func(e *EndpointTally) { e.Attempts++ }) }

func (l *ledger) badSignature(host string) { l.at(host, func(e *EndpointTally) { e.BadSignatures++ }) }

func (l *ledger) taken(host, id string) {
	l.at(host, func(e *EndpointTally) {
		f := l.fates[id]
		if f.taken {
			e.Duplicates++
			return
		}
		e.Delivered++
		f.taken = true
		l.fates[id] = f
	})
}

func (l *ledger) at(host string, change func(*EndpointTally)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.endpoints[host]
	if e == nil {
		e = &EndpointTally{Host: host}
		l.endpoints[host] = e
	}
	change(e)
}

func (l *ledger) tally() Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.sums
	for _, e := range l.endpoints {
		t.Attempts += e.Attempts
		t.Delivered += e.Delivered
		t.Duplicates += e.Duplicates
		t.BadSignatures += e.BadSignatures
		t.Endpoints = append(t.Endpoints, *e)
	}
	slices.SortFunc(t.Endpoints, func(a, b EndpointTally) int { return cmp.Compare(a.Host, b.Host) })
	return t
}

func (l *ledger) unaccounted(queued iter.Seq[string]) []string {
	l.mu.Lock()
	missing := map[string]bool{}
	for id, f := range l.fates {
		if f.acknowledged && !f.taken {
			missing[id] = true
		}
	}
	l.mu.Unlock()
	for id := range queued {
		delete(missing, id)
	}
	return slices.Sorted(maps.Keys(missing))
}
