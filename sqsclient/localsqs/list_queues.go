package localsqs

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
)

type getQueueURLInput struct {
	QueueName              string
	QueueOwnerAWSAccountId string //nolint:revive // SQS's name
}

func (s *Server) getQueueURL(_ context.Context, c *call, in getQueueURLInput) (queueURLOutput, error) {
	if in.QueueName == "" {
		return queueURLOutput{}, missingParameter("QueueName")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[in.QueueName] == nil || in.QueueOwnerAWSAccountId != "" && in.QueueOwnerAWSAccountId != s.account {
		return queueURLOutput{}, queueDoesNotExist()
	}
	return queueURLOutput{s.queueURL(c.base, in.QueueName)}, nil
}

type listQueuesInput struct {
	QueueNamePrefix string
	MaxResults      *int
	NextToken       string
}

type listQueuesOutput struct {
	NextToken string   `json:",omitempty"`
	QueueUrls []string `json:",omitempty"`
}

const maxListed = 1000

// listQueues returns queues in the order of their names. NextToken is the last name of the page before.
func (s *Server) listQueues(_ context.Context, c *call, in listQueuesInput) (listQueuesOutput, error) {
	limit := maxListed
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	if limit < 1 || limit > maxListed {
		return listQueuesOutput{}, invalidParameter("Value %d for parameter MaxResults is invalid. Reason: Must be between 1 and %d.", limit, maxListed)
	}
	after, err := base64.URLEncoding.DecodeString(in.NextToken)
	if err != nil {
		return listQueuesOutput{}, invalidParameter("Invalid or expired next token.")
	}
	names := s.namesAfter(string(after), in.QueueNamePrefix)
	out := listQueuesOutput{}
	if len(names) > limit {
		names = names[:limit]
		if in.MaxResults != nil {
			out.NextToken = base64.URLEncoding.EncodeToString([]byte(names[limit-1]))
		}
	}
	for _, name := range names {
		out.QueueUrls = append(out.QueueUrls, s.queueURL(c.base, name))
	}
	return out, nil
}

// namesAfter returns the names with a prefix that come after another, in order.
func (s *Server) namesAfter(after, prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.Sorted(maps.Keys(s.queues))
	return slices.DeleteFunc(names, func(name string) bool {
		return name <= after || !strings.HasPrefix(name, prefix)
	})
}
