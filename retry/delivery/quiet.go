package delivery

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxQuiet bounds what an endpoint can ask for: a slip of its clock or its units must not silence a lane for
// longer than a daily quota would.
const maxQuiet = 24 * time.Hour

// A number of seconds from here on is a moment, not a wait: as a wait it would be three years.
const (
	leastEpochSeconds = 1e8
	leastEpochMillis  = 1e11
)

// quietUntil is the moment before which the endpoint wants no further attempt, by its answer at now; zero if
// it asked for nothing that makes sense. Only 429 and 503 are asked.
// Sources: RFC 9110, 10.2.3 (Retry-After); X-RateLimit-Reset has no standard, and comes as seconds or as epoch.
func quietUntil(now time.Time, status int, h http.Header) time.Time {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return time.Time{}
	}
	wait, ok := retryAfter(now, h)
	if !ok {
		wait, ok = rateLimitReset(now, h)
	}
	if !ok || wait <= 0 {
		return time.Time{}
	}
	return now.Add(min(wait, maxQuiet))
}

// retryAfter reads Retry-After as seconds or as a date. A date is compared with the endpoint's own clock where
// it tells it (Date), so that a clock that is off costs nothing.
func retryAfter(now time.Time, h http.Header) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, ok := seconds(text); ok {
		return asWait(n), true
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	return until.Sub(now), true
}

func rateLimitReset(now time.Time, h http.Header) (time.Duration, bool) {
	n, ok := seconds(strings.TrimSpace(h.Get("X-RateLimit-Reset")))
	if !ok {
		return 0, false
	}
	if n >= leastEpochMillis {
		n /= 1000
	}
	if n >= leastEpochSeconds {
		n -= float64(now.UnixMilli()) / 1000
	}
	return asWait(n), true
}

// seconds reads a number that is not negative. Some endpoints write fractions.
func seconds(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n >= 0 // NaN is not
}

// asWait bounds before it converts: a huge float does not fit a Duration.
func asWait(seconds float64) time.Duration {
	return time.Duration(min(seconds, maxQuiet.Seconds()) * float64(time.Second))
}
