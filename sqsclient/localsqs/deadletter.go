package localsqs

import "errors"

// deadLetterSource is the system attribute that says where a dead letter came from.
const deadLetterSource = "DeadLetterQueueSourceArn"

// errNoDeadLetterQueue says that the target of a redrive policy is gone: messages are then received however often.
var errNoDeadLetterQueue = errors.New("the dead letter queue was deleted")

// deadLetters is the way of q's messages to its dead letter queue. They stay if it is deleted before they leave.
func (s *Server) deadLetters(q *queue) *passage {
	return &passage{from: q, where: func(content) (*queue, error) {
		if target := s.deadLetterQueue(q); target != nil {
			return target, nil
		}
		return nil, errNoDeadLetterQueue
	}}
}
