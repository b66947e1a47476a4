package retry

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// AnySource stands in [Config.Routes] for every source that has no route of its own.
const AnySource = "*"

// wrongRoutes says what is wrong with them.
func wrongRoutes(routes map[string]string) []error {
	var errs []error
	for _, source := range slices.Sorted(maps.Keys(routes)) {
		if source != AnySource && !slices.Contains(deadletter.Sources(), source) {
			errs = append(errs, fmt.Errorf("retry: a route for letters from %q, which is no source", source))
		}
		if _, err := delivery.EndpointOf(routes[source]); err != nil {
			errs = append(errs, fmt.Errorf("retry: the route for letters from %q: %w", source, err))
		}
	}
	return errs
}

// routed gives a letter that names no endpoint the one of its source. What could not be read is sent nowhere.
func (c *Config) routed(l *deadletter.Letter) *deadletter.Letter {
	if l.OriginalEndpoint != "" || l.Source == deadletter.SourceUnreadable {
		return l
	}
	to, ok := c.Routes[l.Source]
	if !ok {
		to = c.Routes[AnySource]
	}
	if to == "" {
		return l
	}
	l = l.Clone()
	l.OriginalEndpoint = to
	return l
}

// unrouted says why a letter without an endpoint is parked, and what to do.
func unrouted(l *deadletter.Letter) (deadletter.ParkReason, string) {
	switch {
	case l.Source == deadletter.SourceUnreadable && l.Error != "":
		return deadletter.Unreadable, l.Error
	case l.Source == deadletter.SourceUnreadable:
		return deadletter.Unreadable, "no letter could be made of the body"
	case slices.Contains(deadletter.Sources(), l.Source):
		return deadletter.Rejected, fmt.Sprintf("no route for letters from %q: set --route %s=URL, then release it", l.Source, l.Source)
	default:
		return deadletter.Rejected, `the letter names no endpoint to send it to: set --route "*=URL", then release it`
	}
}

// parkedError is what a letter says of why it is parked: its own words if it has any. But those of one without an
// endpoint are of what happened before it came here.
func parkedError(l *deadletter.Letter, why string) string {
	switch {
	case l.Error == "":
		return why
	case l.OriginalEndpoint != "" || strings.HasPrefix(l.Error, why):
		return l.Error
	default:
		return why + "; before that: " + l.Error
	}
}
