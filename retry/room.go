package retry

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"rehook/retry/deadletter"
)

// When the inventory is full of letters that cannot be attempted for a while, those behind them in the queue must not
// wait for that. The letters that are needed last are put off: the queue keeps them until they are needed, and they
// leave the inventory. For an endpoint that is down nobody knows when that is, so it is for as long as it has been down
// by then, between two minutes and the longest backoff: a letter is put off a few times at first and four times an hour
// later, at 0.2 requests each. When the endpoint is back they are called back. It is the same where all are paused: what
// the inventory has no room for nears the end of its retention too, and nobody else would see that.
const (
	roomShare    = 10          // such a part of the inventory is put off in one round
	roomEvery    = time.Second // between two rounds
	putOffFrom   = 20 * time.Second
	putOffLeast  = 2 * time.Minute  // for an endpoint that is down, or slow
	downLongest  = 10 * time.Second // an endpoint that is down for less only stumbled
	pausedLeast  = 10 * time.Minute // somebody who has paused for less may want to look at what there is
	recalledMost = 20_000           // letters that can be called back, at some 0.4 KiB each; others come when their time is over
)

// room is how the inventory is kept from filling up with letters that cannot be attempted.
type room struct {
	nextAt       time.Time         // no round before
	away         map[string][]away // letters put off for an endpoint that is down, by endpoint
	count        int               // of away
	kept         int               // letters that an operator holds, or that wait in a command; counted once a second
	noParkingFor time.Time         // since when letters cannot be parked; zero: they can
}

// away is what it takes to call a letter back.
type away struct {
	message, queue, receipt string
	until                   time.Time
}

// putOff is a letter that could be, and until when.
type putOff struct {
	it    *item
	until time.Time
}

// full reports whether one more receive might bring more than there is room for. One that nothing else is known of can
// bring ten letters of 1 MiB, so that is what the inventory goes beyond its bytes, at most.
func (e *Engine) full() bool {
	under := e.receiving.now
	if e.held()+receiveBatch*under >= e.cfg.Inventory || e.bytes >= e.cfg.Bytes {
		return true
	}
	return under > 0 && e.bytes+int64(under+1)*receiveBytes > e.cfg.Bytes
}

// held is how many letters take room. What is on its way back takes none. What operators keep is not put off, and might
// be all there is: a round's worth of it takes none either, so that some room is left for others.
func (e *Engine) held() int {
	return len(e.items) - e.inState[returning] - min(e.room.kept, max(1, e.cfg.Inventory/roomShare))
}

// makeRoom puts letters off once the inventory is full, and nothing that is under way will change that.
func (e *Engine) makeRoom() {
	held := e.held()
	if held < e.cfg.Inventory && e.bytes < e.cfg.Bytes || e.receiving.now > 0 || e.now.Before(e.room.nextAt) {
		return
	}
	if e.paused && e.now.Sub(e.pausedAt) < pausedLeast {
		return
	}
	e.room.nextAt = e.now.Add(roomEvery)
	if !e.anyWaits() {
		return
	}
	could := e.couldWait()
	letters := held - e.cfg.Inventory + min(max(receiveBatch, e.cfg.Inventory/roomShare), max(1, e.cfg.Inventory/2))
	bytes := e.bytes - e.cfg.Bytes + e.cfg.Bytes/roomShare
	freed := 0
	for _, p := range could {
		if letters <= 0 && bytes <= 0 || e.extending >= extendsMost {
			break
		}
		letters--
		bytes -= int64(len(p.it.letter.Payload))
		e.putOff(p)
		freed++
	}
	if freed > 0 {
		e.cfg.Logger.Debug("letters that cannot be attempted yet were put off, to make room for others", "letters", freed)
	}
}

// anyWaits reports whether there may be a letter that is not needed for a while. Where every endpoint takes what it is
// sent there is none, and no need to look at each of ten thousand for that.
func (e *Engine) anyWaits() bool {
	if e.paused || e.schedule.len() > 0 {
		return true
	}
	for _, l := range e.lanes {
		if l.notBefore.After(e.now) || !l.downSince.IsZero() || e.turnOf(l, l.ready.len()).After(e.now) {
			return true
		}
	}
	return false
}

// couldWait are the letters that are not needed for a while, those that are needed last first. Of an endpoint that is down
// one stays, to probe it with, unless that leaves none.
func (e *Engine) couldWait() []putOff {
	var all, probes []putOff
	probed := map[*lane]bool{}
	for _, it := range e.items {
		if it.state != idle || it.heldBy != "" || it.forced || len(it.jobs) > 0 || it.extending || !it.leased(e.now, leaseSlack) {
			continue
		}
		until := e.neededAt(it)
		if it.lentUntil.Before(until) {
			until = it.lentUntil
		}
		if x := e.expiry(it); !x.IsZero() && x.Add(-near(e.cfg.Queue.Retention())).Before(until) {
			continue // it is replaced before that
		}
		switch p := (putOff{it, until}); {
		case until.Sub(e.now) < putOffFrom:
		case it.in != e.schedule && !probed[it.lane]:
			probed[it.lane] = true
			probes = append(probes, p)
		default:
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b putOff) int {
		return cmp.Or(b.until.Compare(a.until), a.it.lease.Until.Compare(b.it.lease.Until)) // before it is to be extended
	})
	if len(all) == 0 {
		return probes
	}
	return all
}

// neededAt is when a letter will be attempted, as far as that can be said.
func (e *Engine) neededAt(it *item) time.Time {
	l := it.lane
	switch {
	case it.parkAs != "":
		return e.now.Add(e.grown(e.room.noParkingFor))
	case l == nil:
		return e.now
	}
	at := l.notBefore
	if it.in == e.schedule {
		at = later(at, it.due)
	}
	switch {
	case e.paused:
		at = later(at, e.now.Add(e.grown(e.pausedAt)))
	case !l.downSince.IsZero() && e.now.Sub(l.downSince) >= downLongest:
		at = later(at, e.now.Add(e.grown(l.downSince)))
	case it.in == l.ready:
		at = later(at, e.turnOf(l, it.place))
	}
	return at
}

// grown is how long a letter is put off for something that has lasted since a moment.
func (e *Engine) grown(since time.Time) time.Duration {
	return min(max(e.now.Sub(since), putOffLeast), max(e.cfg.BackoffCap, putOffLeast))
}

// turnOf guesses when a letter's turn comes in a lane that is slow, by its place in the heap. It says half of that,
// since it may go faster soon.
func (e *Engine) turnOf(l *lane, place int) time.Time {
	perSecond := l.rate(e.now)
	if perSecond == 0 && l.latency > 0 {
		perSecond = float64(l.limit()) / l.latency.Seconds()
	}
	if perSecond == 0 {
		return e.now
	}
	wait := time.Duration(min(float64(place)/perSecond/2, e.cfg.BackoffCap.Seconds()) * float64(time.Second))
	if wait < putOffLeast {
		return e.now
	}
	return e.now.Add(wait)
}

// putOff gives a letter to the queue until it is needed. What its message does not know of it is written into it first.
func (e *Engine) putOff(p putOff) {
	it := p.it
	it.leave()
	if it.unsaved {
		e.writeBack(it, p.until)
		return
	}
	lease, d := it.lease, max(p.until.Sub(e.now), 0).Round(time.Second)
	endpoint := ""
	if it.lane != nil && (e.paused || !it.lane.downSince.IsZero()) {
		endpoint = it.lane.endpoint
	}
	e.counters.Left++
	e.remove(it)
	e.lendOne(lease, d, func(err error) {
		if err != nil {
			e.trouble("a letter could not be put off to make room for others: it comes back when its lease ends", err)
		} else if endpoint != "" {
			e.remember(endpoint, away{lease.MessageID, lease.Queue, lease.Receipt, p.until})
		}
	})
}

// writeBack replaces a letter whose last attempt its message does not know of, and lets it go. It comes back at once,
// as a letter that is not needed for a while.
func (e *Engine) writeBack(it *item, until time.Time) {
	lease, letter := it.lease, it.letter.Clone()
	if until.After(letter.NextAttemptAt) {
		letter.NextAttemptAt = until.UTC().Round(0).Truncate(time.Millisecond)
	}
	e.settle(it, func(ctx context.Context) error {
		return fitting(letter, func(l *deadletter.Letter) error { return e.cfg.Queue.Replace(ctx, lease, l) })
	}, func(err error) {
		e.overtaken(lease, err)
		switch {
		case it.arrived != nil:
			e.replacementArrived(it, err)
		case err == nil || errors.Is(err, deadletter.ErrNotDeleted):
			e.counters.Left++
			e.remove(it)
		case errors.Is(err, deadletter.ErrLeaseLost):
			e.lose(it)
		default:
			e.trouble("a letter could not be put back to make room for others: it stays", err)
			e.moveTo(it, idle)
			it.due = e.now.Add(parkAgain)
			it.enter(e.schedule)
			e.touch(it)
		}
	})
}

func (e *Engine) remember(endpoint string, a away) {
	if e.room.count >= recalledMost {
		return
	}
	e.room.away[endpoint] = append(e.room.away[endpoint], a)
	e.room.count++
}

// recall calls letters back that were put off for an endpoint that works again, as many as there is room for, unless the
// engine is paused. Those that have come back by themselves are forgotten: in an outage of hours they would be all that is
// remembered.
func (e *Engine) recall() {
	crowded := e.room.count >= recalledMost
	for endpoint, all := range e.room.away {
		l := e.lanes[endpoint]
		down := e.paused || l != nil && !l.downSince.IsZero()
		if down && !crowded {
			continue
		}
		e.room.count -= len(all)
		all = slices.DeleteFunc(all, func(a away) bool { return !a.until.After(e.now) })
		e.room.count += len(all)
		if down {
			e.room.away[endpoint] = all
			continue
		}
		free := e.cfg.Inventory - e.held()
		for n := min(free, len(all)); n > 0 && e.extending < extendsMost; n-- {
			last := len(all) - 1
			e.callBack(all[last])
			all = all[:last]
			e.room.count--
		}
		e.room.away[endpoint] = all
		if l == nil || len(all) == 0 {
			e.room.count -= len(all)
			delete(e.room.away, endpoint)
		}
	}
}

func (e *Engine) callBack(a away) {
	l := deadletter.Lease{Letter: &deadletter.Letter{}, MessageID: a.message, Queue: a.queue, Receipt: a.receipt}
	e.lendOne(l, 0, func(err error) {
		if err != nil {
			e.cfg.Logger.Debug("a letter that was put off could not be called back: it comes by itself", "at", a.until, "error", err)
		}
	})
}
