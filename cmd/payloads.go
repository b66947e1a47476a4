package cmd

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"rehook/cmd/config"
	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

// payloads reads what is kept outside of the queue for a screen whose engine runs elsewhere. The queue is opened when the
// first one is asked for, which few screens do.
type payloads struct {
	cfg *config.Config

	mu      sync.Mutex // guards backend and queues
	backend *backend
	queues  *sqsclient.Client
}

func (p *payloads) read(ctx context.Context, l *deadletter.Letter) ([]byte, error) {
	queues, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	return queues.Payload(ctx, l)
}

func (p *payloads) open(ctx context.Context) (*sqsclient.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.queues != nil {
		return p.queues, nil
	}
	if p.backend == nil {
		b, err := findBackend(p.cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			return nil, err
		}
		p.backend = b
	}
	queues, err := p.backend.open(ctx)
	if err != nil {
		return nil, err
	}
	p.queues = queues
	return queues, nil
}

func (p *payloads) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	if p.queues != nil {
		errs = append(errs, p.queues.Close())
	}
	if p.backend != nil {
		errs = append(errs, p.backend.close())
	}
	return errors.Join(errs...)
}
