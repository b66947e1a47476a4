package delivery_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// client makes one that may talk to this machine.
func client(t *testing.T, cfg delivery.Config) *delivery.Client {
	t.Helper()
	if cfg.Allow == nil {
		cfg.Allow = []string{"127.0.0.1"}
	}
	c, err := delivery.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestEveryStatusHasItsOutcome(t *testing.T) {
	status := 0
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	c := client(t, delivery.Config{})
	want := func(status int) delivery.Outcome {
		switch {
		case status/100 == 2:
			return delivery.Delivered
		case status == 401 || status == 403:
			return delivery.Unauthorized
		case status == 408 || status == 425 || status == 429 || status/100 == 5:
			return delivery.Retry
		}
		return delivery.Rejected
	}
	for status = 200; status < 1000; status++ {
		res := c.Attempt(t.Context(), delivery.Request{URL: s.URL})
		if res.Status != status || res.Outcome != want(status) {
			t.Errorf("status %d came as %d, %v; want %v", status, res.Status, res.Outcome, want(status))
		}
		if (res.Error == "") != (res.Outcome == delivery.Delivered) {
			t.Errorf("status %d has the error %q", status, res.Error)
		}
	}
}

func TestOutcomesHaveNames(t *testing.T) {
	for o, want := range map[delivery.Outcome]string{
		delivery.Retry: "retry", delivery.Delivered: "delivered", delivery.Unauthorized: "unauthorized",
		delivery.Rejected: "rejected", 17: "outcome 17",
	} {
		if got := o.String(); got != want {
			t.Errorf("%d is %q, want %q", int(o), got, want)
		}
	}
}

func TestResultTellsWhatHappened(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
	})
	before := time.Now()
	res := client(t, delivery.Config{}).Attempt(t.Context(), delivery.Request{URL: s.URL})
	if res.Error != "503 Service Unavailable" || res.Excerpt != "down for maintenance\n" || res.Body != nil {
		t.Errorf("error %q, excerpt %q, body %q", res.Error, res.Excerpt, res.Body)
	}
	if res.At.Before(before) || res.Latency <= 0 || res.Header.Get("Retry-After") != "120" || res.Cancelled {
		t.Errorf("result %+v", res)
	}
	a := res.Attempt()
	if a.Status != 503 || a.Error != res.Error || a.Response != res.Excerpt || a.Latency != res.Latency ||
		!a.At.Equal(res.At) || a.RetryAfter != 120*time.Second {
		t.Errorf("attempt %+v", a)
	}
}

func TestRedirectIsShownAndNotFollowed(t *testing.T) {
	followed := false
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			followed = true
		}
		w.Header().Set("Location", "https://u:p@elsewhere.example/in\u202e?token=secret")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	res := client(t, delivery.Config{}).Attempt(t.Context(), delivery.Request{URL: s.URL + "/"})
	if followed || res.Outcome != delivery.Rejected {
		t.Errorf("followed %v, outcome %v", followed, res.Outcome)
	}
	want := "307 Temporary Redirect: redirect to https://elsewhere.example/in%E2%80%AE not followed"
	if res.Error != want {
		t.Errorf("error %q, want %q", res.Error, want)
	}
}

func TestExcerptIsShortValidTextAndCutsNoCharacter(t *testing.T) {
	for _, tc := range []struct{ name, answer, want string }{
		{"exact", strings.Repeat("a", 256), strings.Repeat("a", 256)},
		{"long", strings.Repeat("a", 300), strings.Repeat("a", 256)},
		{"character at the cut", strings.Repeat("a", 255) + "€uro", strings.Repeat("a", 255)},
		{"character before the cut", strings.Repeat("a", 253) + "€uro", strings.Repeat("a", 253) + "€"},
		{"not text", "a\xff\xfeb", "a\uFFFDb"},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tc.answer) })
			res := client(t, delivery.Config{}).Attempt(t.Context(), delivery.Request{URL: s.URL})
			if res.Excerpt != tc.want {
				t.Errorf("excerpt %q, want %q", res.Excerpt, tc.want)
			}
		})
	}
}

func TestAnswerIsKeptToItsBound(t *testing.T) {
	answer := bytes.Repeat([]byte("0123456789"), 20_000)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) })
	c := client(t, delivery.Config{})
	for _, keep := range []int64{1, 100_000, 200_000, 300_000} {
		res := c.Attempt(t.Context(), delivery.Request{URL: s.URL, KeepBody: keep})
		if want := answer[:min(keep, int64(len(answer)))]; !bytes.Equal(res.Body, want) {
			t.Errorf("asked for %d bytes, got %d", keep, len(res.Body))
		}
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	peers := map[string]bool{}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		peers[r.RemoteAddr] = true
		_, _ = w.Write(make([]byte, 60<<10))
	})
	c := client(t, delivery.Config{})
	for range 20 {
		c.Attempt(t.Context(), delivery.Request{URL: s.URL, Body: []byte("{}")})
	}
	if len(peers) != 1 {
		t.Errorf("20 attempts took %d connections", len(peers))
	}
}

func TestCancelledAttemptIsNotTheEndpointsFault(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel(errShutdown)
		<-r.Context().Done()
	})
	res := client(t, delivery.Config{}).Attempt(ctx, delivery.Request{URL: s.URL, Body: []byte("{}")})
	if !res.Cancelled || res.Outcome != delivery.Retry || res.Error != "cancelled: shutting down" {
		t.Errorf("result %+v", res)
	}
}

type shutdown struct{}

func (shutdown) Error() string { return "shutting down" }

var errShutdown error = shutdown{}

func TestAnswerThatBreaksOffCountsAsGiven(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half of ")
	})
	res := client(t, delivery.Config{}).Attempt(t.Context(), delivery.Request{URL: s.URL, KeepBody: 100})
	if res.Outcome != delivery.Delivered || string(res.Body) != "half of " || res.Excerpt != "half of " {
		t.Errorf("result %+v", res)
	}
}

func TestForLetterSendsTheLetterAgain(t *testing.T) {
	l := &deadletter.Letter{
		ID: "7f3a", OriginalEndpoint: "https://crm.example.com/in", Payload: []byte("{}"),
		Headers: deadletter.Headers{"X-A": {"1"}},
	}
	r := delivery.ForLetter(l)
	if r.ID != l.ID || r.URL != l.OriginalEndpoint || string(r.Body) != "{}" || !r.Redelivery || r.Headers.Get("X-A") != "1" {
		t.Errorf("request %+v", r)
	}
}
