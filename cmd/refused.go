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

// warnRefused says so at the start if no webhook can ever reach the endpoint, because of where that is. What only a
// resolver would know is not asked.
func warnRefused(ctx context.Context, cfg *config.Config, report *slog.Logger) {
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
	if err != nil {
		return // the station has said so
	}
	if r := offline.Attempt(ctx, delivery.Request{URL: cfg.ForwardTo}); r.Outcome == delivery.Rejected {
		report.Warn("every webhook will be parked as rejected: the endpoint may not be called", "why", r.Error)
	}
}
