package cmd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"

	"rehook/cmd/config"
	"rehook/retry/delivery"
)

var errNoNetwork = errors.New("nothing is asked of the network")

// guard knows which endpoints may never be called, because of where they are. What only a resolver would know is not
// asked.
type guard struct{ offline *delivery.Client }

func newGuard(cfg *config.Config) (*guard, error) {
	offline, err := delivery.New(delivery.Config{
		Allow:       cfg.Allow,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errNoNetwork },
		Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			if host == "localhost" {
				return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
			}
			return nil, errNoNetwork
		},
	})
	return &guard{offline}, err
}

// refusal says why a URL may not be called; "" if it may, as far as that can be told.
func (g *guard) refusal(ctx context.Context, url string) string {
	if r := g.offline.Attempt(ctx, delivery.Request{URL: url}); r.Outcome == delivery.Rejected {
		return r.Error
	}
	return ""
}

// warnRefused says so at the start if no webhook can ever reach the endpoint.
func warnRefused(ctx context.Context, cfg *config.Config, report *slog.Logger) {
	g, err := newGuard(cfg)
	if err != nil {
		return // the station has said so
	}
	if why := g.refusal(ctx, cfg.ForwardTo); why != "" {
		report.Warn("every webhook will be parked as rejected: the endpoint may not be called", "why", why)
	}
}
