package delivery_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry/delivery"
)

func serveForFuzz(f *testing.F, h http.HandlerFunc) string {
	f.Helper()
	s := httptest.NewServer(h)
	f.Cleanup(s.Close)
	return s.URL
}

func TestEndpointCanAskForQuiet(t *testing.T) {
	bubbleStart := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // see testing/synctest
	in := func(d time.Duration) string { return bubbleStart.Add(d).Format(http.TimeFormat) }
	for _, tc := range []struct {
		name   string
		status int
		header string // "\n" between headers
		want   time.Duration
	}{
		{"seconds", 429, "Retry-After: 120", 2 * time.Minute},
		{"seconds on 503", 503, "Retry-After: 1", time.Second},
		{"fraction", 429, "Retry-After: 1.5", 1500 * time.Millisecond},
		{"spaces", 429, "Retry-After:   7  ", 7 * time.Second},
		{"date", 503, "Retry-After: " + in(time.Hour), time.Hour},
		{"date by a clock that is off", 503, "Date: " + in(-9*time.Hour) + "\nRetry-After: " + in(-8*time.Hour), time.Hour},
		{"date that is past", 503, "Retry-After: " + in(-time.Hour), 0},
		{"zero", 429, "Retry-After: 0", 0},
		{"negative", 429, "Retry-After: -5", 0},
		{"no number", 429, "Retry-After: soon", 0},
		{"not a number", 429, "Retry-After: NaN", 0},
		{"infinite", 429, "Retry-After: Inf", 24 * time.Hour},
		{"absurd", 429, "Retry-After: 99999999999999999999", 24 * time.Hour},
		{"absurd date", 429, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", 24 * time.Hour},
		{"other status", 500, "Retry-After: 120", 0},
		{"success", 200, "Retry-After: 120", 0},
		{"reset in seconds", 429, "X-RateLimit-Reset: 30", 30 * time.Second},
		{"reset at an epoch", 429, "X-RateLimit-Reset: 946685100", 5 * time.Minute},
		{"reset at an epoch in milliseconds", 429, "X-RateLimit-Reset: 946685100500", 5*time.Minute + 500*time.Millisecond},
		{"reset that is past", 429, "X-RateLimit-Reset: 946684799", 0},
		{"reset beside Retry-After", 429, "Retry-After: 9\nX-RateLimit-Reset: 30", 9 * time.Second},
		{"reset beside nonsense", 429, "Retry-After: soon\nX-RateLimit-Reset: 30", 30 * time.Second},
		{"nothing", 429, "X-A: 1", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answer := fmt.Sprintf("HTTP/1.1 %d x\r\nContent-Length: 0\r\n%s\r\n\r\n",
					tc.status, strings.ReplaceAll(tc.header, "\n", "\r\n"))
				c := client(t, delivery.Config{DialContext: piped(t.Context(), saying(answer))})
				start := time.Now()
				res := c.Attempt(t.Context(), delivery.Request{URL: "http://8.8.8.8", Body: []byte("{}")})
				if res.Status != tc.status {
					t.Fatalf("result %+v", res)
				}
				got := time.Duration(0)
				if !res.NotBefore.IsZero() {
					got = res.NotBefore.Sub(start)
				}
				if got != tc.want || res.Attempt().RetryAfter != tc.want {
					t.Errorf("quiet for %v, %v in the letter; want %v", got, res.Attempt().RetryAfter, tc.want)
				}
			})
		})
	}
}

func FuzzQuiet(f *testing.F) {
	var retryAfter, reset string
	url := serveForFuzz(f, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		w.Header().Set("X-RateLimit-Reset", reset)
		w.WriteHeader(http.StatusTooManyRequests)
	})
	c, err := delivery.New(delivery.Config{Allow: []string{"127.0.0.1"}})
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"", "1", "-1", "1e300", "0x1p-2", "Fri, 31 Dec 9999 23:59:59 GMT", "1700000000", "1700000000000"} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		retryAfter, reset = a, b
		start := time.Now()
		res := c.Attempt(t.Context(), delivery.Request{URL: url})
		if res.Status != http.StatusTooManyRequests {
			t.Skip(res.Error) // the server would not send it
		}
		if n := res.NotBefore; !n.IsZero() && (n.Before(start) || n.After(time.Now().Add(24*time.Hour))) {
			t.Errorf("Retry-After %q, X-RateLimit-Reset %q: quiet until %v", a, b, n)
		}
	})
}
