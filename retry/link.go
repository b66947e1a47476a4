package retry

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// troubleEvery is how often the same trouble is told again.
const troubleEvery = 10 * time.Second

// link is the truth about the way to the queue.
type link struct {
	down  bool
	since time.Time
	err   string
	hint  string
	told  bool // that it is down, and why
}

func (e *Engine) linkUp() {
	e.receiving.errors, e.receiving.notBefore = 0, time.Time{}
	if e.link.down {
		e.cfg.Logger.Info("the queue can be reached again", "queue", e.cfg.Name, "down_for", e.now.Sub(e.link.since).Round(time.Second))
		e.link = link{since: e.now}
		e.nudgeAll()
	}
}

func (e *Engine) linkDown(err error) {
	if !e.link.down {
		e.link.down, e.link.since = true, e.now
	}
	e.link.told = e.link.told && e.link.hint == hintOf(err)
	e.link.err, e.link.hint = err.Error(), hintOf(err)
	if !e.link.told { // screens show it as long as it lasts
		e.link.told = e.trouble("letters cannot be received", err)
	}
	e.nudgeAll()
}

// hintOf is the advice that an error carries, if any.
func hintOf(err error) string {
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return h.Hint()
	}
	return ""
}

// trouble tells of a failure that an operator should know of; the same one only so often. It reports whether it did.
func (e *Engine) trouble(what string, err error) bool {
	if last, ok := e.troubled[what]; ok && e.now.Sub(last) < troubleEvery {
		return false
	}
	e.troubled[what] = e.now
	e.emit(Trouble{at(e.now), what + ": " + err.Error(), hintOf(err)})
	return true
}

// log writes what an operator wants to find in a log later.
func (e *Engine) log(ev Event) {
	l := e.cfg.Logger
	switch ev := ev.(type) {
	case Parked:
		l.Info("parked", "id", ev.ID, "endpoint", ev.Endpoint, "reason", ev.Reason)
	case BreakerMoved:
		l.Info("breaker "+string(ev.State), "endpoint", ev.Endpoint)
	case LeaseLost:
		l.Warn("lease lost: another engine may have the letter", "id", ev.ID)
	case Trouble:
		l.Warn(ev.Message, "hint", ev.Hint)
	case Alert:
		l.Warn(ev.Message, "kind", ev.Kind, "endpoint", ev.Endpoint, "id", ev.ID, "hint", ev.Hint)
	case Released:
		l.Info("released", "id", ev.ID, "by", ev.By)
	case Deleted:
		l.Info("deleted", "id", ev.ID, "by", ev.By)
	case Edited:
		l.Info("edited", "id", ev.ID, "by", ev.By)
	case Held:
		l.Info("held or let go", "id", ev.ID, "by", ev.By)
	case Delivered:
		if !l.Enabled(context.Background(), slog.LevelDebug) {
			return // there are many, and even words that nobody reads cost memory
		}
		l.Debug("delivered", "id", ev.ID, "endpoint", ev.Endpoint, "status", ev.Status, "latency", ev.Latency)
	case Failed:
		l.Debug("failed", "id", ev.ID, "endpoint", ev.Endpoint, "status", ev.Status, "error", ev.Error)
	case Captured, Received, Scheduled, Attempting, DepthRead:
		// too many to be of use
	default:
		l.Log(context.Background(), slog.LevelError, "bug: an event of unknown kind", "event", ev)
	}
}

// readDepth has the depth read now and then, while somebody watches.
func (e *Engine) readDepth(ctx context.Context) {
	if e.stopping || e.reading || !e.watched() || e.now.Before(e.depthNext) {
		return
	}
	e.reading, e.depthNext = true, e.now.Add(e.cfg.DepthEvery)
	e.work.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, e.cfg.Timeout)
		defer cancel()
		d, err := e.cfg.Queue.Depth(ctx)
		e.tell(func() {
			e.reading = false
			switch {
			case err == nil:
				e.depth, e.depthAt = d, e.now
				e.emit(DepthRead{at(e.now), e.cfg.Name, d})
				e.lookAtParked()
			case !e.stopping:
				e.trouble("the depth of the queue could not be read", err)
			}
		})
	})
}
