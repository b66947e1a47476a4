package localsqs

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// text is a string from a request, with what was wrong with it kept: encoding/json would turn bytes that are no UTF-8
// and halves of surrogate pairs into U+FFFD, and the queue would hold something else than was sent. Here they become
// text that is not valid UTF-8, which every check of characters refuses.
type text string

const illFormed text = "\xff"

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(quoted []byte) error {
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return err
	}
	*t = text(s)
	if !utf8.Valid(quoted) || hasLoneSurrogate(quoted) {
		*t = illFormed
	}
	return nil
}

// hasLoneSurrogate reports whether the JSON string has an escape \uD800 to \uDFFF that is not half of a pair.
func hasLoneSurrogate(quoted []byte) bool {
	for {
		i := bytes.IndexByte(quoted, '\\')
		if i < 0 {
			return false
		}
		quoted = quoted[i:]
		if len(quoted) < 6 || quoted[1] != 'u' {
			quoted = quoted[2:]
			continue
		}
		switch unit := codeUnit(quoted); {
		case unit>>10 == 0xD800>>10 && codeUnit(quoted[6:])>>10 == 0xDC00>>10:
			quoted = quoted[12:]
		case unit>>11 == 0xD800>>11:
			return true
		default:
			quoted = quoted[6:]
		}
	}
}

// codeUnit is the number in the \uXXXX that b begins with, 0 if it begins with something else.
func codeUnit(b []byte) uint64 {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0
	}
	unit, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return unit
}
