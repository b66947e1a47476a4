package sqsclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

// Config says which queues, and where they are. Only Queue is needed.
type Config struct {
	Queue  string // name or URL of the waiting queue
	Parked string // name or URL of the parked queue; default: Queue and "-parked"

	// Region and Endpoint go before what the AWS SDK finds in environment and shared configuration:
	// AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL_SQS and the rest of its chain.
	Region   string
	Endpoint string // URL

	// DialContext connects to the embedded server, whatever address it is asked for. Where it is set, nothing of
	// AWS's configuration is looked at.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Direct is the embedded server itself while this process runs it, and nil while it does not. Where it is not nil no
	// connection is made. It goes with DialContext.
	Direct func() http.RoundTripper

	// Claims is where payloads go that are too large for a queue: s3://BUCKET/PREFIX, or the path of a folder, which all
	// that use the queues must share. "": letters with such payloads are not taken. The S3 endpoint is
	// AWS_ENDPOINT_URL_S3 or what else the SDK finds.
	Claims string
	// ClaimsFrom are further places, s3://BUCKET/PREFIX, that payloads are read from, but never deleted.
	ClaimsFrom []string

	// Visibility is how long a receive leases letters, in whole seconds up to 12 h; default 30 s. It is short
	// because a lost answer, or one thrown away by a retry inside the SDK, hides ten letters for as long.
	Visibility time.Duration
	// Linger is how long a batch of sends or of changes of visibility that is not full waits for the next entry, and a
	// fifth of how long it waits at most; default 10 ms. Deletes wait for 15 and at most 25 times as long.
	Linger time.Duration
	// CloseWithin is how long Close lets requests under way take; default 10 s.
	CloseWithin time.Duration
}

const (
	defaultVisibility = 30 * time.Second
	defaultLinger     = 10 * time.Millisecond
	defaultCloseTime  = 10 * time.Second
	longestVisibility = 12 * time.Hour // SQS: VisibilityTimeout is at most 43,200 s
)

// withDefaults fills in what is not set and says all that is wrong.
func (c Config) withDefaults() (Config, error) {
	if c.Visibility == 0 {
		c.Visibility = defaultVisibility
	}
	if c.Linger == 0 {
		c.Linger = defaultLinger
	}
	if c.CloseWithin == 0 {
		c.CloseWithin = defaultCloseTime
	}
	if c.Parked == "" && c.Queue != "" {
		c.Parked = strings.TrimRight(c.Queue, "/") + "-parked"
	}
	return c, errors.Join(
		checkQueue("waiting", c.Queue),
		checkQueue("parked", c.Parked),
		c.checkDistinct(),
		c.checkTimes(),
		c.checkClaims(),
	)
}

// checkQueue refuses what can be seen to be wrong before anything is asked of SQS.
func checkQueue(which, queue string) error {
	switch {
	case queue == "":
		return fmt.Errorf("no %s queue given", which)
	case strings.HasSuffix(queue, ".fifo"):
		return fmt.Errorf("%s queue %q is a FIFO queue: letters are delivered in the order in which they are due, so use a standard queue", which, queue)
	case !isURL(queue):
		return nil
	}
	if u, err := url.Parse(queue); err != nil || u.Host == "" || queueName(queue) == "" {
		return fmt.Errorf("%s queue %q is not the URL of a queue", which, queue)
	}
	return nil
}

func (c Config) checkDistinct() error {
	if c.Queue != "" && c.Queue == c.Parked {
		return fmt.Errorf("waiting and parked queue are both %q: name two queues", c.Queue)
	}
	return nil
}

func (c Config) checkTimes() error {
	var errs []error
	if c.Visibility < time.Second || c.Visibility > longestVisibility || c.Visibility%time.Second != 0 {
		errs = append(errs, fmt.Errorf("visibility %v: SQS takes whole seconds, 1 s to 12 h", c.Visibility))
	}
	if c.CloseWithin < 0 {
		errs = append(errs, fmt.Errorf("%v to close: it must not be negative", c.CloseWithin))
	}
	if c.Linger < 0 {
		errs = append(errs, fmt.Errorf("linger %v must not be negative", c.Linger))
	}
	return errors.Join(errs...)
}

func isURL(queue string) bool {
	return strings.HasPrefix(queue, "https://") || strings.HasPrefix(queue, "http://")
}

// queueName is the name of a queue that is given by name or URL, "" if a URL has none.
func queueName(queue string) string {
	if !isURL(queue) {
		return queue
	}
	u, err := url.Parse(queue)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return ""
	}
	return path.Base(u.Path)
}

// regionOf is the region that an AWS queue URL names, like https://sqs.eu-west-1.amazonaws.com/123456789012/letters,
// "" for any other name or URL.
func regionOf(queue string) string {
	u, err := url.Parse(queue)
	if err != nil {
		return ""
	}
	rest, isSQS := strings.CutPrefix(u.Hostname(), "sqs.")
	region, _, isAWS := strings.Cut(rest, ".amazonaws.com")
	if !isSQS || !isAWS {
		return ""
	}
	return region
}
