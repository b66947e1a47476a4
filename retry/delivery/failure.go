package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxErrorBytes bounds a failure's words: they are stored in the letter ten times over.
const maxErrorBytes = 300

// phaseTimeout says that one phase of an attempt took too long.
type phaseTimeout struct {
	phase string
	after time.Duration
}

func (p *phaseTimeout) Error() string { return fmt.Sprintf("timeout after %v %s", p.after, p.phase) }

// inWords says why there was no answer, in the words of an operator and not of a library.
func inWords(err error, timeout, handshake time.Duration) string {
	if p, ok := errors.AsType[*phaseTimeout](err); ok {
		return p.Error()
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok {
		return dnsInWords(d)
	}
	if words := tlsInWords(err, handshake); words != "" {
		return words
	}
	if ne, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && ne.Timeout() {
		return fmt.Sprintf("timeout after %v", timeout)
	}
	for _, known := range connectionFailures {
		if errors.Is(err, known.is) {
			return known.words
		}
	}
	return clean(err.Error())
}

var connectionFailures = []struct {
	is    error
	words string
}{
	{syscall.ECONNREFUSED, "connection refused"},
	{syscall.ECONNRESET, "connection reset by the endpoint"},
	{syscall.EPIPE, "connection reset by the endpoint"},
	{syscall.ENETUNREACH, "network unreachable"},
	{syscall.EHOSTUNREACH, "host unreachable"},
	{syscall.EMFILE, "too many open files here: raise the limit (ulimit -n)"},
	{io.EOF, "connection closed by the endpoint before it answered"},
	{io.ErrUnexpectedEOF, "connection closed by the endpoint within its answer"},
}

func dnsInWords(d *net.DNSError) string {
	switch {
	case d.IsTimeout:
		return fmt.Sprintf("DNS: timeout looking up %q", d.Name)
	case d.IsNotFound:
		return fmt.Sprintf("DNS: no such host %q", d.Name)
	}
	return fmt.Sprintf("DNS: looking up %q: %s", d.Name, clean(d.Err))
}

// tlsInWords is "" for an error that is not of the TLS handshake.
func tlsInWords(err error, handshake time.Duration) string {
	if ve, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "TLS handshake: " + clean(ve.Err.Error())
	}
	if re, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		if string(re.RecordHeader[:]) == "HTTP/" {
			return "TLS handshake: the endpoint speaks plain HTTP on this port"
		}
		return "TLS handshake: " + clean(re.Msg)
	}
	// crypto/tls tells the other side's alerts so; their own type is not exported.
	if oe, ok := errors.AsType[*net.OpError](err); ok && oe.Op == "remote error" {
		return "TLS handshake: refused by the endpoint: " + clean(oe.Err.Error())
	}
	// The transport's own error for this has no type that can be named.
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() && strings.Contains(err.Error(), "TLS handshake") {
		return fmt.Sprintf("timeout after %v in the TLS handshake", handshake)
	}
	return ""
}

// clean makes valid UTF-8 without control characters, of at most [maxErrorBytes].
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return clip(s, maxErrorBytes)
}

// clip makes valid UTF-8 of at most so many bytes, and cuts no character in two.
func clip(s string, maxBytes int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxBytes {
		return s
	}
	for !utf8.RuneStart(s[maxBytes]) {
		maxBytes--
	}
	return s[:maxBytes]
}
