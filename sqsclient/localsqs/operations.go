package localsqs

import "context"

// call is what an operation knows of the request besides its parameters.
type call struct {
	base string // "http://HOST", as the client sees this server
	// unsent is set by an operation that hands something over; it takes it back. It is called if the answer could
	// not be delivered.
	unsent func()
}

// operation runs an SQS operation, whatever protocol it came by: decode fills the operation's input structure, whose
// fields have SQS's names, and the output structure's have them too. The error is a *fault or decode's.
type operation func(ctx context.Context, s *Server, c *call, decode func(in any) error) (out any, err error)

// operations are all that this server has, by SQS's name.
var operations = map[string]operation{
	"AddPermission":                typed((*Server).addPermission),
	"CancelMessageMoveTask":        typed((*Server).cancelMessageMoveTask),
	"ChangeMessageVisibility":      typed((*Server).changeMessageVisibility),
	"ChangeMessageVisibilityBatch": typed((*Server).changeMessageVisibilityBatch),
	"CreateQueue":                  typed((*Server).createQueue),
	"DeleteMessage":                typed((*Server).deleteMessage),
	"DeleteMessageBatch":           typed((*Server).deleteMessageBatch),
	"DeleteQueue":                  typed((*Server).deleteQueue),
	"GetQueueAttributes":           typed((*Server).getQueueAttributes),
	"GetQueueUrl":                  typed((*Server).getQueueURL),
	"ListDeadLetterSourceQueues":   typed((*Server).listDeadLetterSourceQueues),
	"ListMessageMoveTasks":         typed((*Server).listMessageMoveTasks),
	"ListQueueTags":                typed((*Server).listQueueTags),
	"ListQueues":                   typed((*Server).listQueues),
	"PurgeQueue":                   typed((*Server).purgeQueue),
	"ReceiveMessage":               typed((*Server).receiveMessage),
	"RemovePermission":             typed((*Server).removePermission),
	"SendMessage":                  typed((*Server).sendMessage),
	"SendMessageBatch":             typed((*Server).sendMessageBatch),
	"SetQueueAttributes":           typed((*Server).setQueueAttributes),
	"StartMessageMoveTask":         typed((*Server).startMessageMoveTask),
	"TagQueue":                     typed((*Server).tagQueue),
	"UntagQueue":                   typed((*Server).untagQueue),
}

func typed[In, Out any](op func(*Server, context.Context, *call, In) (Out, error)) operation {
	return func(ctx context.Context, s *Server, c *call, decode func(any) error) (any, error) {
		var in In
		if err := decode(&in); err != nil {
			return nil, err
		}
		return op(s, ctx, c, in)
	}
}

// nothing is the output of operations that have none.
type nothing struct{}

// queueAt finds the queue of a queue URL; s.mu is held.
func (s *Server) queueAt(url string) (*queue, error) {
	if url == "" {
		return nil, missingParameter("QueueUrl")
	}
	q := s.queues[nameInURL(url)]
	if q == nil {
		return nil, queueDoesNotExist()
	}
	return q, nil
}

// notStored reports that the log did not take a change, and returns what the client hears.
func (s *Server) notStored(change string, cause error) error {
	s.report.Error("queue store: "+change+" was not written", "error", cause)
	return storeFailed()
}
