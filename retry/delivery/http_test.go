package delivery_test

import (
	"bytes"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

func roots(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func TestHTTP2CarriesManyAttemptsOverOneConnection(t *testing.T) {
	var mu sync.Mutex
	peers, protos := map[string]bool{}, map[string]bool{}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		peers[r.RemoteAddr], protos[r.Proto] = true, true
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	c := client(t, delivery.Config{RootCAs: roots(s)})
	attempt := func() {
		res := c.Attempt(t.Context(), delivery.Request{ID: "1", URL: s.URL, Body: []byte(`{"a":1}`), Redelivery: true, KeepBody: 100})
		if res.Outcome != delivery.Delivered || string(res.Body) != `{"a":1}` {
			t.Errorf("result %+v", res)
		}
	}
	attempt()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(attempt)
	}
	wg.Wait()
	if len(peers) != 1 || len(protos) != 1 || !protos["HTTP/2.0"] {
		t.Errorf("connections %v, protocols %v", peers, protos)
	}
}

func TestBodyArrivesByteForByte(t *testing.T) {
	var got []byte
	var length int64
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		length = r.ContentLength
	})
	c := client(t, delivery.Config{})
	for _, body := range [][]byte{
		nil, []byte("{}"), []byte(" {\"b\":1e400,\"a\":1,\"a\":2}\r\n"), []byte("\u2028\\ud800<>&"),
		{0, 0xff, 0xfe, 0x1b},
		bytes.Repeat([]byte("\x00\xff"), 1<<20),
	} {
		res := c.Attempt(t.Context(), delivery.Request{URL: s.URL, Body: body})
		if res.Outcome != delivery.Delivered || !bytes.Equal(got, body) || length != int64(len(body)) {
			t.Errorf("body of %d bytes came as %d, with a length of %d: %v", len(body), len(got), length, res.Error)
		}
	}
}

func TestOneAttemptIsOneRequestEvenWhereConnectionsBreak(t *testing.T) {
	for _, headers := range []deadletter.Headers{nil, {"Idempotency-Key": {"theirs"}, "X-Idempotency-Key": {"theirs"}}} {
		var requests atomic.Int32
		var breaking atomic.Bool
		s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			requests.Add(1)
			if breaking.Load() {
				panic(http.ErrAbortHandler)
			}
		})
		c := client(t, delivery.Config{})
		r := delivery.Request{ID: "1", URL: s.URL, Body: []byte("{}"), Headers: headers, Redelivery: headers == nil}
		c.Attempt(t.Context(), r) // leaves a connection to use again
		breaking.Store(true)
		if res := c.Attempt(t.Context(), r); res.Outcome != delivery.Retry || requests.Load() != 2 {
			t.Errorf("two attempts made %d requests; the second came to %+v", requests.Load(), res)
		}
	}
}

func TestQueryAndPathArriveAsTheyAre(t *testing.T) {
	var got string
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.RequestURI })
	c := client(t, delivery.Config{})
	for _, uri := range []string{"/", "/in?a=1&b=%20;c", "/a%2Fb//c/../d?x=%zz", "/?"} {
		if res := c.Attempt(t.Context(), delivery.Request{URL: s.URL + uri + "#part"}); got != uri {
			t.Errorf("%q came as %q: %v", uri, got, res.Error)
		}
	}
}

func BenchmarkAttempt(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	b.Cleanup(s.Close)
	c, err := delivery.New(delivery.Config{Allow: []string{"127.0.0.1"}})
	if err != nil {
		b.Fatal(err)
	}
	r := delivery.Request{
		ID: "7f3a9c1e-0000-4000-8000-000000000000", URL: s.URL + "/hook", Body: bytes.Repeat([]byte("x"), 1024),
		Headers: deadletter.Headers{"Content-Type": {"application/json"}, "X-Hub-Signature-256": {"sha256=abc"}}, Redelivery: true,
	}
	b.ReportAllocs()
	for b.Loop() {
		if res := c.Attempt(b.Context(), r); res.Outcome != delivery.Delivered {
			b.Fatal(res.Error)
		}
	}
}
