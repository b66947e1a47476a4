package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// leastPerAddress is what each address of a host gets before the next one is tried, if there is time.
const leastPerAddress = 2 * time.Second

// dialer resolves, checks and dials, in this order, so that what was checked is what is dialled.
type dialer struct {
	allowed allowed
	timeout time.Duration // for all of it
	lookup  func(ctx context.Context, host string) ([]netip.Addr, error)
	connect func(ctx context.Context, network, addr string) (net.Conn, error)
}

// dial has the form of [http.Transport.DialContext].
func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	conn, err := d.guarded(ctx, network, addr)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, &phaseTimeout{phase: "connecting", after: d.timeout}
	}
	return conn, err
}

func (d *dialer) guarded(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if d.allowed.name(host, port) {
		return d.connect(ctx, network, addr)
	}
	addrs, err := d.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	addrs, err = d.permitted(host, port, addrs)
	if err != nil {
		return nil, err
	}
	return d.first(ctx, network, port, addrs)
}

func (d *dialer) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	addrs, err := d.lookup(ctx, host)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	return addrs, err
}

// permitted keeps the addresses that may be dialled; none is an error.
func (d *dialer) permitted(host, port string, addrs []netip.Addr) ([]netip.Addr, error) {
	var ok []netip.Addr
	var first error
	for _, addr := range addrs {
		kind := kindRefused(addr)
		switch {
		case kind == "" || d.allowed.addr(addr, port):
			ok = append(ok, addr)
		case first == nil:
			first = refuseAddr(host, addr, kind)
		}
	}
	if len(ok) == 0 {
		return nil, first
	}
	return ok, nil
}

// first dials one address after the other until one answers, each with its share of the time that is left.
func (d *dialer) first(ctx context.Context, network, port string, addrs []netip.Addr) (net.Conn, error) {
	var errs []error
	for i, addr := range addrs {
		conn, err := d.one(ctx, network, net.JoinHostPort(addr.String(), port), len(addrs)-i)
		if err == nil {
			return conn, nil
		}
		errs = append(errs, fmt.Errorf("dial %s: %w", addr, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

func (d *dialer) one(ctx context.Context, network, addr string, left int) (net.Conn, error) {
	deadline, _ := ctx.Deadline()
	share := max(time.Until(deadline)/time.Duration(left), leastPerAddress)
	ctx, cancel := context.WithTimeout(ctx, share)
	defer cancel()
	conn, err := d.connect(ctx, network, addr)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, &phaseTimeout{phase: "connecting", after: share}
	}
	return conn, err
}
