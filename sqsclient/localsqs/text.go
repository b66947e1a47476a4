package localsqs

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// text is a string from a request, with what was wrong with it kept: encoding/json would turn bytes that are no UTF-8
// and halves of surrogate pairs into U+FFFD, and the queue would hold something else than was sent. Here they become
// text that is not valid UTF-8, which every check of characters refuses.
type text string

const illFormed text = "\xff"

// UnmarshalJSON implements json.Unmarshaler. A body is most of a request, so it is not given to encoding/json again.
func (t *text) UnmarshalJSON(value []byte) error {
	if value[0] == '"' {
		*t = unquote(value[1 : len(value)-1])
		return nil
	}
	return json.Unmarshal(value, (*string)(t)) // null, or not what the operation takes
}

// unquote reads what stands between the quotes of a JSON string, whose syntax is known to be right.
func unquote(quoted []byte) text {
	if !utf8.Valid(quoted) {
		return illFormed
	}
	var b strings.Builder
	b.Grow(len(quoted))
	for {
		i := bytes.IndexByte(quoted, '\\')
		if i < 0 {
			b.Write(quoted)
			return text(b.String())
		}
		b.Write(quoted[:i])
		quoted = quoted[i:]
		if quoted[1] != 'u' {
			b.WriteByte(unescaped(quoted[1]))
			quoted = quoted[2:]
			continue
		}
		r := codeUnit(quoted)
		quoted = quoted[6:]
		if utf16.IsSurrogate(r) {
			if r = utf16.DecodeRune(r, codeUnit(quoted)); r == unicode.ReplacementChar {
				return illFormed // half of a pair
			}
			quoted = quoted[6:]
		}
		b.WriteRune(r)
	}
}

// unescaped is the character that a backslash and c stand for.
func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default:
		return c // itself: a quote, a backslash, a slash
	}
}

// codeUnit is the number in the \uXXXX that b begins with, 0 if it begins with something else.
func codeUnit(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0
	}
	unit, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(unit)
}
