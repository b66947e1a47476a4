package cmd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"rehook/cmd/config"
	"rehook/genesys/listener"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/record"
	"rehook/sqsclient"
)

// station is the engine and what it stands on: the state directory, which it has for itself, the queues, and
// the client that calls endpoints.
type station struct {
	lock    *lock
	backend *backend
	queues  *sqsclient.Client
	deliver *delivery.Client
	record  *record.Deliveries
	audit   *record.Audit
	trash   *record.Trash
	engine  *retry.Engine
	control socket
	offered net.Listener // of control, to other screens and commands
	report  *slog.Logger
	cfg     *config.Config

	manner
}

// manner is how a station's engine is to work; the zero value attempts at once, and stops when its attempts have ended.
type manner struct {
	pausedBy   string        // who wants the engine to attempt nothing by itself
	stopWithin time.Duration // how long it takes at most to stop; 0: as long as its attempts take
}

// dialer connects to endpoints; nil is the network.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// openStation builds all of it, once nobody else has the state directory. Nothing runs yet, but for the embedded queue.
// The engine is going to be paused if somebody wants that.
func openStation(ctx context.Context, cfg *config.Config, how manner, dial dialer, report *slog.Logger) (*station, error) {
	l, err := lockEngine(cfg)
	if err != nil {
		return nil, err
	}
	s, err := buildStation(ctx, cfg, how, dial, report)
	if err != nil {
		return nil, errors.Join(err, l.release())
	}
	s.lock = l
	return s, nil
}

// buildStation builds it for who holds the lock of the state directory.
func buildStation(ctx context.Context, cfg *config.Config, how manner, dial dialer, report *slog.Logger) (*station, error) {
	s := &station{cfg: cfg, manner: how, report: report}
	if err := s.open(ctx, dial); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *station) open(ctx context.Context, dial dialer) (err error) {
	cfg := s.cfg
	if s.deliver, err = delivery.New(delivery.Config{
		Timeout: cfg.Timeout, Allow: cfg.Allow, PerHost: cfg.PerEndpoint, DialContext: dial,
	}); err != nil {
		return &failure{err: err, hint: "allow HOST, HOST:PORT, an address, or a network like 10.0.0.0/8", code: Configuration}
	}
	if s.backend, err = findBackend(cfg, s.report); err != nil {
		return err
	}
	s.backend.access.CloseWithin = s.stopWithin / 4
	if s.queues, err = s.backend.open(ctx); err != nil {
		return err
	}
	if missing := s.queues.Missing(); missing != nil {
		_, hint, _ := describe(ctx, missing)
		s.report.Warn("letters that can never be delivered cannot be parked: "+missing.Error(), "hint", hint)
	}
	if s.record, err = record.Open(cfg.StateDir); err != nil {
		return unusableState(err)
	}
	if s.audit, err = record.OpenAudit(cfg.StateDir); err != nil {
		return unusableState(err)
	}
	if s.trash, err = record.OpenTrash(cfg.StateDir); err != nil {
		return unusableState(err)
	}
	if s.engine, err = retry.New(retry.Config{
		Queue: s.queues, Payloads: s.queues, Deliver: s.deliver, Deliveries: s.record, Audit: s.audit, Trash: s.trash,
		Name: cfg.Queue, ParkedName: cfg.Parked, Where: s.queues.Where(), Requests: s.queues.Requests,
		Routes: cfg.Routes, MaxRetries: cfg.MaxRetries, BackoffBase: cfg.BackoffBase, BackoffCap: cfg.BackoffCap, Timeout: cfg.Timeout,
		Concurrency: cfg.Concurrency, PerEndpoint: cfg.PerEndpoint, PerEndpointRate: cfg.PerEndpointRate, Inventory: cfg.Inventory,
		PausedBy: s.pausedBy, StopWithin: s.stopWithin, DepthEvery: s.backend.depthEvery(), Logger: s.report,
	}); err != nil {
		return err
	}
	s.control = control(cfg.StateDir)
	if s.offered, err = s.control.listen(); err != nil {
		return unusableState(err)
	}
	return nil
}

// pausedBy is the setting that an engine starts paused for, if any.
func pausedBy(cfg *config.Config) string {
	switch {
	case cfg.ReadOnly && cfg.Paused:
		return "--read-only"
	case cfg.Paused:
		return "--paused"
	default:
		return ""
	}
}

// forwardWithin is for the first attempt, whose sender is waiting.
const forwardWithin = 5 * time.Second

// listener makes one that captures into the station's queue and tells the engine.
func (s *station) listener(forwardTo string, routes map[string]string) (*listener.Listener, error) {
	return listener.New(listener.Config{
		ForwardTo: forwardTo, Routes: routes, Secret: []byte(s.cfg.WebhookSecret), Timeout: min(s.cfg.Timeout, forwardWithin),
		Client: s.deliver, Capture: capture{s}, Logger: s.report,
	})
}

// capture puts a letter into the queue before the engine's eyes.
type capture struct{ *station }

// Send is [listener.Capture].
func (c capture) Send(ctx context.Context, l *deadletter.Letter) error {
	return c.engine.Capture(ctx, l, c.queues.Send)
}

// close gives up what was opened, in the reverse order. What ran must have ended.
func (s *station) close() error {
	var errs []error
	if s.offered != nil {
		_ = s.offered.Close() // it is closed already if the engine ran
		errs = append(errs, s.control.remove())
	}
	if s.queues != nil {
		if err := s.queues.Close(); s.stopWithin == 0 || !errors.Is(err, sqsclient.ErrCutOff) {
			errs = append(errs, err)
		} // else what is not known to have been done is done again
	}
	if s.backend != nil {
		errs = append(errs, s.backend.close())
	}
	if s.record != nil {
		errs = append(errs, s.record.Close())
	}
	if s.audit != nil {
		errs = append(errs, s.audit.Close())
	}
	if s.trash != nil {
		errs = append(errs, s.trash.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	if s.deliver != nil {
		errs = append(errs, s.deliver.Close())
	}
	return errors.Join(errs...)
}
