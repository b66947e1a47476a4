// Package cloud reads webhook configurations from Genesys Cloud: OAuth with client credentials, and the
// Open Messaging integrations of the organization through Genesys' SDK.
//
//	Webhooks ─▶ token: cached, asked for again at 85 % of its life, and once after a 401
//	         ─▶ pages of integrations ─▶ rows with findings (genesys.Validate)
//
// It changes nothing in Genesys Cloud, and it keeps no secret of an integration: a row says whether there is
// one. Every failure is one of the types in errors.go, with a hint for whoever must act.
//
// The SDK takes minutes to compile, so that nothing but the commands imports this package. Of the SDK only
// the paths and the models are used: requests are made by an HTTP client of our own (see sdk.go for why).
package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"rehook/genesys"
)

// Config says whose webhooks to read, and how to get there.
type Config struct {
	Region       genesys.Region
	BaseURL      string // of API and tokens, in place of the region's: a simulator
	ClientID     string // of an OAuth client with the grant type Client Credentials
	ClientSecret string
	Organization string // shown where the organization's name cannot be read

	// DialContext makes the connections; nil: the network, through the proxy that the environment names.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client reads from one organization. It is safe for concurrent use, and starts nothing: there is nothing
// to close.
type Client struct {
	api    string // base URL
	where  string // for people: the domain
	http   *http.Client
	tokens *tokens

	mu  sync.Mutex // guards org
	org string     // the organization's name, once it is known
	alt string     // what to show until then
}

// New makes a client. It connects to nothing; its error says which settings are missing or wrong.
func New(cfg Config) (*Client, error) {
	login, api, where, err := cfg.hosts()
	if cfg.ClientID == "" {
		err = errors.Join(err, errors.New("no OAuth client: set GENESYSCLOUD_OAUTHCLIENT_ID"))
	}
	if cfg.ClientSecret == "" {
		err = errors.Join(err, errors.New("no secret of the OAuth client: set GENESYSCLOUD_OAUTHCLIENT_SECRET"))
	}
	if err != nil {
		return nil, err
	}
	client := newHTTPClient(cfg.DialContext)
	return &Client{
		api: api, where: where, http: client, alt: cmp.Or(cfg.Organization, where),
		tokens: newTokens(client, login+"/oauth/token", cfg.ClientID, cfg.ClientSecret),
	}, nil
}

// hosts are the base URLs for tokens and for the API, and their name for people.
func (cfg Config) hosts() (login, api, where string, err error) {
	if cfg.BaseURL != "" {
		u, err := url.Parse(cfg.BaseURL)
		if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
			return "", "", "", errors.New("the base URL of the Genesys Cloud API is none: give one such as http://127.0.0.1:8080")
		}
		base := u.Scheme + "://" + u.Host + strings.TrimSuffix(u.Path, "/")
		return base, base, u.Host, nil
	}
	if cfg.Region.Domain == "" {
		return "", "", "", errors.New("no Genesys Cloud region: set GENESYSCLOUD_REGION, for example to eu-west-1")
	}
	return cfg.Region.LoginURL(), cfg.Region.APIURL(), cfg.Region.Domain, nil
}

// requestTimeout bounds one request, whatever the context allows.
const requestTimeout = 15 * time.Second

func newHTTPClient(dial func(context.Context, string, string) (net.Conn, error)) *http.Client {
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout:     5 * time.Second, // pages of one listing share a connection; the next listing is a minute away
	}
	if dial != nil {
		t.Proxy, t.DialContext = nil, dial
	}
	return &http.Client{
		Transport: t,
		Timeout:   requestTimeout,
		// Credentials go to the host that was named, and to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Webhooks lists all Open Messaging integrations, each with what is wrong with it. Errors: see errors.go; a
// context that has ended is found in them by [errors.Is].
func (c *Client) Webhooks(ctx context.Context) (genesys.Listing, error) {
	observed, err := c.integrations(ctx)
	if err != nil {
		return genesys.Listing{}, fmt.Errorf("list the webhooks of %s: %w", c.where, err)
	}
	return genesys.Listing{
		Org: c.organization(ctx), Region: c.where, At: time.Now(), Webhooks: genesys.Validate(observed),
	}, nil
}
