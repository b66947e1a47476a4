package filter

import (
	"slices"
	"strings"
	"unicode/utf8"

	"rehook/retry/deadletter"
)

// needle is text that is looked for, whatever its case.
type needle struct {
	lower  string
	ascii  bool // then nothing needs to be copied to be searched
	rarest int  // the index of its byte that is looked for first
}

func newNeedle(text string) needle {
	n := needle{lower: strings.ToLower(text), ascii: true}
	n.rarest = rarest(n.lower)
	for i := range len(n.lower) {
		n.ascii = n.ascii && n.lower[i] < utf8.RuneSelf
	}
	return n
}

// anywhere looks in all that an operator can see of a letter: what is masked is not found.
func (n needle) anywhere(l *deadletter.Letter) bool {
	return n.in(l.ID) || slices.ContainsFunc(endpoint(l), n.in) || n.in(l.Source) || n.inBytes(l.Payload) ||
		slices.ContainsFunc(reasons(l), n.in) || slices.ContainsFunc(l.Attempts, n.inAttempt) || n.inHeaders(l.Headers)
}

func (n needle) inAttempt(a deadletter.Attempt) bool { return n.in(a.Error) || n.in(a.Response) }

func (n needle) inHeaders(headers deadletter.Headers) bool {
	for name, values := range headers {
		if n.in(name) {
			return true
		}
		for _, v := range values {
			if deadletter.MaskHeader(name, v) == v && n.in(v) {
				return true
			}
		}
	}
	return false
}

func (n needle) in(hay string) bool {
	if n.ascii {
		return containsFold(hay, n.lower)
	}
	return strings.Contains(strings.ToLower(hay), n.lower)
}

func (n needle) inBytes(hay []byte) bool {
	if n.ascii {
		return n.inPayload(hay)
	}
	return strings.Contains(strings.ToLower(string(hay)), n.lower)
}

// containsFold looks for ASCII text in lower case. It copies nothing: letters are many, and a filter runs while it is
// typed.
func containsFold(hay, lower string) bool {
	first := lower[0]
	upper := first
	if 'a' <= first && first <= 'z' {
		upper = first - 'a' + 'A'
	}
	for i := range len(hay) - len(lower) + 1 {
		if c := hay[i]; (c == first || c == upper) && foldsTo(hay[i:i+len(lower)], lower) {
			return true
		}
	}
	return false
}

func foldsTo[T string | []byte](s T, lower string) bool {
	for i := range len(lower) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
