package ui

import (
	"context"
	"time"
)

// paceUnseen is the least time between two frames on a terminal that says that nobody looks at it.
const paceUnseen = 5 * time.Second

// attention tells whether somebody looks at the terminal. One that never says so is looked at.
type attention struct {
	back chan struct{} // closed when somebody looks again; nil: somebody does
}

func (a *attention) lost() {
	if a.back == nil {
		a.back = make(chan struct{})
	}
}

func (a *attention) regained() {
	if a.back != nil {
		close(a.back)
		a.back = nil
	}
}

// wait lets time pass, or unseenFor where that is longer and nobody looks, but not beyond the moment at which somebody
// does again; false: the screen has ended.
func (a attention) wait(ctx context.Context, d, unseenFor time.Duration) bool {
	if a.back == nil {
		return wait(ctx, d)
	}
	unseen, cancel := context.WithTimeout(ctx, max(d, unseenFor))
	defer cancel()
	select {
	case <-a.back:
	case <-unseen.Done():
	}
	return ctx.Err() == nil
}
