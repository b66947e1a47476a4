package retry

import (
	"context"
	"slices"
	"time"

	"rehook/retry/deadletter"
)

const (
	scanEvery = 30 * time.Second // the parked queue is looked through at most so often
	scanEmpty = 2                // receives in a row that bring nothing new end a scan
)

// tallied are two counts of the parked letters that need not agree: two messages may carry one letter, and not
// all are shown of very many.
type tallied struct{ there, known int }

// lookAtParked looks through the parked queue when it holds other than what is known of it, unless that was so
// after the last look too. The letters are leased for the moment of looking, and given back.
func (e *Engine) lookAtParked() {
	if e.depth.Parked == len(e.parked.byID) || e.now.Before(e.scanAt) || e.scanned == e.tally() {
		return
	}
	e.scanAt = e.now.Add(scanEvery)
	began := e.now
	e.start(func(ctx context.Context) {
		leases, err := e.scanParked(ctx, e.ended, func(all []deadletter.Lease) []deadletter.Lease { return all })
		e.tell(func() { e.sawParked(began, leases, err) })
	})
}

// sawParked shows what a scan found. What was shown before and was not found although the scan met as many messages
// as there are, somebody else has released or deleted, unless it came while the scan ran.
func (e *Engine) sawParked(began time.Time, leases map[string]deadletter.Lease, err error) {
	for _, l := range leases {
		e.show(&e.parked, Entry{Letter: l.Letter, Phase: InParked, ReceivedAt: e.now, ExpiresAt: e.parkedExpiry(l.SentAt), Receives: l.Receives})
	}
	if err != nil {
		e.trouble("the parked queue could not be looked through", err)
		return
	}
	switch there := len(leases); {
	case there >= parkedShown:
	case there < e.depth.Parked:
		return // somebody else has leased the others, or took them just now: it is looked again
	default:
		e.hideTaken(began, leases)
	}
	e.scanned = e.tally()
}

func (e *Engine) tally() tallied { return tallied{e.depth.Parked, len(e.parked.byID)} }

func (e *Engine) hideTaken(began time.Time, leases map[string]deadletter.Lease) {
	there := make(map[string]bool, len(leases))
	for _, l := range leases {
		there[l.Letter.ID] = true
	}
	for _, id := range slices.Clone(e.parked.order) {
		p := e.parked.byID[id].Letter.Parked
		if !there[id] && (p == nil || p.At.Before(began.Add(-clockSkew))) {
			e.hide(&e.parked, id)
		}
	}
}

// parkedExpiry is when the parked queue drops a message that it was given at a moment; zero if that is not known.
func (e *Engine) parkedExpiry(sentAt time.Time) time.Time {
	keeps := e.cfg.Queue.ParkedRetention()
	if keeps == 0 || sentAt.IsZero() {
		return time.Time{}
	}
	return sentAt.Add(keeps)
}

// scanParked receives the parked letters, as many as can be shown, and gives them by message. Those that take wants are its own at once,
// while their lease is fresh; the others are given back in the end, which is at once if that is enough. Scans take
// turns: each would hide letters from the other.
func (e *Engine) scanParked(ctx context.Context, enough func() bool, take func([]deadletter.Lease) []deadletter.Lease) (map[string]deadletter.Lease, error) {
	select {
	case e.scanning <- struct{}{}:
		defer func() { <-e.scanning }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	found := map[string]deadletter.Lease{}
	var back []deadletter.Lease
	var err error
	for empty := 0; empty < scanEmpty && len(found) < parkedShown && !enough(); {
		var leases []deadletter.Lease
		if leases, err = e.cfg.Queue.ReceiveParked(ctx); err != nil {
			break
		}
		empty++
		for _, l := range leases {
			if _, seen := found[l.MessageID]; !seen {
				empty = 0
			}
			found[l.MessageID] = l
		}
		back = append(back, take(leases)...)
	}
	e.lendParked(back, 0)
	return found, err
}

func (e *Engine) ended() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// lendParked has leases of parked letters end d from now; 0 gives them back, also when the engine stops meanwhile: whoever
// looks next must see them.
func (e *Engine) lendParked(leases []deadletter.Lease, d time.Duration) {
	ctx, cancel := context.WithTimeout(e.life.lends, 2*settleGrace)
	defer cancel()
	e.lend(ctx, d, leases)
}
