package localsqs

import "context"

type deleteMessageInput struct {
	QueueUrl      string
	ReceiptHandle string
}

// deleteMessage answers when the deletion is synced. A handle that is not the message's latest deletes nothing, and is
// no error but on a FIFO queue, where a handle that is not in force is one.
func (s *Server) deleteMessage(_ context.Context, _ *call, in deleteMessageInput) (nothing, error) {
	if in.ReceiptHandle == "" {
		return nothing{}, missingParameter("ReceiptHandle")
	}
	errs, err := s.deleteAll(in.QueueUrl, []string{in.ReceiptHandle})
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, errs[0]
}

type deleteMessageBatchInput struct {
	QueueUrl string
	Entries  []deleteBatchEntry
}

type deleteBatchEntry struct {
	batchID
	ReceiptHandle string
}

// deleteMessageBatch deletes messages with one sync.
func (s *Server) deleteMessageBatch(_ context.Context, _ *call, in deleteMessageBatchInput) (batchOutput[batchID], error) {
	var out batchOutput[batchID]
	if err := checkBatch(in.Entries); err != nil {
		return out, err
	}
	handles := make([]string, len(in.Entries))
	for i, entry := range in.Entries {
		handles[i] = entry.ReceiptHandle
	}
	errs, err := s.deleteAll(in.QueueUrl, handles)
	if err != nil {
		return out, err
	}
	for i, entry := range in.Entries {
		out.add(entry.batchID, entry.batchID, errs[i])
	}
	return out, nil
}

// deleteAll returns an outcome for each handle, or an error that is about all of them.
func (s *Server) deleteAll(queueURL string, handles []string) ([]error, error) {
	s.landing.RLock()
	defer s.landing.RUnlock()
	removal, errs, err := s.beginDelete(queueURL, handles)
	if err != nil || len(removal.messages) == 0 {
		return errs, err
	}
	return errs, s.endRemoval(removal)
}

func (s *Server) beginDelete(queueURL string, handles []string) (removal, []error, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(queueURL)
	if err != nil {
		return removal{}, nil, err
	}
	s.settle(q, now())
	var found []*message
	errs := make([]error, len(handles))
	for i, handle := range handles {
		m, current, err := q.messageOf(handle)
		switch {
		case err != nil:
			errs[i] = err
		case q.fifo != nil && m != nil && m.place != detached && (!current || m.place != inFlight):
			// Somebody else may hold it already, and its group may have gone on.
			errs[i] = receiptExpired(handle)
		case current:
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		return removal{}, errs, nil
	}
	return s.beginRemoval(q, found...), errs, nil
}

// messageOf returns the message that a receipt handle means, nil if it is gone; current is false if the message was
// received again since.
func (q *queue) messageOf(handle string) (m *message, current bool, err error) {
	r, ok := parseReceipt(handle)
	if !ok || r.queue != q.ID {
		return nil, false, receiptInvalid(handle)
	}
	m = q.messages[r.seq]
	return m, m != nil && m.lease.nonce == r.nonce, nil
}
