package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	sdk "github.com/mypurecloud/platform-client-sdk-go/v157/platformclientv2"
)

// call makes one call of the SDK with a token, and once more with a new one if Genesys no longer takes it.
func call[T any](ctx context.Context, c *Client, do func(*sdk.Configuration) (*T, error)) (*T, error) {
	token, err := c.tokens.get(ctx, "")
	if err != nil {
		return nil, err
	}
	got, err := guarded(do, c.configuration(ctx, token))
	if _, stale := errors.AsType[*CredentialsError](err); !stale {
		return got, err
	}
	if token, err = c.tokens.get(ctx, token); err != nil {
		return nil, err
	}
	return guarded(do, c.configuration(ctx, token))
}

// guarded turns the panics of the SDK, and its answers that are nothing at all, into errors.
func guarded[T any](do func(*sdk.Configuration) (*T, error), cfg *sdk.Configuration) (got *T, err error) {
	defer func() {
		if p := recover(); p != nil {
			got, err = nil, &AnswerError{What: "Genesys' SDK gave up", Err: fmt.Errorf("%v", p)}
		}
	}()
	got, err = do(cfg)
	if err == nil && got == nil {
		return nil, &AnswerError{What: "the listing", Err: errNothing}
	}
	if err != nil && !ours(err) {
		return nil, &AnswerError{What: "the listing", Err: err}
	}
	return got, err
}

// ours says whether an error comes from our own HTTP client, and thus through the SDK as it was.
func ours(err error) bool {
	_, hinted := err.(interface{ Hint() string })
	return hinted
}

// configuration is what the SDK needs for calls in one context with one token. The SDK's own constructors are
// not used: they read files, start goroutines, and write to loggers that all configurations share.
func (c *Client) configuration(ctx context.Context, token string) *sdk.Configuration {
	cfg := &sdk.Configuration{
		BasePath:             c.api,
		AccessToken:          token,
		LoggingConfiguration: &sdk.LoggingConfiguration{LogLevel: sdk.LNone},
	}
	if err := cfg.APIClient.SetHttpClient(&requester{ctx: ctx, http: c.http}); err != nil {
		panic("bug: " + err.Error())
	}
	cfg.APIClient = sdk.NewAPIClient(cfg)
	return cfg
}

// requester is the HTTP client that the SDK is given. The SDK's own knows no context and no timeout, prints to
// standard error, has data races, and panics or loses the status on answers that are not the API's. This one
// turns every answer but success into one of our errors before the SDK sees it.
type requester struct {
	ctx  context.Context //nolint:containedctx // the SDK's calls take none
	http *http.Client
}

// Do makes a request without a body, the only kind that is needed here.
func (r *requester) Do(o *sdk.HTTPRequestOptions) (*http.Response, error) {
	if o.GetUrl() == nil {
		return nil, &AnswerError{What: "the address", Err: errNothing}
	}
	req, err := http.NewRequestWithContext(r.ctx, o.GetMethod(), o.GetUrl().String(), nil)
	if err != nil {
		return nil, unreachable(err)
	}
	req.Header = http.Header(o.GetHeaders()).Clone()
	a, err := exchange(r.http, req)
	if err != nil {
		return nil, err
	}
	if a.status < 200 || a.status >= 300 {
		return nil, refusedCall(a)
	}
	return &http.Response{
		StatusCode: a.status, Status: http.StatusText(a.status), Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)),
	}, nil
}

// refusedCall reads a refusal of the API. A 401 is taken for the end of the token first, see call.
func refusedCall(a answer) error {
	var words struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(a.body, &words) // a proxy's page has no words for us
	reason := quotable(words.Code, words.Message)
	switch a.status {
	case http.StatusUnauthorized:
		return &CredentialsError{Status: a.status, Reason: reason}
	case http.StatusForbidden:
		return &PermissionError{Permission: viewIntegrations, Reason: reason}
	case http.StatusTooManyRequests:
		return &RateLimitedError{RetryAfter: a.retryAfter()}
	default:
		return &UnreachableError{Status: a.status}
	}
}

// The SDK sets these before every call, on a client that calls share; there is nothing here to set.

func (*requester) SetRetryMax(int)               {}
func (*requester) SetRetryWaitMax(time.Duration) {}
func (*requester) SetRetryWaitMin(time.Duration) {}

func (*requester) SetRequestLogHook(func(retryablehttp.Logger, *http.Request, int)) {}

func (*requester) SetResponseLogHook(func(retryablehttp.Logger, *http.Response)) {}

func (*requester) SetCheckRetry(func(context.Context, *http.Response, error) (bool, error)) {}

func (*requester) SetTransport(*http.Transport)  {}
func (*requester) SetHttpsAgent(*sdk.ProxyAgent) {}
