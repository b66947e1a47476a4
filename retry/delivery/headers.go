package delivery

import (
	"net/http"
	"strings"

	"rehook/retry/deadletter"
)

// notSent are headers that belong to one connection (RFC 9110, 7.6.1), that net/http writes by itself, or that
// would change what the answer looks like (Accept-Encoding) or when the body is sent (Expect).
var notSent = map[string]bool{
	"Connection":          true,
	"Keep-Alive":          true,
	"Proxy-Authenticate":  true,
	"Proxy-Authorization": true,
	"Proxy-Connection":    true,
	"Te":                  true,
	"Trailer":             true,
	"Transfer-Encoding":   true,
	"Upgrade":             true,
	"Http2-Settings":      true,
	"Host":                true,
	"Content-Length":      true,
	"Expect":              true,
	"Accept-Encoding":     true,
	"User-Agent":          true,
	"X-Webhook-Source":    true, // ours: a first delivery must not look like a redelivery
}

// EndToEnd copies the headers that travel to the endpoint, with canonical names. A name or a value that is not
// legal HTTP is left out: it could end the header and begin another.
func EndToEnd(headers map[string][]string) deadletter.Headers {
	out := make(deadletter.Headers, len(headers)+4) // and ours
	for name, values := range headers {
		name = sentName(name)
		if notSent[name] || !isToken(name) {
			continue
		}
		for _, v := range values {
			if isFieldValue(v) {
				out[name] = append(out[name], v)
			}
		}
	}
	for name, values := range headers {
		if strings.EqualFold(name, "Connection") {
			dropNamed(out, values)
		}
	}
	return out
}

// dropNamed takes out the headers that a Connection header declares to be of that connection alone.
func dropNamed(h deadletter.Headers, connection []string) {
	for _, v := range connection {
		for name := range strings.SplitSeq(v, ",") {
			delete(h, sentName(strings.TrimSpace(name)))
		}
	}
}

// sentName is the canonical form of a header's name, but for the two that net/http looks for: a request that
// carries them in canonical form is sent a second time, without a word, when a reused connection breaks after
// the endpoint has read it (isReplayable in net/http/request.go). A crashing endpoint with many idle connections
// would get one attempt many times over. In lower case, as HTTP/2 writes them anyway, only what has certainly not
// arrived is sent again.
func sentName(name string) string {
	name = http.CanonicalHeaderKey(name)
	if name == "Idempotency-Key" || name == "X-Idempotency-Key" {
		return strings.ToLower(name)
	}
	return name
}

// isToken holds a name to RFC 9110, 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// isFieldValue holds a value to RFC 9110, 5.5: no control characters but the tab.
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
