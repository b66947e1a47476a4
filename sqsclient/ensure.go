package sqsclient

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Ensured is what Ensure found and did.
type Ensured struct {
	Where       string       // as [Client.Where] gives it
	Created     []string     // names of queues that did not exist
	Differences []Difference // of queues that existed, and were left as they are
}

// Difference is an attribute of an existing queue that is not what Ensure would have given it.
type Difference struct {
	Queue     string // name
	Attribute string // as SQS calls it, like MessageRetentionPeriod
	Has       string // as SQS writes it: a number of seconds
	Wanted    string
}

// wantedAttributes are what new queues get.
func wantedAttributes() map[string]string {
	return map[string]string{
		string(types.QueueAttributeNameVisibilityTimeout):             "300",     // for other tools: rehook asks for its own
		string(types.QueueAttributeNameMessageRetentionPeriod):        "1209600", // 14 days, the most that SQS keeps
		string(types.QueueAttributeNameReceiveMessageWaitTimeSeconds): "20",      // no empty answers to other tools either
	}
}

// Ensure creates those of the two queues that do not exist, and changes none that does. Its errors are those of
// Open.
func Ensure(ctx context.Context, cfg Config) (Ensured, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Ensured{}, fmt.Errorf("ensure the queues: %w", err)
	}
	l, err := connect(ctx, cfg)
	if err != nil {
		return Ensured{}, fmt.Errorf("ensure the queues: %w", err)
	}
	defer l.hang()
	report := Ensured{Where: l.where}
	for _, queue := range []string{cfg.Queue, cfg.Parked} {
		if err := l.ensure(ctx, queue, &report); err != nil {
			return report, fmt.Errorf("ensure queue %q: %w", queue, err)
		}
	}
	return report, nil
}

func (l *link) ensure(ctx context.Context, nameOrURL string, report *Ensured) error {
	differences, err := l.differences(ctx, nameOrURL)
	if _, missing := errors.AsType[*MissingQueueError](err); missing && !isURL(nameOrURL) {
		var created bool
		if created, err = l.create(ctx, nameOrURL); created {
			report.Created = append(report.Created, nameOrURL)
			return nil
		}
		if err == nil {
			differences, err = l.differences(ctx, nameOrURL)
		}
	}
	report.Differences = append(report.Differences, differences...)
	return err
}

// create makes a queue. It reports false without an error if somebody else was faster, with other attributes.
func (l *link) create(ctx context.Context, name string) (bool, error) {
	_, err := l.calls.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: wantedAttributes()})
	if _, exists := errors.AsType[*types.QueueNameExists](err); exists {
		return false, nil
	}
	if err != nil {
		return false, l.explain(err, name)
	}
	return true, nil
}

// differences compares a queue with what Ensure would have made.
func (l *link) differences(ctx context.Context, nameOrURL string) ([]Difference, error) {
	url, err := l.urlOf(ctx, nameOrURL)
	if err != nil {
		return nil, err
	}
	wanted := wantedAttributes()
	names := slices.Sorted(maps.Keys(wanted))
	var ask []types.QueueAttributeName
	for _, name := range names {
		ask = append(ask, types.QueueAttributeName(name))
	}
	has, err := l.attributes(ctx, queueName(nameOrURL), url, ask...)
	if err != nil {
		return nil, err
	}
	var found []Difference
	for _, name := range names {
		if has[name] != wanted[name] {
			found = append(found, Difference{queueName(nameOrURL), name, has[name], wanted[name]})
		}
	}
	return found, nil
}
