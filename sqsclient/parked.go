package sqsclient

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lookAgain is how soon a queue that was missing is looked for again.
const lookAgain = 5 * time.Second

// parked is the parked queue, which may not exist yet: it is opened when it is first there. One look at a time is
// under way; all who need the queue meanwhile share what it finds.
type parked struct {
	open  func() (*queue, error) // ends when the client is closed
	looks sync.WaitGroup

	mu     sync.Mutex // guards all below; nobody asks SQS for anything with it held
	q      *queue
	gone   *MissingQueueError // it was not there
	looked time.Time          // when that was found
	look   *look              // under way, nil if none is
	closed bool
}

// look is one search for the queue.
type look struct {
	done chan struct{} // closed when q and err are set
	q    *queue
	err  error
}

// queue opens the queue if that has not been done. The error is a [*MissingQueueError] while there is none.
func (p *parked) queue(ctx context.Context) (*queue, error) {
	q, l, err := p.begin()
	if l == nil {
		return q, err
	}
	select {
	case <-l.done:
		return l.q, l.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// begin gives what is known, or the look that is to be waited for.
func (p *parked) begin() (*queue, *look, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, nil, errClosed
	case p.q != nil:
		return p.q, nil, nil
	case p.gone != nil && time.Since(p.looked) < lookAgain:
		return nil, nil, p.gone
	case p.look == nil:
		l := &look{done: make(chan struct{})}
		p.look = l
		p.looks.Go(func() {
			l.q, l.err = p.open()
			p.found(l)
		})
	}
	return nil, p.look, nil
}

func (p *parked) found(l *look) {
	p.saw(l.err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.q, p.look = l.q, nil
	close(l.done)
}

// saw keeps whether the queue was there when something was asked of it.
func (p *parked) saw(err error) {
	gone, missing := errors.AsType[*MissingQueueError](err)
	if err != nil && !missing {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone, p.looked = gone, time.Now()
}

// ifThere does something with the queue. While there is none, nothing is done and it is no error.
func (p *parked) ifThere(ctx context.Context, do func(*queue) error) error {
	q, err := p.queue(ctx)
	if err == nil {
		err = do(q)
		p.saw(err)
	}
	if _, gone := errors.AsType[*MissingQueueError](err); gone {
		return nil
	}
	return err
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

// close has no look begin any more, and gives the queue if it is open.
func (p *parked) close() *queue {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return p.q
}
