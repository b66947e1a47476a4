package delivery_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"rehook/retry/delivery"
)

func failing(err error) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: err}
	}
}

func TestFailuresAreToldInWords(t *testing.T) {
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	encrypted := serveTLS(t, nil)
	gone := httptest.NewServer(nil)
	gone.Close()

	lookup := func(e net.DNSError) delivery.Config {
		return delivery.Config{Lookup: func(context.Context, string) ([]netip.Addr, error) { return nil, &e }}
	}
	far := func(p peer) delivery.Config { return delivery.Config{DialContext: piped(t.Context(), p)} }
	closes := far(func(_ context.Context, c net.Conn) { readRequest(c) })
	for _, tc := range []struct {
		name, url string
		cfg       delivery.Config
		want      string
	}{
		{"refused", gone.URL, delivery.Config{}, "connection refused"},
		{"reset", "http://8.8.8.8", delivery.Config{DialContext: failing(syscall.ECONNRESET)}, "connection reset by the endpoint"},
		{"no network", "http://8.8.8.8", delivery.Config{DialContext: failing(syscall.ENETUNREACH)}, "network unreachable"},
		{"no host", "http://8.8.8.8", delivery.Config{DialContext: failing(syscall.EHOSTUNREACH)}, "host unreachable"},
		{"unknown name", "http://crm.example", lookup(net.DNSError{Err: "no such host", Name: "crm.example", IsNotFound: true}), `DNS: no such host "crm.example"`},
		{"name without address", "http://crm.example", delivery.Config{Lookup: func(context.Context, string) ([]netip.Addr, error) { return nil, nil }}, `DNS: no such host "crm.example"`},
		{"resolver slow", "http://crm.example", lookup(net.DNSError{Err: "i/o timeout", Name: "crm.example", IsTimeout: true}), `DNS: timeout looking up "crm.example"`},
		{"resolver broken", "http://crm.example", lookup(net.DNSError{Err: "server misbehaving", Name: "crm.example"}), `DNS: looking up "crm.example": server misbehaving`},
		{"plain HTTP behind https", strings.Replace(plain.URL, "http:", "https:", 1), delivery.Config{}, "TLS handshake: the endpoint speaks plain HTTP on this port"},
		{"unknown certificate", encrypted.URL, delivery.Config{}, "TLS handshake: x509: certificate signed by unknown authority"},
		{"closed", "http://8.8.8.8", closes, "connection closed by the endpoint before it answered"},
		{"closed within the answer", "http://8.8.8.8", far(func(_ context.Context, c net.Conn) {
			readRequest(c)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nA: b")
		}), "connection closed by the endpoint within its answer"},
		{"no HTTP at all", "http://8.8.8.8", far(func(ctx context.Context, c net.Conn) {
			saying("\x1b[2J\r\n")(ctx, c)
		}), `net/http: HTTP/1.x transport connection broken: malformed HTTP response "\x1b[2J"`},
		{"a cause of its own", "http://8.8.8.8", delivery.Config{DialContext: failing(errors.New("un\x1b[1m\xffheard"))}, "dial 8.8.8.8: dial: un [1m\uFFFDheard"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := client(t, tc.cfg).Attempt(t.Context(), delivery.Request{URL: tc.url, Body: []byte("{}")})
			if res.Error != tc.want || res.Outcome != delivery.Retry || res.Status != 0 {
				t.Errorf("result %v, %d, %q\nwant the error %q", res.Outcome, res.Status, res.Error, tc.want)
			}
		})
	}
}

func serveTLS(t *testing.T, cfg *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = cfg
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestHandshakeThatTheEndpointRefusesIsRetried(t *testing.T) {
	s := serveTLS(t, &tls.Config{MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert})
	res := client(t, delivery.Config{RootCAs: roots(s)}).Attempt(t.Context(), delivery.Request{URL: s.URL})
	if res.Outcome != delivery.Retry || res.Error != "TLS handshake: refused by the endpoint: tls: handshake failure" {
		t.Errorf("result %+v", res)
	}
}

func TestFailureWithoutEndIsKeptShort(t *testing.T) {
	cfg := delivery.Config{DialContext: failing(fmt.Errorf("%s", strings.Repeat("€", 1000)))}
	res := client(t, cfg).Attempt(t.Context(), delivery.Request{URL: "http://8.8.8.8"})
	if len(res.Error) > 300 || len(res.Error) < 290 {
		t.Errorf("the error has %d bytes", len(res.Error))
	}
}
