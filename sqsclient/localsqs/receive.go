package localsqs

import (
	"context"
	"errors"
	"time"
)

type receiveMessageInput struct {
	QueueUrl                    string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	AttributeNames              []string // the older name of the next
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	ReceiveRequestAttemptId     string // asks a FIFO queue for what an earlier receive got; without effect on others
}

type receiveMessageOutput struct {
	Messages []receivedMessage `json:",omitempty"`
}

// receiveMessage leases messages and answers when that is on disk. A client that has gone is given none: what it was
// to get is as it was before.
func (s *Server) receiveMessage(ctx context.Context, c *call, in receiveMessageInput) (receiveMessageOutput, error) {
	if err := in.check(); err != nil {
		return receiveMessageOutput{}, err
	}
	d, err := s.demand(in)
	if err != nil {
		return receiveMessageOutput{}, err
	}
	got, err := s.poll(ctx, d)
	if err != nil || len(got) == 0 {
		return receiveMessageOutput{}, err
	}
	s.storeLeases(d.queue, got)
	c.unsent = func() { s.handBack(d, got) }
	return receiveMessageOutput{s.read(d.queue, got, in)}, nil
}

func (in receiveMessageInput) check() error {
	if n := in.MaxNumberOfMessages; n != nil && (*n < 1 || *n > maxBatch) {
		return invalidParameter("Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and %d, if provided.", *n, maxBatch)
	}
	if n := in.WaitTimeSeconds; n != nil && (*n < 0 || *n > 20) {
		return invalidParameter("Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.", *n)
	}
	if n := in.VisibilityTimeout; n != nil {
		if err := checkVisibility(*n); err != nil {
			return err
		}
	}
	return checkToken("ReceiveRequestAttemptId", in.ReceiveRequestAttemptId)
}

// demand is what a receive asks for, with the queue's defaults filled in.
type demand struct {
	queue      *queue
	limit      int
	visibility time.Duration
	wait       time.Duration
	attempt    string // "" if the receive is not to be asked for again
}

func (s *Server) demand(in receiveMessageInput) (demand, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueUrl)
	if err != nil {
		return demand{}, err
	}
	d := demand{
		queue: q, limit: 1,
		visibility: q.duration("VisibilityTimeout"), wait: q.duration("ReceiveMessageWaitTimeSeconds"),
	}
	if q.fifo != nil {
		d.attempt = in.ReceiveRequestAttemptId
	}
	if in.MaxNumberOfMessages != nil {
		d.limit = *in.MaxNumberOfMessages
	}
	if in.VisibilityTimeout != nil {
		d.visibility = time.Duration(*in.VisibilityTimeout) * time.Second
	}
	if in.WaitTimeSeconds != nil {
		d.wait = time.Duration(*in.WaitTimeSeconds) * time.Second
	}
	return d, nil
}

// poll takes messages, and waits for some as long as is asked for.
func (s *Server) poll(ctx context.Context, d demand) ([]taken, error) {
	end := time.NewTimer(d.wait)
	defer end.Stop()
	w := newWaiter()
	for last := d.wait == 0; ; {
		got, more, err := s.attempt(ctx, d, w, last)
		if err != nil || len(got) > 0 {
			return got, err
		}
		if more {
			continue
		}
		if last {
			return nil, nil
		}
		select {
		case <-w.wake:
		case <-end.C:
			last = true
		case <-ctx.Done():
			last = true
		}
	}
}

// attempt takes what is there, and brings to the dead letter queue what was received too often. more is true if that left
// nothing to take, but may have made room for others.
func (s *Server) attempt(ctx context.Context, d demand, w *waiter, last bool) (got []taken, more bool, err error) {
	s.landing.RLock()
	defer s.landing.RUnlock()
	dead := s.deadLetters(d.queue)
	if got, err = s.tryTake(ctx, d, dead, w, last); len(dead.messages) == 0 {
		return got, false, err
	}
	moved, stuck := s.carry(dead)
	if len(got) > 0 {
		return got, false, nil // those that stayed are reported, and tried again by the next receive
	}
	if errors.Is(stuck, errNoDeadLetterQueue) {
		return nil, true, nil
	}
	return nil, moved > 0, stuck
}

// tryTake takes what is there. If that is nothing, w waits in line for more, unless this is the last try.
func (s *Server) tryTake(ctx context.Context, d demand, dead *passage, w *waiter, last bool) ([]taken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, t := d.queue, now()
	if s.deadLetterQueue(q) == nil {
		dead = nil
	}
	switch {
	case q.deleted:
		return nil, queueDoesNotExist()
	case ctx.Err() != nil:
		q.leave(w)
		return nil, nil
	case d.wait == 0 && q.counts[inFlight] >= maxInFlight && q.fifo == nil:
		return nil, overLimit()
	}
	s.settle(q, t)
	got, err := q.give(d, dead, t)
	if err != nil {
		q.leave(w)
		return nil, err
	}
	if len(got) > 0 || last {
		q.leave(w)
		return got, nil
	}
	s.wait(q, w, t)
	return nil, nil
}
