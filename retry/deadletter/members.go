package deadletter

import (
	"bytes"
	"iter"
)

// members walks the members of a JSON object that is known to be valid and starts at its brace: each key
// with its quotes and each value, both as they are written.
func members(obj []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		rest := pastSpace(obj[1:])
		for rest[0] != '}' {
			n := stringLen(rest)
			key := rest[:n]
			rest = pastSpace(pastSpace(rest[n:])[1:]) // past the colon
			n = valueLen(rest)
			if !yield(key, rest[:n:n]) {
				return
			}
			if rest = pastSpace(rest[n:]); rest[0] == ',' {
				rest = pastSpace(rest[1:])
			}
		}
	}
}

// valueLen is the length of the valid JSON value that v begins with.
func valueLen(v []byte) int {
	switch v[0] {
	case '"':
		return stringLen(v)
	case '{', '[':
		return nestedLen(v)
	default:
		if n := bytes.IndexAny(v, ",]} \t\r\n"); n >= 0 {
			return n
		}
		return len(v)
	}
}

// stringLen looks for the quote, and behind every escaped one for the next.
func stringLen(v []byte) int {
	quote := 0
	for i := 1; ; {
		if i > quote {
			next := bytes.IndexByte(v[i:], '"')
			if next < 0 {
				return len(v)
			}
			quote = i + next
		}
		escape := bytes.IndexByte(v[i:quote], '\\')
		if escape < 0 {
			return quote + 1
		}
		i += escape + 2
	}
}

func nestedLen(v []byte) int {
	depth := 0
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '"':
			i += stringLen(v[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(v)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func pastSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

func trimSpace(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }
