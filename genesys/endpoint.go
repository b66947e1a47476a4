package genesys

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// checkEndpoint judges the URL that Genesys is to call: it must be public, and https on port 443
// (help.mypurecloud.com/articles/configure-an-open-messaging-integration). No message repeats a secret in it.
func checkEndpoint(raw string) []Finding {
	if raw == "" {
		return failure("it has no endpoint", "set the outbound notification webhook URL of the integration")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Hostname() == "" {
		return failure("its endpoint is not the URL of a host", "give the whole URL: https://host/path")
	}
	return slices.Concat(checkScheme(u), checkPort(u), checkHost(u.Hostname()), checkRest(u))
}

func checkScheme(u *url.URL) []Finding {
	switch u.Scheme {
	case "https":
		return nil
	case "http":
		return failure("http, no TLS: Genesys delivers over https only", "serve the endpoint over https on port 443")
	default:
		return failure(fmt.Sprintf("scheme %q: Genesys delivers over https only", u.Scheme), "give the whole URL: https://host/path")
	}
}

func checkPort(u *url.URL) []Finding {
	if p := u.Port(); p != "" && p != "443" {
		return failure(fmt.Sprintf("port %s: Genesys delivers to port 443 only", p), "put the endpoint behind port 443")
	}
	return nil
}

func checkHost(host string) []Finding {
	const hint = "give a host name that the internet can resolve, or put a public proxy before it"
	if addr, err := netip.ParseAddr(host); err == nil {
		if !public(addr) {
			return failure(fmt.Sprintf("%s is not a public address: Genesys cannot reach it", addr), hint)
		}
		return warning("its host is an address: certificates are seldom valid for one", "use a host name")
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	switch {
	case !plainName(name):
		return failure(fmt.Sprintf("host %q is not a host name in ASCII", host), "check it for look-alikes and stray characters")
	case numeric(name):
		return failure(fmt.Sprintf("host %q is an address in a notation that hides it", host), "use a host name")
	case !strings.Contains(name, ".") || privateName(name):
		return failure(fmt.Sprintf("host %q is known inside a private network only: Genesys cannot reach it", host), hint)
	case collector(name):
		return warning(fmt.Sprintf("host %q is a tunnel or collector for tests: others may read what is sent there", host),
			"use an endpoint of your own before real conversations go there")
	}
	return nil
}

func checkRest(u *url.URL) []Finding {
	var found []Finding
	if u.User != nil {
		found = append(found, warning("its URL has a user name or password in it: whoever may list integrations sees them",
			"use the integration's webhook headers, or the signature")...)
	}
	if u.Fragment != "" {
		found = append(found, warning("its URL has a fragment, which is never sent", `remove everything from "#" on`)...)
	}
	return found
}

// sameEndpoint is equal for URLs that lead to the same place.
func sameEndpoint(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	u.Host = strings.TrimSuffix(strings.ToLower(u.Host), ":443")
	u.Fragment = ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// public says whether the internet routes to an address.
func public(addr netip.Addr) bool {
	addr = addr.Unmap()
	if !addr.IsGlobalUnicast() || addr.IsPrivate() || addr.Zone() != "" {
		return false
	}
	for _, special := range []string{ // IANA special-purpose address registries
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"240.0.0.0/4", "64:ff9b:1::/48", "100::/64", "2001:db8::/32", "fec0::/10",
	} {
		if netip.MustParsePrefix(special).Contains(addr) {
			return false
		}
	}
	return true
}

// plainName says whether a name in lower case has only what host names have; others are encoded with "xn--".
func plainName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || strings.Trim(label, letters) != "" {
			return false
		}
	}
	return true
}

// numeric is true for what old resolvers take for an address: "2130706433", "0x7f.1", "127.1".
func numeric(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return last != "" && (strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"))
}

func privateName(name string) bool {
	return under(name, "localhost", "local", "internal", "intranet", "lan", "home.arpa", "corp", "invalid", "test")
}

func collector(name string) bool {
	return under(name, "webhook.site", "ngrok.io", "ngrok.app", "ngrok.dev", "ngrok-free.app", "ngrok-free.dev",
		"pipedream.net", "beeceptor.com", "requestcatcher.com", "trycloudflare.com", "loca.lt")
}

// under says whether a name is one of the domains or lies in one.
func under(name string, domains ...string) bool {
	return slices.ContainsFunc(domains, func(d string) bool {
		return name == d || strings.HasSuffix(name, "."+d)
	})
}

// mask stands for what is not shown, as in [url.URL.Redacted].
const mask = "xxxxx"

// MaskURL is a URL without what may be secret in it: passwords, and the values of its query, where functions
// in the cloud expect their keys. What is no URL is masked whole.
func MaskURL(raw string) string {
	if raw == "" {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" {
		return mask
	}
	if u.User != nil {
		u.User = url.User(mask)
	}
	if u.RawQuery != "" {
		u.RawQuery = maskQuery(u.RawQuery)
	}
	return u.String()
}

func maskQuery(query string) string {
	parts := strings.Split(query, "&")
	for i, p := range parts {
		name, _, valued := strings.Cut(p, "=")
		if parts[i] = mask; valued {
			parts[i] = name + "=" + mask
		}
	}
	return strings.Join(parts, "&")
}
