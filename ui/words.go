package ui

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rehook/ui/plain"
)

// countdown is the time that is left, in whole seconds as long as they matter: 12s, 4:05, 17m, 9h, 13d 23h.
func countdown(d time.Duration) string {
	d = (d + time.Second - 1).Truncate(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d/time.Second)))
	case d < 10*time.Minute:
		return clockDown(d)
	}
	return span(d)
}

// clockDown is the time that is left as minutes and seconds, for waits that are watched: 0:42.
func clockDown(d time.Duration) string {
	d = max(0, (d + time.Second - 1).Truncate(time.Second))
	if d >= time.Hour {
		return span(d)
	}
	return fmt.Sprintf("%d:%02d", int(d/time.Minute), int(d/time.Second)%60)
}

// span is a length of time, coarse so that it changes seldom: <1m, 17m, 9h, 3d, 13d 23h when days are few.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "<1m"
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d/time.Minute))
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh", int(d/time.Hour))
	case d < 30*24*time.Hour:
		return fmt.Sprintf("%dd %dh", int(d/(24*time.Hour)), int(d/time.Hour)%24)
	}
	return fmt.Sprintf("%dd", int(d/(24*time.Hour)))
}

// latency is how long an answer took: 84 ms, 1.2 s.
func latency(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// shortSpan is a round length of time: 5m, 1h.
func shortSpan(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%dm", int(d/time.Minute))
	}
	return fmt.Sprintf("%dh", int(d/time.Hour))
}

// roughly is a large number in two figures, which seldom change: 940, 1.4k, 14k, 2.3M.
func roughly(n float64) string {
	unit := ""
	for _, next := range [...]string{"k", "M", "G"} {
		if n < 999.5 {
			break
		}
		n, unit = n/1000, next
	}
	switch {
	case n < 9.95 && unit != "":
		return strconv.FormatFloat(n, 'f', 1, 64) + unit
	case n < 99.5:
		return strconv.FormatFloat(n, 'f', 0, 64) + unit
	}
	return strconv.FormatFloat(math.Round(n/10)*10, 'f', 0, 64) + unit
}

// thousands is a count as people read it: 12,903.
func thousands[N int | int64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// rate is events a second: 38/s, 0.4/s.
func rate(perSecond float64) string {
	switch {
	case perSecond < 0.05:
		return "0/s"
	case perSecond < 9.95:
		return strconv.FormatFloat(perSecond, 'f', 1, 64) + "/s"
	}
	return strconv.FormatFloat(perSecond, 'f', 0, 64) + "/s"
}

// letters counts them: 1 letter, 211 letters.
func lettersWord(n int) string {
	if n == 1 {
		return "1 letter"
	}
	return thousands(n) + " letters"
}

// shortID is as much of an id as tells letters apart.
func shortID(id string) string {
	if len(id) > 8 {
		return id[:8]
	}
	return id
}

// shortURL is an endpoint without what all have in common.
func shortURL(endpoint string) string {
	if rest, ok := strings.CutPrefix(endpoint, "https://"); ok {
		return rest
	}
	return strings.TrimPrefix(endpoint, "http://")
}

// host is the host and port of an endpoint; the endpoint itself if it has none.
func host(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		return u.Host
	}
	return endpoint
}

// failure says in a word or two why an attempt failed.
func failure(status int, cause string) string {
	if status != 0 {
		return strconv.Itoa(status)
	}
	lower := strings.ToLower(cause)
	for _, known := range [...]struct{ sign, word string }{
		{"timeout", "timeout"},
		{"deadline", "timeout"},
		{"refused", "refused"},
		{"no such host", "no such host"},
		{"reset", "reset"},
		{"x509", "certificate"},
		{"certificate", "certificate"},
		{"tls", "tls"},
		{"not allowed", "not allowed"},
		{"eof", "cut off"},
	} {
		if strings.Contains(lower, known.sign) {
			return known.word
		}
	}
	return cause
}

// whyWords are a failure in at most width cells: where the words for it are longer, others that say it whole.
func whyWords(failure string, width int) string {
	if len(failure) > width {
		switch failure {
		case "no such host":
			failure = "no host"
		case "certificate":
			failure = "bad cert"
		case "not allowed":
			failure = "barred"
		case "unreachable":
			failure = "no route"
		case "unauthorized":
			failure = "no auth"
		case "not attempted":
			failure = "untried"
		case "no endpoint":
			failure = "no addr"
		}
	}
	return plain.Short(failure, width)
}
