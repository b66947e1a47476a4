package sqsclient

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lookAgain is how soon a queue that was missing is looked for again.
const lookAgain = 5 * time.Second

// parked is the parked queue, which may not exist yet: it is opened when it is first there.
type parked struct {
	open func(ctx context.Context) (*queue, error)

	mu     sync.Mutex // guards all below
	q      *queue
	gone   *MissingQueueError // it was not there
	looked time.Time          // when that was found
}

// queue opens the queue if that has not been done. The error is a [*MissingQueueError] while there is none.
func (p *parked) queue(ctx context.Context) (*queue, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.q != nil {
		return p.q, nil
	}
	if p.gone != nil && time.Since(p.looked) < lookAgain {
		return nil, p.gone
	}
	q, err := p.open(ctx)
	if err != nil {
		if gone, ok := errors.AsType[*MissingQueueError](err); ok {
			p.gone, p.looked = gone, time.Now()
		}
		return nil, err
	}
	p.q, p.gone = q, nil
	return q, nil
}

// ifThere is the queue, or nil while there is none.
func (p *parked) ifThere(ctx context.Context) (*queue, error) {
	q, err := p.queue(ctx)
	if _, gone := errors.AsType[*MissingQueueError](err); gone {
		err = nil
	}
	return q, err
}

// opened is the queue if it is open, else nil.
func (p *parked) opened() *queue {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.q
}

func (p *parked) missing() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone == nil {
		return nil
	}
	return p.gone
}
