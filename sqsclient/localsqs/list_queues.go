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
	s.mu.Lock()
	defer s.mu.Unlock()
	urls, next, err := s.page(c, in.MaxResults, in.NextToken, func(q *queue) bool { return strings.HasPrefix(q.Name, in.QueueNamePrefix) })
	return listQueuesOutput{next, urls}, err
}

type listSourcesInput struct {
	QueueUrl   string
	MaxResults *int
	NextToken  string
}

type listSourcesOutput struct {
	NextToken string   `json:",omitempty"`
	QueueUrls []string `json:"queueUrls"`
}

// listDeadLetterSourceQueues returns the queues whose dead letters go to a queue, in pages as listQueues.
func (s *Server) listDeadLetterSourceQueues(_ context.Context, c *call, in listSourcesInput) (listSourcesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target, err := s.queueAt(in.QueueUrl)
	if err != nil {
		return listSourcesOutput{}, err
	}
	urls, next, err := s.page(c, in.MaxResults, in.NextToken, func(q *queue) bool { return s.deadLetterQueue(q) == target })
	return listSourcesOutput{next, append([]string{}, urls...)}, err
}

// page returns the URLs of the queues that are wanted, as many as the client takes, and where the next page begins if the
// client wants pages. s.mu is held.
func (s *Server) page(c *call, maxResults *int, token string, wanted func(*queue) bool) (urls []string, next string, err error) {
	limit := maxListed
	if maxResults != nil {
		limit = *maxResults
	}
	if limit < 1 || limit > maxListed {
		return nil, "", invalidParameter("Value %d for parameter MaxResults is invalid. Reason: Must be between 1 and %d.", limit, maxListed)
	}
	after, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", invalidParameter("Invalid or expired next token.")
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(s.queues)), func(name string) bool {
		return name <= string(after) || !wanted(s.queues[name])
	})
	if len(names) > limit {
		names = names[:limit]
		if maxResults != nil {
			next = base64.URLEncoding.EncodeToString([]byte(names[limit-1]))
		}
	}
	for _, name := range names {
		urls = append(urls, s.queueURL(c.base, name))
	}
	return urls, next, nil
}
