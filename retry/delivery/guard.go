package delivery

import (
	"fmt"
	"net/netip"
)

// refused are the networks that no webhook goes to unless it is allowed: what is near us rather than on the
// Internet, and what nobody should have.
// Sources: IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890), read 2026.
var refused = []struct {
	net  netip.Prefix
	kind string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "an unspecified address"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"},
	{netip.MustParsePrefix("100.64.0.0/10"), "a carrier's private address"},
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback address"},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address"}, // cloud metadata: 169.254.169.254
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.0.0.0/24"), "a reserved address"},
	{netip.MustParsePrefix("192.0.2.0/24"), "a documentation address"},
	{netip.MustParsePrefix("192.88.99.0/24"), "a reserved address"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("198.18.0.0/15"), "a benchmarking address"},
	{netip.MustParsePrefix("198.51.100.0/24"), "a documentation address"},
	{netip.MustParsePrefix("203.0.113.0/24"), "a documentation address"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("255.255.255.255/32"), "the broadcast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"},

	{netip.MustParsePrefix("::/128"), "an unspecified address"},
	{netip.MustParsePrefix("::1/128"), "a loopback address"},
	{netip.MustParsePrefix("fc00::/7"), "a private address"}, // cloud metadata: fd00:ec2::254
	{netip.MustParsePrefix("fe80::/10"), "a link-local address"},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address"},
	{netip.MustParsePrefix("2001::/23"), "a reserved address"},
	{netip.MustParsePrefix("2001:db8::/32"), "a documentation address"},
	{netip.MustParsePrefix("2002::/16"), "a 6to4 address"}, // holds an IPv4 address, and nobody routes it any more
	{netip.MustParsePrefix("3fff::/20"), "a documentation address"},
}

var (
	globalIPv6 = netip.MustParsePrefix("2000::/3")
	nat64      = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: the last four bytes are an IPv4 address
)

// kindRefused says what kind of address this is if it is one that is refused; "" means that it may be dialled.
func kindRefused(addr netip.Addr) string {
	addr = plain(addr)
	if nat64.Contains(addr) {
		b := addr.As16()
		addr = netip.AddrFrom4([4]byte(b[12:]))
	}
	for _, r := range refused {
		if r.net.Contains(addr) {
			return r.kind
		}
	}
	if addr.Is6() && !globalIPv6.Contains(addr) {
		return "a reserved address"
	}
	return ""
}

// plain is an address without its disguises: a zone, or an IPv4 address written as IPv6.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

func refuseAddr(host string, addr netip.Addr, kind string) error {
	if host == addr.String() {
		return &refusal{why: fmt.Sprintf("%s is %s, which is not delivered to: if it is meant, --allow %s", addr, kind, addr)}
	}
	return &refusal{why: fmt.Sprintf("%q is at %s, %s, which is not delivered to: if it is meant, --allow %s",
		host, addr, kind, addr)}
}
