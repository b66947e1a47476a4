package localsqs

import (
	"context"
	"time"

	"rehook/sqsclient/localsqs/seglog"
)

type changeVisibilityInput struct {
	QueueUrl string
	visibilityChange
}

type visibilityChange struct {
	ReceiptHandle     string
	VisibilityTimeout *int
}

// changeMessageVisibility moves the end of a lease, at most to 12 hours after the receive.
func (s *Server) changeMessageVisibility(_ context.Context, _ *call, in changeVisibilityInput) (nothing, error) {
	if in.ReceiptHandle == "" {
		return nothing{}, missingParameter("ReceiptHandle")
	}
	errs, err := s.changeAll(in.QueueUrl, []visibilityChange{in.visibilityChange})
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, errs[0]
}

type changeVisibilityBatchInput struct {
	QueueUrl string
	Entries  []visibilityBatchEntry
}

type visibilityBatchEntry struct {
	batchID
	visibilityChange
}

// changeMessageVisibilityBatch changes leases with one sync.
func (s *Server) changeMessageVisibilityBatch(_ context.Context, _ *call, in changeVisibilityBatchInput) (batchOutput[batchID], error) {
	var out batchOutput[batchID]
	if err := checkBatch(in.Entries); err != nil {
		return out, err
	}
	changes := make([]visibilityChange, len(in.Entries))
	for i, entry := range in.Entries {
		changes[i] = entry.visibilityChange
	}
	errs, err := s.changeAll(in.QueueUrl, changes)
	if err != nil {
		return out, err
	}
	for i, entry := range in.Entries {
		out.add(entry.batchID, entry.batchID, errs[i])
	}
	return out, nil
}

// changeAll returns an outcome for each change, or an error that is about all of them.
func (s *Server) changeAll(queueURL string, changes []visibilityChange) ([]error, error) {
	commit, errs, err := s.applyChanges(queueURL, changes)
	if err != nil {
		return nil, err
	}
	if err := commit.Wait(); err != nil {
		return nil, s.notStored("a change of visibility", err)
	}
	s.wantTidy()
	return errs, nil
}

func (s *Server) applyChanges(queueURL string, changes []visibilityChange) (seglog.Commit, []error, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(queueURL)
	if err != nil {
		return seglog.Commit{}, nil, err
	}
	t := now()
	s.settle(q, t)
	var records [][]byte
	errs := make([]error, len(changes))
	for i, change := range changes {
		m, l, err := q.changedLease(change, t)
		if err != nil {
			errs[i] = err
			continue
		}
		q.move(m, l, t)
		records = append(records, leaseRecord(q.ID, m.seq, l))
	}
	return s.log.Append(records...), errs, nil
}

// changedLease returns the lease that a message has after the change, or why it cannot be made.
func (q *queue) changedLease(change visibilityChange, t instant) (*message, lease, error) {
	if change.VisibilityTimeout == nil {
		return nil, lease{}, missingParameter("VisibilityTimeout")
	}
	if err := checkVisibility(*change.VisibilityTimeout); err != nil {
		return nil, lease{}, err
	}
	m, current, err := q.messageOf(change.ReceiptHandle)
	visibility := time.Duration(*change.VisibilityTimeout) * time.Second
	switch {
	case err != nil:
		return nil, lease{}, err
	case !current || m.place == detached:
		return nil, lease{}, invalidParameter("Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.", change.ReceiptHandle)
	case m.place != inFlight:
		return nil, lease{}, prefixed("MessageNotInflight", "The message is not in flight: its visibility timeout has ended.")
	case t.since(m.lease.receivedAt).Truncate(time.Second)+visibility > maxVisibility:
		return nil, lease{}, invalidParameter("Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]", *change.VisibilityTimeout)
	}
	l := m.lease
	l.visibleAt = t.add(visibility)
	return m, l, nil
}

func checkVisibility(seconds int) error {
	if seconds < 0 || seconds > int(maxVisibility/time.Second) {
		return invalidParameter("Value %d for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.", seconds)
	}
	return nil
}
