package delivery_test

import (
	"testing"

	"rehook/retry/delivery"
)

func TestFailuresAreOfAKind(t *testing.T) {
	for words, want := range map[string]delivery.Kind{
		"": "",
		// Ours.
		"connection refused":                                                                delivery.Refused,
		"connection reset by the endpoint":                                                  delivery.Reset,
		"network unreachable":                                                               delivery.Unreachable,
		`DNS: no such host "crm.example"`:                                                   delivery.DNS,
		`DNS: timeout looking up "crm.example"`:                                             delivery.DNS,
		"TLS handshake: the endpoint speaks plain HTTP on this port":                        delivery.TLS,
		"TLS handshake: refused by the endpoint: tls: bad record":                           delivery.TLS,
		"timeout after 5s in the TLS handshake":                                             delivery.Timeout,
		"timeout after 10s waiting for the answer":                                          delivery.Timeout,
		"connection closed by the endpoint before it answered":                              delivery.CutOff,
		"10.0.0.7 is private, which is not delivered to: if it is meant, --allow 10.0.0.7":  delivery.NotAllowed,
		`the endpoint's URL has the scheme "ftp": only http and https are delivered to`:     delivery.BadURL,
		`net/http: HTTP/1.x transport connection broken: malformed HTTP response "\x1b[2J"`: delivery.OtherKind,
		"2026-11-24 Task timed out after 3.00 seconds":                                      delivery.Timeout, // Lambda
		"HTTPSConnectionPool(host='crm', port=443): Read timed out. (read timeout=10)":      delivery.Timeout, // Python
		"[Errno -2] Name or service not known":                                              delivery.DNS,
		"java.net.UnknownHostException: crm.example":                                        delivery.DNS,
		"java.net.SocketTimeoutException: Read timed out":                                   delivery.Timeout,
		"javax.net.ssl.SSLHandshakeException: PKIX path building failed":                    delivery.TLS,
		"connect ECONNREFUSED 10.0.0.1:443":                                                 delivery.Refused, // Node
		"socket hang up":                                                                    delivery.CutOff,
		"unexpected EOF":                                                                    delivery.CutOff,
		"the typeofs and the geofence were wrong, and so was the ednsx":                     delivery.OtherKind,
		"SSL_ERROR_SYSCALL":                                                                 delivery.TLS,
		"\xff\xfe\x1b[2J":                                                                   delivery.OtherKind,
	} {
		if got := delivery.KindOf(words); got != want {
			t.Errorf("%q is of the kind %q, want %q", words, got, want)
		}
	}
}
