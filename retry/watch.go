package retry

import "time"

// newLeases orders letters by when their leases are to be looked at. Ten thousand that are looked at in every second are
// a third of all that an engine at rest costs; of those whose leases last for minutes, few are.
func newLeases() *heap[*item] {
	return &heap[*item]{
		less:  func(_, _ *item) bool { return false }, // the rank tells all of them apart
		rank:  func(it *item) uint64 { return rankOf(it.lookAt) },
		place: func(it *item, i int) { it.looked = i + 1 },
	}
}

// watchLease says when a letter's lease is looked at next. It must be called when a lease may end sooner than before;
// of one that lasts longer than was thought, the next look tells.
func (e *Engine) watchLease(it *item) { e.watchUntil(it, it.lease.Until, e.keepAt) }

// watchUntil does it for a lease that is to end at a moment, and is not looked at before another.
func (e *Engine) watchUntil(it *item, ends, soonest time.Time) {
	// What a lease must last for is asked of it in no state before this; the payload may be exchanged by an edit.
	most := fetchWithin + e.attemptNeeds() + leaseEvery
	switch until := it.lentUntil.Add(-most - leaseReady); {
	case it.state == returning:
		it.lookAt = later(it.due, it.backAt).Add(leaseReady)
	case ends.Add(-most).Before(until):
		it.lookAt = ends.Add(-most)
	default:
		it.lookAt = until
	}
	it.lookAt = later(it.lookAt, soonest).Round(0) // by the wall clock, as leases are
	if it.looked > 0 {
		e.leases.fix(it.looked - 1)
	} else {
		e.leases.push(it)
	}
}

// unwatchLease is for a letter that leaves.
func (e *Engine) unwatchLease(it *item) {
	if it.looked > 0 {
		e.leases.remove(it.looked - 1)
	}
}

// keptBack is how many letters an operator holds, or wait in a command.
func (e *Engine) keptBack() int {
	kept := 0
	for id := range e.holds {
		if it := e.items[id]; it != nil && it.state == idle && it.heldBy != "" {
			kept++
		}
	}
	for _, j := range e.jobs {
		for id := range j.pending {
			if it := e.items[id]; it != nil && it.state == idle && it.heldBy == "" && len(it.jobs) > 0 && it.jobs[0] == j {
				kept++
			}
		}
	}
	return kept
}
