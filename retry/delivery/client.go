package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Config is how attempts are made. Its zero value is useful.
type Config struct {
	// Timeout is for a whole attempt, the answer's body included; 0: 10 s. Connecting and the TLS handshake get
	// half of it each, so that either of them cannot use up the time to answer.
	Timeout time.Duration
	// Allow names what may be dialled although the guard would refuse it: an IP address, a CIDR, HOST or
	// HOST:PORT (an address may have a port too). A host is trusted by its name, wherever that resolves to.
	Allow []string
	// DialContext makes connections; nil: [net.Dialer]. It is given addresses, and names only of hosts in Allow.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Lookup resolves a host; nil: [net.DefaultResolver].
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// PerHost is how many idle connections are kept for each host; 0: 8.
	PerHost int
	// RootCAs are whose certificates are trusted; nil: those of the system.
	RootCAs *x509.CertPool
}

// Bounds that nobody has needed to change.
const (
	defaultTimeout = 10 * time.Second
	defaultPerHost = 8
	maxIdle        = 1024             // connections, over all hosts
	idleTimeout    = 90 * time.Second // as net/http's own
	maxHeaderBytes = 64 << 10         // of an answer
	keepAlive      = 15 * time.Second // a silent HTTP/2 connection is pinged after this
	pingTimeout    = 5 * time.Second  // and closed after this, or a dead one would take every attempt
)

// Client makes attempts over pooled connections. It may be used by many goroutines.
type Client struct {
	transport *http.Transport
	timeout   time.Duration // of an attempt
	phase     time.Duration // of connecting, and of the TLS handshake
	answers   answers
}

// New checks the configuration; its error names everything that is wrong with it.
func New(cfg Config) (*Client, error) {
	allow, err := parseAllow(cfg.Allow)
	if cfg.Timeout < 0 {
		err = errors.Join(err, fmt.Errorf("timeout %v: it must be positive", cfg.Timeout))
	}
	if cfg.PerHost < 0 {
		err = errors.Join(err, fmt.Errorf("connections per host %d: it must be positive", cfg.PerHost))
	}
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	c := &Client{timeout: cfg.Timeout}
	if c.timeout == 0 {
		c.timeout = defaultTimeout
	}
	c.phase = c.timeout / 2
	d := &dialer{allowed: allow, timeout: c.phase, lookup: cfg.Lookup, connect: cfg.DialContext}
	if d.lookup == nil {
		d.lookup = lookup
	}
	if d.connect == nil {
		d.connect = new(net.Dialer).DialContext
	}
	c.transport = newTransport(cfg, d, c.phase)
	return c, nil
}

func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

func newTransport(cfg Config, d *dialer, handshake time.Duration) *http.Transport {
	perHost := cfg.PerHost
	if perHost == 0 {
		perHost = defaultPerHost
	}
	return &http.Transport{
		DialContext:            d.dial,
		TLSClientConfig:        &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    handshake,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: keepAlive, PingTimeout: pingTimeout},
		DisableCompression:     true,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    perHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// Close gives up the idle connections; those in use end with their attempts. It can be called twice, and the
// client can still be used.
func (c *Client) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}
