package delivery

import (
	"strings"
	"unicode"
)

// Kind is in a word what kept an attempt from an answer.
type Kind string

// The kinds of failure without an answer.
const (
	Timeout     Kind = "timeout"
	Refused     Kind = "refused"
	Reset       Kind = "reset"
	Unreachable Kind = "unreachable"
	CutOff      Kind = "cut off" // the connection ended before the answer did
	DNS         Kind = "dns"
	TLS         Kind = "tls"
	NotAllowed  Kind = "not allowed" // by our own guard
	BadURL      Kind = "bad url"     // nothing can be sent there
	OtherKind   Kind = "failed"
)

// kinds are the signs of a failure in its words, ours and those of other programs; the first that is there counts.
var kinds = []struct {
	kind  Kind
	signs []string
}{
	{NotAllowed, []string{"is not delivered to"}},
	{BadURL, []string{"the endpoint's url", "unsupported protocol"}},
	{DNS, []string{"dns", "no such host", "name or service not known", "name resolution", "getaddrinfo", "enotfound", "nxdomain", "unknownhost", "nodename nor servname"}},
	{Timeout, []string{"timeout", "timed out", "time-out", "deadline exceeded", "etimedout"}},
	{TLS, []string{"tls", "ssl", "sslerror", "sslhandshake", "x509", "certificate", "pkix"}},
	{Refused, []string{"refused"}},
	{Reset, []string{"connection reset", "econnreset", "reset by peer", "broken pipe", "epipe"}},
	{Unreachable, []string{"unreachable", "no route to host", "enetunreach", "ehostunreach"}},
	{CutOff, []string{"closed by the endpoint", "connection closed", "connection aborted", "socket hang up", "eof", "without response"}},
}

// KindOf finds the kind of a failure in its words; "" for no words. Letters carry nothing else of it, and other programs
// write them too.
func KindOf(words string) Kind {
	if words == "" {
		return ""
	}
	lower := strings.ToLower(clip(words, maxErrorBytes))
	for _, k := range kinds {
		for _, sign := range k.signs {
			if signIn(lower, sign) {
				return k.kind
			}
		}
	}
	return OtherKind
}

// signIn finds a sign in words; a short one only as a word by itself.
func signIn(words, sign string) bool {
	for at := 0; ; {
		i := strings.Index(words[at:], sign)
		if i < 0 {
			return false
		}
		before, after := words[:at+i], words[at+i+len(sign):]
		if len(sign) > 4 || !letterAt(before, len(before)-1) && !letterAt(after, 0) {
			return true
		}
		at += i + len(sign)
	}
}

func letterAt(s string, i int) bool {
	return i >= 0 && i < len(s) && unicode.IsLetter(rune(s[i]))
}
