package listener

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"rehook/retry/delivery"
)

// route is one URL that is forwarded to.
type route struct {
	url      *url.URL
	keepPath bool  // the request's path is appended
	turns    slots // forwards in progress
}

// slots are free places: taking one never waits.
type slots chan struct{}

func (s slots) take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) give() { <-s }

// addRoutes reads the URLs of the configuration.
func (l *Listener) addRoutes(cfg Config) error {
	var errs []error
	l.routes = make(map[string]*route, len(cfg.Routes))
	for path, to := range cfg.Routes {
		r, err := newRoute(to)
		if err == nil && !strings.HasPrefix(path, "/") {
			err = errors.New("the path must begin with a slash")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("route %q: %w", path, err))
		}
		l.routes[path] = r
	}
	if cfg.ForwardTo != "" {
		r, err := newRoute(cfg.ForwardTo)
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("forward to: %w", err))...)
		}
		r.keepPath = r.url.Path == "" || r.url.Path == "/"
		l.rest = r
	}
	return errors.Join(errs...)
}

func newRoute(rawURL string) (*route, error) {
	if _, err := delivery.EndpointOf(rawURL); err != nil {
		return nil, err
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	u.Fragment = ""
	return &route{url: u}, nil
}

// route finds where a request goes; nil is nowhere.
func (l *Listener) route(from *url.URL) *route {
	if r, ok := l.routes[from.Path]; ok {
		return r
	}
	return l.rest
}

// target is the URL that a request is forwarded to.
func (r *route) target(from *url.URL) string {
	to := *r.url
	if r.keepPath {
		to.Path, to.RawPath = from.Path, from.RawPath
	}
	switch {
	case to.RawQuery == "":
		to.RawQuery = from.RawQuery
	case from.RawQuery != "":
		to.RawQuery += "&" + from.RawQuery
	}
	return to.String()
}
