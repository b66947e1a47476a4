package retry

import (
	"context"
	"slices"
	"time"
)

const (
	screenStream = 200    // events that a screen's feed keeps
	fullStream   = 65_536 // events that a full stream keeps
	dirtyMost    = 10_000 // letters that changed since a watcher looked; beyond, it gets a snapshot
)

// feed is one watcher's view. All but wake is the loop's.
type feed struct {
	e       *Engine
	wake    chan struct{} // holds one: there is something to pull
	letters bool          // it wants every change of a letter, not only a snapshot
	keep    int           // events
	reset   bool          // its next update is a snapshot
	dirty   map[string]struct{}
	events  []Event
	missed  int
}

// Subscribe gives a screen's feed: a snapshot, then what changed, merged per letter. It ends with ctx.
func (e *Engine) Subscribe(ctx context.Context) (Feed, error) {
	return e.watch(ctx, &feed{e: e, letters: true, keep: screenStream})
}

// Follow gives every event: a snapshot, then updates of which only Stream is filled. When it falls behind,
// Missed says by how many events, and it starts again from a snapshot. It ends with ctx.
func (e *Engine) Follow(ctx context.Context) (Feed, error) {
	return e.watch(ctx, &feed{e: e, keep: fullStream})
}

func (e *Engine) watch(ctx context.Context, f *feed) (Feed, error) {
	f.wake = make(chan struct{}, 1)
	f.wake <- struct{}{}
	f.reset, f.dirty = true, map[string]struct{}{}
	_, err := ask(ctx, e, func() struct{} {
		if ctx.Err() == nil { // or nobody would ever take it out again
			e.feeds[f] = struct{}{}
			context.AfterFunc(ctx, func() { e.tell(func() { delete(e.feeds, f) }) })
		}
		return struct{}{}
	})
	return f, err
}

// Next waits for a change and gives it. After the engine has stopped it gives what was not yet told, once.
func (f *feed) Next(ctx context.Context) (Update, error) {
	select {
	case <-f.wake:
	case <-ctx.Done():
		return Update{}, context.Cause(ctx)
	case <-f.e.done:
		return f.last()
	}
	u, err := ask(ctx, f.e, func() Update { return f.e.update(f) })
	if err == ErrStopped { //nolint:errorlint // it comes from ask as it is
		return f.last()
	}
	return u, err
}

// last is called when the loop has ended, so that its state may be read.
func (f *feed) last() (Update, error) {
	f.e.lastMu.Lock()
	defer f.e.lastMu.Unlock()
	if !f.reset && len(f.events) == 0 {
		return Update{}, ErrStopped
	}
	u := f.e.update(f)
	f.reset = false
	return u, nil
}

// nudge tells a watcher that there is something to pull.
func (f *feed) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// watched reports whether anybody looks.
func (e *Engine) watched() bool { return len(e.feeds) > 0 }

// touch marks a letter as changed.
func (e *Engine) touch(it *item) {
	e.account(it)
	e.touchID(it.letter.ID)
}

func (e *Engine) touchID(id string) {
	for f := range e.feeds {
		switch {
		case !f.letters || f.reset:
			// it does not want to know, or is told all
		case len(f.dirty) >= dirtyMost:
			f.reset = true
			clear(f.dirty)
		default:
			f.dirty[id] = struct{}{}
		}
		f.nudge()
	}
}

// touchReady marks all letters that wait in a lane: what they wait for has changed.
func (e *Engine) touchReady(l *lane) {
	if !e.watched() {
		return
	}
	for it := range l.ready.all() {
		e.touch(it)
	}
	e.nudgeAll()
}

func (e *Engine) nudgeAll() {
	for f := range e.feeds {
		f.nudge()
	}
}

// emit tells every watcher of an event.
func (e *Engine) emit(ev Event) {
	e.log(ev)
	for f := range e.feeds {
		if len(f.events) >= f.keep {
			half := len(f.events) / 2
			f.events = slices.Delete(f.events, 0, half)
			f.missed += half
			f.reset = f.reset || !f.letters
		}
		f.events = append(f.events, ev)
		f.nudge()
	}
}

// update gives a watcher what it has not seen.
func (e *Engine) update(f *feed) Update {
	e.now = time.Now()
	u := Update{Reset: f.reset, Status: e.status(), Stream: f.events, Missed: f.missed}
	if f.reset {
		u.Letters = e.entries()
	} else {
		for id := range f.dirty {
			if entry, ok := e.entryOf(id); ok {
				u.Letters = append(u.Letters, entry)
			} else {
				u.Gone = append(u.Gone, id)
			}
		}
	}
	clear(f.dirty)
	f.events, f.missed, f.reset = nil, 0, false
	return u
}
