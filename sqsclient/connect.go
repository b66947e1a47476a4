package sqsclient

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/logging"
)

const (
	pollTime = 20 * time.Second // SQS: the longest that a receive may wait
	// callWithin is how long one attempt may take until its answer is read. The SDK itself would wait for ever.
	callWithin = 10 * time.Second
	pollWithin = pollTime + callWithin

	// What an answer may have at most. Ten messages of 1 MiB can be six times as long in JSON.
	pollBytes = 64 << 20
	callBytes = 4 << 20

	connections = 64 // kept open to one host
)

const (
	// defaultRegion is for servers that have none and only need something in the signature.
	defaultRegion    = "us-east-1"
	embeddedEndpoint = "http://localsqs"
)

// link is the way to SQS.
type link struct {
	polls  *sqs.Client // may wait for letters
	calls  *sqs.Client // all else
	where  string
	claims *claims
	hang   func() // closes idle connections

	requests *requests // that were sent

	refusedCredentials func() // tells that AWS does not accept them
}

func connect(ctx context.Context, cfg Config) (*link, error) {
	found, err := awsConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	buildable, ok := found.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		panic("bug: the AWS configuration has another HTTP client than it was given")
	}
	transport := buildable.GetTransport()
	sent := &requests{}
	l := &link{
		polls: sqs.NewFromConfig(found, options(cfg, way(cfg, transport), sent, pollWithin, pollBytes)),
		calls: sqs.NewFromConfig(found, options(cfg, way(cfg, transport), sent, callWithin, callBytes)),
		hang:  transport.CloseIdleConnections,

		requests:           sent,
		refusedCredentials: func() {},
	}
	if c, ok := found.Credentials.(*renewable); ok {
		l.refusedCredentials = c.refuse
	}
	if l.where, err = whereabouts(cfg, l.calls.Options()); err != nil {
		return nil, err
	}
	if l.claims, err = openClaims(ctx, cfg, found); err != nil {
		return nil, err
	}
	return l, nil
}

func options(cfg Config, transport http.RoundTripper, sent *requests, within time.Duration, bytes int64) func(*sqs.Options) {
	return func(o *sqs.Options) {
		o.HTTPClient = &caller{http.Client{Transport: transport, Timeout: within, CheckRedirect: noRedirect}, bytes, sent}
		// The SDK would fail a batch whole for one wrong checksum; checksums are compared entry by entry here.
		o.DisableMessageChecksumValidation = true
		if cfg.Endpoint != "" {
			o.BaseEndpoint = &cfg.Endpoint
		}
		if o.BaseEndpoint != nil && o.Region == "" {
			o.Region = defaultRegion
		}
	}
}

// way is a connection, or none where the server is at hand.
func way(cfg Config, connections http.RoundTripper) http.RoundTripper {
	if cfg.Direct == nil {
		return connections
	}
	return &shortWay{cfg.Direct, connections}
}

type shortWay struct {
	direct      func() http.RoundTripper
	connections http.RoundTripper
}

func (w *shortWay) RoundTrip(r *http.Request) (*http.Response, error) {
	if direct := w.direct(); direct != nil {
		return direct.RoundTrip(r)
	}
	return w.connections.RoundTrip(r)
}

func awsConfig(ctx context.Context, cfg Config) (aws.Config, error) {
	if cfg.DialContext != nil {
		return embeddedConfig(cfg), nil
	}
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(httpClient(Config{})),
		config.WithLogger(logging.Nop{}), // the SDK would write to standard error, over a screen; what matters comes as an error
	}
	if cfg.Region != "" {
		load = append(load, config.WithRegion(cfg.Region))
	} else if region := regionOf(cfg.Queue); region != "" {
		load = append(load, config.WithRegion(region))
	}
	found, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", err)
	}
	found.Credentials = &renewable{found: found.Credentials, find: func(ctx context.Context) (aws.CredentialsProvider, error) {
		renewed, err := config.LoadDefaultConfig(ctx, load...)
		return renewed.Credentials, err
	}}
	return found, nil
}

// embeddedConfig has no credentials: the embedded server on its socket asks for none, and does not check signatures.
func embeddedConfig(cfg Config) aws.Config {
	return aws.Config{
		Region:       defaultRegion,
		BaseEndpoint: aws.String(embeddedEndpoint),
		Credentials:  aws.AnonymousCredentials{},
		HTTPClient:   httpClient(cfg),
	}
}

// httpClient is of the SDK's own kind, which it can give the authorities of AWS_CA_BUNDLE.
func httpClient(cfg Config) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns = connections
		t.MaxIdleConnsPerHost = connections
		if cfg.DialContext != nil {
			t.DialContext = cfg.DialContext
			t.Proxy = nil // the server is on this machine
		}
	})
}

// whereabouts is what an operator calls the place that requests go to.
func whereabouts(cfg Config, o sqs.Options) (string, error) {
	switch {
	case cfg.DialContext != nil:
		return "embedded", nil
	case o.Region == "":
		return "", &RegionError{}
	case o.BaseEndpoint == nil:
		return o.Region, nil
	}
	u, err := url.Parse(*o.BaseEndpoint)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("the SQS endpoint %q is not a URL", *o.BaseEndpoint)
	}
	return u.Host, nil
}
