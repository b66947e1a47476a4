package delivery_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// sent gives the headers that an endpoint sees.
func sent(t *testing.T, r delivery.Request) http.Header {
	t.Helper()
	var got http.Header
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
	r.URL = s.URL
	if res := client(t, delivery.Config{}).Attempt(t.Context(), r); res.Outcome != delivery.Delivered {
		t.Fatalf("result %+v", res)
	}
	return got
}

func TestRedeliveryCarriesTheLettersHeadersAndItsMarks(t *testing.T) {
	got := sent(t, delivery.Request{
		ID: "7f3a9c1e", Body: []byte("{}"), Redelivery: true,
		Headers: deadletter.Headers{
			"content-type": {"application/json; charset=utf-8"}, "X-Hub-Signature-256": {"sha256=q1w2=="},
			"inin-correlation-id": {"c-1"}, "X-Many": {"a", "b"}, "X-Text": {"päth\t1"}, "Idempotency-Key": {"theirs"},
			"X-Webhook-Source": {"theirs"}, "User-Agent": {"theirs"},
		},
	})
	want := http.Header{
		"Content-Type": {"application/json; charset=utf-8"}, "X-Hub-Signature-256": {"sha256=q1w2=="},
		"Inin-Correlation-Id": {"c-1"}, "X-Many": {"a", "b"}, "X-Text": {"päth\t1"}, "Idempotency-Key": {"7f3a9c1e"},
		"X-Webhook-Source": {"GenesysCloud-Retry"}, "User-Agent": {"rehook"}, "Content-Length": {"2"},
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
}

func TestFirstDeliveryIsNotMarkedAsRedelivery(t *testing.T) {
	got := sent(t, delivery.Request{ID: "7f3a9c1e", Headers: deadletter.Headers{"X-Webhook-Source": {"GenesysCloud-Retry"}}})
	want := http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"rehook"}, "Content-Length": {"0"}, "Idempotency-Key": {"7f3a9c1e"},
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
}

func TestHeadersOfAConnectionStayWithIt(t *testing.T) {
	got := sent(t, delivery.Request{Headers: deadletter.Headers{
		"connection": {"close, X-Hop", "keep-alive"}, "x-hop": {"1"}, "Keep-Alive": {"1"}, "Transfer-Encoding": {"chunked"},
		"Content-Length": {"99"}, "Host": {"evil.example"}, "Te": {"trailers"}, "Trailer": {"X"}, "Upgrade": {"h2c"},
		"Expect": {"100-continue"}, "Proxy-Authorization": {"Basic x"}, "Accept-Encoding": {"gzip"}, "X-End": {"stays"},
	}})
	want := http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"rehook"}, "Content-Length": {"0"}, "X-End": {"stays"},
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
}

func TestNothingIsInjectedThroughHeaders(t *testing.T) {
	got := sent(t, delivery.Request{
		ID: "a\r\nX-Injected: 1 ü%", Redelivery: true,
		Headers: deadletter.Headers{
			"X-A": {"1\r\nX-Injected: 1", "good"}, "X-B\r\nX-Injected": {"1"}, "X-Injected: 1\r\nX-C": {"1"}, "": {"1"},
			"X D": {"1"}, "X-Ü": {"1"}, ":method": {"GET"}, "X-E": {"\x00"}, "X-F": {"\x7f"}, "X-G": nil,
		},
	})
	if key := got.Get("Idempotency-Key"); key != "a%0D%0AX-Injected:%201%20%C3%BC%25" {
		t.Errorf("key %q", key)
	}
	got.Del("Idempotency-Key")
	want := http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"rehook"}, "Content-Length": {"0"}, "X-A": {"good"},
		"X-Webhook-Source": {"GenesysCloud-Retry"},
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("sent %v\nwant %v", got, want)
	}
}

func FuzzHeaders(f *testing.F) {
	var got http.Header
	s := serveForFuzz(f, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
	c, err := delivery.New(delivery.Config{Allow: []string{"127.0.0.1"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("X-A", "1", "id")
	f.Add("X\r\nY", "1\r\n\r\n", "\x00")
	f.Add("Connection", "close, Content-Type", "é")
	f.Fuzz(func(t *testing.T, name, value, id string) {
		res := c.Attempt(t.Context(), delivery.Request{
			ID: id, URL: s, Redelivery: true, Body: []byte("{}"), Headers: deadletter.Headers{name: {value}},
		})
		if len(name)+len(value)+3*len(id) > 60<<10 {
			return // more than servers take
		}
		if res.Status != http.StatusOK {
			t.Fatalf("%q: %q and id %q came to %+v", name, value, id, res)
		}
		for n := range got {
			if !ours[n] && !strings.EqualFold(n, name) {
				t.Errorf("%q: %q and id %q sent the header %q", name, value, id, n)
			}
		}
	})
}

var ours = map[string]bool{
	"Content-Type": true, "User-Agent": true, "Content-Length": true, "Idempotency-Key": true, "X-Webhook-Source": true,
}
