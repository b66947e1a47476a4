package delivery

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// EndpointOf is the lane that a URL belongs to: scheme, host and port, in lower case and without the scheme's
// own port, as in "https://crm.example.com" or "http://[::1]:8080". Its error says why nothing can be sent to
// the URL.
func EndpointOf(rawURL string) (string, error) {
	t := targetOf(rawURL)
	return t.endpoint, t.err
}

func endpointOf(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		return u.Scheme + "://" + net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return u.Scheme + "://" + host
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// checkURL refuses what no webhook endpoint looks like, before anything is resolved or dialled.
func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return &refusal{why: fmt.Sprintf("the endpoint's URL has the scheme %q: only http and https are delivered to", u.Scheme)}
	case u.User != nil:
		return &refusal{why: "the endpoint's URL holds a user name or password: take it out, and send a header in its place"}
	case strings.Trim(u.Hostname(), ".") == "":
		return &refusal{why: "the endpoint's URL names no host"}
	}
	if text := u.Port(); text != "" {
		if port, err := strconv.ParseUint(text, 10, 16); err != nil || port == 0 {
			return &refusal{why: fmt.Sprintf("the endpoint's URL has the port %q: it must be 1 to 65535", text)}
		}
	}
	return nil
}

// badURL leaves out the URL itself, which may hold a password.
func badURL(err error) string {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	return fmt.Sprintf("the endpoint's URL cannot be read: %v", err)
}

// refusal says that we make no connection, and what can be done about it.
type refusal struct{ why string }

func (r *refusal) Error() string { return r.why }
