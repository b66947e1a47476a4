package config

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// hosts takes what may be called although it is private: host names and addresses, both with a port or without,
// and networks.
func hosts(field func(*Config) *[]string) kind {
	k := list(field)
	collect := k.set
	k.set = func(c *Config, raw []string) error {
		if err := collect(c, raw); err != nil {
			return err
		}
		for _, entry := range *field(c) {
			if what := wrongWithHost(entry); what != "" {
				return &invalid{fmt.Sprintf("%q %s", entry, what), "allow HOST, HOST:PORT, an address, or a network like 10.0.0.0/8"}
			}
		}
		return nil
	}
	return k
}

// wrongWithHost says what is wrong with an entry, "" if nothing is. It takes what retry/delivery takes.
func wrongWithHost(entry string) string {
	if strings.Contains(entry, "/") {
		return wrongWithNetwork(entry)
	}
	if isAddress(entry) {
		return ""
	}
	host := entry
	if strings.Contains(entry, ":") {
		name, port, err := net.SplitHostPort(entry)
		if err != nil {
			return "is neither a host nor an address"
		}
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "has a port that is not 1 to 65535"
		}
		host = name
	}
	host = strings.TrimSuffix(host, ".")
	if !isAddress(host) && (len(host) > 253 || !regexp.MustCompile(`^[A-Za-z0-9._-]+$`).MatchString(host)) {
		return "is neither a host nor an address"
	}
	return ""
}

func wrongWithNetwork(entry string) string {
	network, err := netip.ParsePrefix(entry)
	switch {
	case err != nil:
		return "is no network"
	case network.Addr().Is4In6():
		return "is an IPv4 network written as one of IPv6"
	}
	return ""
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil
}
