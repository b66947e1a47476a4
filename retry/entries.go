package retry

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// shown are letters that have left the inventory but can still be looked at: the latest of them.
type shown struct {
	most  int
	byID  map[string]Entry
	order []string // oldest first

	standing map[string]*standing // in the figures of all letters; nil: they do not count
}

// show keeps a letter to be looked at.
func (e *Engine) show(s *shown, entry Entry) {
	id := entry.Letter.ID
	if _, known := s.byID[id]; !known {
		s.order = append(s.order, id)
	}
	if s.standing != nil {
		entry.Cause = e.accountShown(s, entry)
	}
	s.byID[id] = entry
	e.touchID(id)
	if len(s.order) > s.most {
		oldest := s.order[0]
		s.order = s.order[1:]
		e.drop(s, oldest)
	}
}

func (e *Engine) hide(s *shown, id string) {
	if _, known := s.byID[id]; known {
		s.order = slices.DeleteFunc(s.order, func(x string) bool { return x == id })
		e.drop(s, id)
	}
}

func (e *Engine) drop(s *shown, id string) {
	delete(s.byID, id)
	if st := s.standing[id]; st != nil {
		e.unaccount(st)
		delete(s.standing, id)
	}
	e.touchID(id)
}

// entryOf gives a letter wherever it stands now.
func (e *Engine) entryOf(id string) (Entry, bool) {
	if it := e.items[id]; it != nil {
		return e.entry(it), true
	}
	if entry, ok := e.parked.byID[id]; ok {
		return entry, true
	}
	entry, ok := e.finished.byID[id]
	return entry, ok
}

func (e *Engine) entries() []Entry {
	all := make([]Entry, 0, len(e.items)+len(e.parked.byID)+len(e.finished.byID))
	for _, it := range e.items {
		all = append(all, e.entry(it))
	}
	for _, s := range []*shown{&e.parked, &e.finished} {
		for _, id := range s.order {
			if e.items[id] == nil {
				all = append(all, s.byID[id])
			}
		}
	}
	return all
}

func (e *Engine) entry(it *item) Entry {
	entry := Entry{
		Letter: it.letter, Phase: Waiting, Due: it.due, WaitSince: it.waitSince, HeldBy: it.heldBy,
		ReceivedAt: it.receivedAt, ExpiresAt: e.expiry(it), LeasedUntil: it.lease.Until, Receives: it.lease.Receives,
	}
	if it.standing.cause != nil {
		entry.Cause = it.standing.cause.Key
	}
	switch it.state {
	case inFlight:
		entry.Phase = InFlight
	case settling:
		entry.Phase = Settling
	case idle, returning, onDeck:
		entry.Wait, entry.Due = e.waitFor(it)
	}
	return entry
}

// waitFor says what a letter waits for, and until when if that is known.
func (e *Engine) waitFor(it *item) (Wait, time.Time) {
	switch {
	case it.parkAs != "":
		return ForParking, it.due
	case it.heldBy != "":
		return ForRelease, time.Time{}
	case it.lane != nil && it.lane.hushes(it, e.now):
		return ForRetryAfter, it.lane.notBefore
	case it.forced:
		return ForTurn, e.now
	case it.kept():
		return ForCommand, time.Time{}
	case it.due.After(e.now) && it.why != "":
		return it.why, it.due
	case e.paused:
		return ForResume, time.Time{}
	case it.lane != nil && it.lane.breaker.state == Open:
		return ForBreaker, it.lane.breaker.until
	case it.lane != nil && it.lane.notBefore.After(e.now):
		return ForRetryAfter, it.lane.notBefore
	default:
		return ForTurn, it.due
	}
}

// status is everything but the letters.
func (e *Engine) status() Status {
	s := Status{
		At: e.now, MaxRetries: e.cfg.MaxRetries, Queue: e.cfg.Name, Parked: e.cfg.ParkedName, Where: e.cfg.Where, StartedAt: e.started,
		Depth: e.depth, DepthAt: e.depthAt,
		LinkDown: e.link.down, LinkSince: e.link.since, LinkError: e.link.err, LinkHint: e.link.hint,
		Paused: e.paused, PausedBy: e.pausedBy, PausedAt: e.pausedAt,
		Endpoints: e.endpoints(), Causes: e.causes.list(e.now), Jobs: e.jobsNow(), Counters: e.counters,
		PerSecond: Rates{Delivered: e.deliveries.rate(e.now), Failed: e.failures.rate(e.now), Received: e.receipts.rate(e.now)},
		Held:      len(e.items), HeldMax: e.cfg.Inventory, HeldBytes: e.bytes, HeldBytesMax: e.cfg.Bytes,
	}
	s.Counters.InFlight = int64(e.inState[inFlight] + e.inState[settling])
	s.Counters.Waiting = int64(e.inState[idle] + e.inState[returning] + e.inState[onDeck])
	s.FirstExpiry = e.firstExpiry()
	if e.cfg.Requests != nil {
		s.Requests = e.cfg.Requests()
	}
	return s
}

// expiry is when the queue drops the letter's message; zero if the queue did not say when it got it.
func (e *Engine) expiry(it *item) time.Time {
	if it.lease.SentAt.IsZero() {
		return time.Time{}
	}
	return it.lease.SentAt.Add(e.cfg.Queue.Retention())
}

func (e *Engine) endpoints() []Endpoint {
	lanes := slices.SortedFunc(maps.Values(e.lanes), func(a, b *lane) int { return cmp.Compare(a.endpoint, b.endpoint) })
	all := make([]Endpoint, 0, len(lanes))
	for _, l := range lanes {
		p50, p95 := l.latencies.percentiles()
		all = append(all, Endpoint{
			Endpoint: l.endpoint, State: l.breaker.state, Until: l.breaker.until, NotBefore: l.notBefore,
			Waiting: l.letters - l.inFlight, InFlight: l.inFlight, Limit: l.limit(),
			Rate: l.rate(e.now), Learned: l.learned.rate > 0 && l.rate(e.now) == l.learned.rate, LimitedBy: l.bounds.by,
			Delivered: l.delivered, Failed: l.failed, LastStatus: l.lastStatus, LastError: l.lastError,
			Since: l.breaker.since, Latency: l.latency, P50: p50, P95: p95,
		})
	}
	return all
}
