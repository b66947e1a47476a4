package cloud_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"rehook/genesys/cloud"
	"rehook/genesys/simulator"
)

// org is a simulated organization, with something between it and the client.
type org struct {
	*testing.T
	api    *simulator.API
	client *cloud.Client
	dial   func(context.Context, string, string) (net.Conn, error)

	mu       sync.Mutex // guards what is below
	requests []string   // method and URI
	before   func(w http.ResponseWriter, r *http.Request) bool
}

// ServeHTTP lets before answer, and the API if it does not.
func (o *org) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.requests = append(o.requests, r.Method+" "+r.URL.RequestURI())
	before := o.before
	o.mu.Unlock()
	if before == nil || !before(w, r) {
		o.api.ServeHTTP(w, r)
	}
}

// intercept lets a function answer some requests: it says whether it did.
func (o *org) intercept(before func(http.ResponseWriter, *http.Request) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.before = before
}

// counted is how many requests there were to a path.
func (o *org) counted(prefix string) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.requests {
		if len(r) >= len(prefix) && r[:len(prefix)] == prefix {
			n++
		}
	}
	return n
}

// inOrg runs a test in a bubble, with a client of an organization that is reached through pipes.
func inOrg(t *testing.T, api simulator.APIConfig, test func(*org)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		o := &org{T: t, api: simulator.NewAPI(api), dial: l.dial}
		srv := &http.Server{Handler: o}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(l) }()
		o.client = newClient(t, cloud.Config{
			BaseURL: "http://genesys.test", ClientID: o.api.ClientID(), ClientSecret: o.api.ClientSecret(), DialContext: l.dial,
		})
		test(o)
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func newClient(t *testing.T, cfg cloud.Config) *cloud.Client {
	t.Helper()
	c, err := cloud.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pipes is a network of one listener.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
