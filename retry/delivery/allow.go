package delivery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// allowed is what may be dialled although the guard would refuse it.
type allowed struct {
	names []hostPort // trusted by name
	nets  []netPort
}

type hostPort struct {
	host string // lower case, no dot at the end
	port string // "": every port
}

type netPort struct {
	net  netip.Prefix
	port string // "": every port
}

func parseAllow(entries []string) (allowed, error) {
	var a allowed
	var errs []error
	for _, entry := range entries {
		if err := a.add(strings.TrimSpace(entry)); err != nil {
			errs = append(errs, fmt.Errorf("allow %q: %w", entry, err))
		}
	}
	return a, errors.Join(errs...)
}

func (a *allowed) add(entry string) error {
	if strings.Contains(entry, "/") {
		return a.addNet(entry)
	}
	host, port := entry, ""
	if _, err := netip.ParseAddr(strings.Trim(entry, "[]")); err != nil && strings.Contains(entry, ":") {
		if host, port, err = net.SplitHostPort(entry); err != nil {
			return fmt.Errorf("it must be HOST, HOST:PORT, an IP address or a CIDR: %w", err)
		}
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("the port %q must be 1 to 65535", port)
		}
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		addr = plain(addr)
		a.nets = append(a.nets, netPort{netip.PrefixFrom(addr, addr.BitLen()), port})
		return nil
	}
	host = normalHost(host)
	if !isHostName(host) {
		return errors.New("it must be HOST, HOST:PORT, an IP address or a CIDR")
	}
	a.names = append(a.names, hostPort{host, port})
	return nil
}

func (a *allowed) addNet(entry string) error {
	p, err := netip.ParsePrefix(entry)
	if err != nil {
		return fmt.Errorf("it is no CIDR such as 10.0.0.0/8: %w", err)
	}
	if p.Addr().Is4In6() {
		return errors.New("write it as an IPv4 network, such as 10.0.0.0/8")
	}
	a.nets = append(a.nets, netPort{p.Masked(), ""})
	return nil
}

// name says whether a host is trusted by name, wherever it resolves to.
func (a *allowed) name(host, port string) bool {
	host = normalHost(host)
	for _, n := range a.names {
		if n.host == host && (n.port == "" || n.port == port) {
			return true
		}
	}
	return false
}

func (a *allowed) addr(addr netip.Addr, port string) bool {
	addr = plain(addr)
	for _, n := range a.nets {
		if n.net.Contains(addr) && (n.port == "" || n.port == port) {
			return true
		}
	}
	return false
}

func normalHost(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

func isHostName(host string) bool {
	return host != "" && len(host) <= 253 && strings.IndexFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}) < 0
}
