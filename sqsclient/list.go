package sqsclient

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// QueueInfo is one queue of the account and region.
type QueueInfo struct {
	Name string
	URL  string
}

// listPage is how many queues one request asks for. Without a number, SQS would list a thousand and say nothing
// of the rest.
const listPage = 1000

// List finds all queues that there are where cfg points to, in SQS's order. Its errors are those of Open.
func List(ctx context.Context, cfg Config) ([]QueueInfo, error) {
	l, err := connect(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("list the queues: %w", err)
	}
	defer l.hang()
	var found []QueueInfo
	pages := sqs.NewListQueuesPaginator(l.calls, &sqs.ListQueuesInput{MaxResults: aws.Int32(listPage)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the queues: %w", l.explain(err, ""))
		}
		for _, url := range page.QueueUrls {
			found = append(found, QueueInfo{Name: queueName(url), URL: url})
		}
	}
	return found, nil
}
