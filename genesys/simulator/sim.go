package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"math"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// Config says which demonstration to give.
type Config struct {
	Seed uint64  // the same seed gives the same demonstration
	Rate float64 // webhooks a second, on average; 0: 5
}

// DefaultRate is how many webhooks arrive in a second when nothing else was asked for.
const DefaultRate = 5

// genesysHost is where the API answers, to those who dial through [Sim.DialContext].
const genesysHost = "genesys.example.com"

// shutdownGrace is how long requests under way may take to end when serving stops.
const shutdownGrace = 2 * time.Second

// Sim is one demonstration. It is safe for concurrent use.
type Sim struct {
	seed   uint64
	rate   float64
	ledger *ledger
	api    *API
	parts  []*endpoint
	hosts  map[string]*host // by host and port
	rested chan struct{}
	rest   sync.Once // closes rested
}

// host is one server, at a name that only this program knows.
type host struct {
	addr    string
	pipes   *pipeListener
	handler http.Handler
	up      func(time.Time) bool // whether it takes connections now
}

// New makes a demonstration, and starts its clock: endpoints fail and heal by the time since then. It fails
// if the rate makes no sense.
func New(cfg Config) (*Sim, error) {
	if cfg.Rate < 0 || math.IsNaN(cfg.Rate) || math.IsInf(cfg.Rate, 0) {
		return nil, fmt.Errorf("rate %v: must be a number of webhooks a second, such as %d", cfg.Rate, DefaultRate)
	}
	if cfg.Rate == 0 {
		cfg.Rate = DefaultRate
	}
	s := &Sim{seed: cfg.Seed, rate: cfg.Rate, ledger: newLedger(), hosts: map[string]*host{}, rested: make(chan struct{})}
	s.parts = newEndpoints(cfg.Seed, time.Now(), s.ledger, s.rested)
	s.api = NewAPI(APIConfig{Seed: cfg.Seed, Integrations: integrations(cfg.Seed, s.parts)})
	for _, e := range s.parts {
		s.addHost(e.route.Host, e, e.up)
	}
	s.addHost(genesysHost, s.api, func(time.Time) bool { return true })
	return s, nil
}

func (s *Sim) addHost(name string, h http.Handler, up func(time.Time) bool) {
	addr := net.JoinHostPort(name, "80")
	s.hosts[addr] = &host{addr: addr, pipes: newPipeListener(addr), handler: h, up: up}
}

// Relent has endpoints that hang turn away what they have, and what comes, so that an end need not wait for them.
func (s *Sim) Relent() { s.rest.Do(func() { close(s.rested) }) }

// Serve lets the endpoints and the API answer until the context ends, and returns when all of them have
// stopped. It can be called once; a stop that was asked for is no error.
func (s *Sim) Serve(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, h := range s.hosts {
		g.Go(func() error { return h.serve(ctx) })
	}
	return g.Wait()
}

func (h *host) serve(ctx context.Context) error {
	srv := &http.Server{
		Handler:           h.handler,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // what hangs or is slow ends with it
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // a screen is drawn over stderr
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		if srv.Shutdown(grace) != nil {
			_ = srv.Close()
		}
	})
	err := srv.Serve(h.pipes)
	if stop() { // it ended by itself
		return fmt.Errorf("serve %s: %w", h.addr, err)
	}
	<-stopped
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve %s: %w", h.addr, err)
}

// DialContext connects to an endpoint or to the API by name and port, as [net.Dialer.DialContext] would.
// A name that is not of this demonstration does not exist; no network is ever touched.
func (s *Sim) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	h, ok := s.hosts[addr]
	if !ok {
		name, _, _ := net.SplitHostPort(addr)
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{
			Err: "no such host in the demonstration", Name: name, IsNotFound: true,
		}}
	}
	if !h.up(time.Now()) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: h.pipes.Addr(), Err: syscall.ECONNREFUSED}
	}
	return h.pipes.dial(ctx, network)
}

// Route is one endpoint, and the listener's path for it.
type Route struct {
	Path   string // at the listener: "/crm"
	Host   string // "crm.example.com"
	URL    string // where the listener forwards to: "http://crm.example.com/hook"
	Secret string // what the webhooks are signed with
}

// Routes are all endpoints, those with the most traffic first.
func (s *Sim) Routes() []Route {
	routes := make([]Route, len(s.parts))
	for i, e := range s.parts {
		routes[i] = e.route
	}
	return routes
}

// API is the simulated Genesys Cloud API, with its credentials.
func (s *Sim) API() *API { return s.api }

// GenesysURL is the base URL of the API, tokens included, for a client that dials through [Sim.DialContext].
func (s *Sim) GenesysURL() string { return "http://" + genesysHost }

// Tally is what has been counted so far at both ends.
func (s *Sim) Tally() Tally { return s.ledger.tally() }

// Unaccounted are the ids of webhooks that were acknowledged to the sender, but that no endpoint has taken
// and that are not among the ids given, which must be those of all payloads that wait in queues or are parked.
// At a quiet moment these are the lost ones. They come sorted.
func (s *Sim) Unaccounted(queued iter.Seq[string]) []string { return s.ledger.unaccounted(queued) }
