package config

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// maxQueueName is how long the name of a queue may be, in characters (SQS: CreateQueue).
const maxQueueName = 80

// queue takes what SQS can know a queue by: a name or a URL.
func queue(field func(*Config) *string) kind {
	k := text(field)
	k.set = func(c *Config, raw []string) error {
		given := raw[len(raw)-1]
		if err := checkQueue(given); err != nil {
			return err
		}
		*field(c) = given
		return nil
	}
	return k
}

func checkQueue(given string) error {
	switch {
	case given == "":
		return &invalid{"the value is empty", "give it one, or leave it out"}
	case strings.Contains(given, "://"):
		return checkQueueURL(given)
	}
	return checkQueueName(given)
}

func checkQueueName(name string) error {
	switch {
	case strings.HasSuffix(name, ".fifo"):
		return &invalid{fmt.Sprintf("%q is a FIFO queue", name), "use a standard queue: letters are delivered in the order in which they are due"}
	case len(name) > maxQueueName:
		return &invalid{fmt.Sprintf("%q has %d characters", name, len(name)), fmt.Sprintf("the name of a queue has %d at most", maxQueueName)}
	case !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(name):
		return &invalid{fmt.Sprintf("%q is not the name of a queue", name), "write letters of A to Z and a to z, digits, - and _, or the queue's URL"}
	}
	return nil
}

// checkQueueURL refuses a user and a query too: no queue has them, and a name is shown wherever the queue is
// spoken of. Its errors do not show the URL.
func checkQueueURL(given string) error {
	const hint = "copy the URL that SQS gives the queue, like https://sqs.eu-west-1.amazonaws.com/123456789012/gen-webhook-dlq"
	u, err := url.Parse(given)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return &invalid{"it is not the URL of a queue", hint}
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return &invalid{"the URL of a queue has no user, no query and no fragment", hint}
	case strings.Trim(u.Path, "/") == "":
		return &invalid{"the URL names no queue", hint}
	}
	return checkQueueName(path.Base(u.Path))
}

// completeQueues names the parked queue after the other one where it has no name of its own, and holds that they
// are two.
func (c *Config) completeQueues() error {
	if c.Parked == "" {
		c.Parked = strings.TrimRight(c.Queue, "/") + "-parked"
		if err := checkQueue(c.Parked); err != nil {
			return &Error{
				Origin: c.origins["queue"], Message: "its name leaves no room for -parked, which would name the parked queue",
				Advice: "name the parked queue with --parked", Err: err,
			}
		}
	}
	if c.Parked == c.Queue {
		return &Error{
			Origin: c.stronger("parked", "queue"), Message: "the parked queue is the dead letter queue itself",
			Advice: "name another queue: letters would be received again as soon as they are parked",
		}
	}
	return nil
}
