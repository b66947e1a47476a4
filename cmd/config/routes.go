package config

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// routeSources are the sources of letters that can have a route: those of retry/deadletter, and any.
func routeSources() []string { return []string{"eventbridge", "sns", "lambda", "bare", "*"} }

const routeHint = "write it like eventbridge=https://crm.example.com/hook, with %2C for a comma in the URL"

// routes takes any number of SOURCE=URL.
func routes(field func(*Config) *map[string]string) kind {
	return kind{
		name: "source=url",
		many: true,
		set: func(c *Config, raw []string) error {
			all := map[string]string{}
			for _, entry := range parts(raw) {
				source, to, err := parseRoute(entry)
				if err != nil {
					return err
				}
				if _, twice := all[source]; twice {
					return &invalid{fmt.Sprintf("letters from %q have two routes", source), "give them one"}
				}
				all[source] = to
			}
			*field(c) = all
			return nil
		},
		get: func(c *Config) string {
			var all []string
			for _, source := range slices.Sorted(maps.Keys(*field(c))) {
				all = append(all, source+"="+(*field(c))[source])
			}
			return strings.Join(all, ",")
		},
	}
}

// parseRoute takes what retry does. It leaves the URL out of what it says: that may hold a password.
func parseRoute(entry string) (source, to string, err error) {
	source, to, ok := strings.Cut(entry, "=")
	source, to = strings.TrimSpace(source), strings.TrimSpace(to)
	switch {
	case !ok || strings.Contains(source, "/"):
		return "", "", &invalid{"a route begins with a source and =", routeHint}
	case !slices.Contains(routeSources(), source):
		return "", "", &invalid{fmt.Sprintf("%q is none of the sources %s", source, strings.Join(routeSources(), ", ")), routeHint}
	}
	if what := wrongWithURL(to); what != "" {
		return "", "", &invalid{fmt.Sprintf("the route for letters from %q %s", source, what), routeHint}
	}
	return source, to, nil
}

// wrongWithURL says what keeps a URL from being that of an endpoint, "" if nothing does.
func wrongWithURL(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "leads to no URL"
	case u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Hostname(), ".") == "":
		return "leads to no URL of http or https"
	case u.User != nil:
		return "holds a user name or password"
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "has a port that is not 1 to 65535"
		}
	}
	return ""
}
