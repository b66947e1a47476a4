package localsqs

import (
	"context"
	"maps"
	"slices"
)

type createQueueInput struct {
	QueueName  string
	Attributes map[string]string
	Tags       map[string]string `json:"tags"`
}

type queueURLOutput struct {
	QueueUrl string //nolint:revive // SQS's name
}

// createQueue makes a queue. One that exists is returned if it has the attributes that are asked for.
func (s *Server) createQueue(_ context.Context, c *call, in createQueueInput) (queueURLOutput, error) {
	if in.QueueName == "" {
		return queueURLOutput{}, missingParameter("QueueName")
	}
	if err := in.check(); err != nil {
		return queueURLOutput{}, err
	}
	if err := checkTags(in.QueueName, in.Tags); err != nil {
		return queueURLOutput{}, err
	}
	s.defining.Lock()
	defer s.defining.Unlock()
	if exists, err := s.sameQueue(in); exists || err != nil {
		return queueURLOutput{s.queueURL(c.base, in.QueueName)}, err
	}
	if err := s.checkRedrive(in.QueueName, in.Attributes); err != nil {
		return queueURLOutput{}, err
	}
	if err := s.addQueue(in); err != nil {
		return queueURLOutput{}, err
	}
	return queueURLOutput{s.queueURL(c.base, in.QueueName)}, nil
}

// check says what is wrong with the queue that is asked for.
func (in createQueueInput) check() error {
	kind, typed := in.Attributes["FifoQueue"]
	switch fifo := typed && kind == "true"; {
	case fifo && (!isFIFO(in.QueueName) || !validQueueName(in.QueueName)):
		return invalidParameter("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length")
	case !fifo && !validName(in.QueueName):
		return invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	if err := checkSettings(in.QueueName, in.Attributes); err != nil {
		return err
	}
	return checkThroughput(in.Attributes)
}

// sameQueue reports whether the queue exists, with the attributes that are asked for or else an error.
func (s *Server) sameQueue(in createQueueInput) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[in.QueueName]
	if q == nil {
		return false, nil
	}
	for _, name := range slices.Sorted(maps.Keys(in.Attributes)) {
		if q.setting(name) != in.Attributes[name] {
			return true, queueNameExists(name)
		}
	}
	return true, nil
}

func (s *Server) addQueue(in createQueueInput) error {
	t := now()
	s.mu.Lock()
	id := s.nextQueueID
	s.nextQueueID++
	s.mu.Unlock()
	q := newQueue(definition{ID: id, Name: in.QueueName, Created: t, Modified: t, Attributes: merged(nil, in.Attributes), Tags: in.Tags})
	return s.store(q, q.definition, func() { s.queues[q.Name] = q })
}

// store brings a definition of q to disk, and then into memory together with what installed does. s.defining is
// held.
func (s *Server) store(q *queue, d definition, installed func()) error {
	record, err := d.record()
	if err != nil {
		return err
	}
	s.landing.RLock()
	defer s.landing.RUnlock()
	commit := s.log.Append(record)
	if err := commit.Wait(); err != nil {
		return s.notStored("a queue's definition", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.liveBytes += commit.Position(0).Bytes() - q.bytes()
	q.Modified, q.Attributes, q.Tags, q.at = d.Modified, d.Attributes, d.Tags, commit.Position(0)
	q.redrive = redriveOf(d.Attributes)
	installed()
	return nil
}
