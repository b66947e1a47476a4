package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// listen opens a TCP address for what is named.
func listen(ctx context.Context, what, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &failure{
			err:  fmt.Errorf("%s cannot listen on %q: the port is in use", what, address),
			hint: "stop what listens there, or give another port with --listen",
			code: Unreachable,
		}
	}
	return nil, &failure{
		err:  fmt.Errorf("%s cannot listen on %q: %w", what, address, err),
		hint: "give an address of this machine with --listen, like 127.0.0.1:8080",
		code: Unreachable,
	}
}
