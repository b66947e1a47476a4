package deadletter

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// rawField is a top-level member of a letter as it was written: the key with its quotes, and the value.
type rawField struct{ key, value []byte }

// Encode writes the letter as the body of a message: valid UTF-8 and only characters that SQS lets
// through unchanged. Decode gives the same letter back, its payload byte for byte.
func (l *Letter) Encode() []byte {
	b := make([]byte, 0, len(l.Payload)+len(l.Payload)/8+512+256*len(l.Attempts))
	b = appendString(append(b, `{"id":`...), l.ID)
	b = appendTime(append(b, `,"timestamp":`...), l.Timestamp)
	b = appendString(append(b, `,"original_endpoint":`...), l.OriginalEndpoint)
	b = strconv.AppendInt(append(b, `,"error_code":`...), int64(l.ErrorCode), 10)
	b = l.appendPayload(appendRef(b, l.PayloadRef))
	b = strconv.AppendInt(append(b, `,"retry_count":`...), int64(l.RetryCount), 10)
	if len(l.Headers) > 0 {
		b = appendHeaders(append(b, `,"headers":`...), l.Headers)
	}
	if l.Error != "" {
		b = appendString(append(b, `,"error":`...), l.Error)
	}
	if !l.NextAttemptAt.IsZero() {
		b = appendTime(append(b, `,"next_attempt_at":`...), l.NextAttemptAt)
	}
	b = appendAttempts(b, l.Attempts)
	if l.Source != "" {
		b = appendString(append(b, `,"source":`...), l.Source)
	}
	if l.Parked != nil {
		b = appendTime(append(b, `,"parked":{"at":`...), l.Parked.At)
		b = appendString(append(b, `,"reason":`...), string(l.Parked.Reason))
		b = append(b, '}')
	}
	b = appendEdited(b, l.Edited)
	for _, f := range l.extra {
		if l.writes(string(f.key)) {
			continue
		}
		b = append(appendXMLSafe(append(b, ','), f.key), ':')
		b = appendXMLSafe(b, f.value)
	}
	return append(b, '}')
}

func appendEdited(b []byte, e *Edited) []byte {
	if e == nil {
		return b
	}
	b = appendTime(append(b, `,"edited":{"at":`...), e.At)
	b = appendString(append(b, `,"by":`...), e.By)
	b = append(b, `,"of":[`...)
	for i, sum := range e.Of {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, sum)
	}
	return append(b, `]}`...)
}

// writes reports whether the letter has a value of its own for an optional member that was kept because it
// could not be read.
func (l *Letter) writes(quotedKey string) bool {
	switch quotedKey {
	case `"headers"`:
		return len(l.Headers) > 0
	case `"error"`:
		return l.Error != ""
	case `"next_attempt_at"`:
		return !l.NextAttemptAt.IsZero()
	case `"attempts"`:
		return len(l.Attempts) > 0
	case `"source"`:
		return l.Source != ""
	case `"parked"`:
		return l.Parked != nil
	case `"edited"`:
		return l.Edited != nil
	default:
		return false
	}
}

// appendPayload writes the payload, unless it lies elsewhere and is not here too.
func (l *Letter) appendPayload(b []byte) []byte {
	switch {
	case l.PayloadRef != nil && l.Payload == nil:
		return b
	case embeddable(l.Payload):
		return append(append(b, `,"payload":`...), l.Payload...)
	default:
		b = append(b, `,"payload_b64":"`...)
		return append(base64.StdEncoding.AppendEncode(b, l.Payload), '"')
	}
}

func appendRef(b []byte, ref *PayloadRef) []byte {
	if ref == nil {
		return b
	}
	text, err := json.Marshal(ref)
	if err != nil {
		panic("bug: a claim check does not encode: " + err.Error())
	}
	return append(append(b, `,"payload_ref":`...), text...)
}

// embeddable reports whether a payload can stand in the letter as it is, so that every reader of JSON
// finds its exact bytes: a JSON value without space around it, of characters that SQS keeps.
func embeddable(p []byte) bool {
	return len(p) > 0 && !isSpace(p[0]) && !isSpace(p[len(p)-1]) && xmlSafe(p) && valid(p)
}

// xmlSafe reports whether b is UTF-8 whose characters are all of XML 1.0: SQS replaces the others by
// U+FFFD without a word. JSON itself keeps out the control characters below U+0020.
func xmlSafe(b []byte) bool {
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if n == 1 || r == 0xFFFE || r == 0xFFFF {
			return false
		}
		i += n
	}
	return true
}

// appendXMLSafe appends JSON text, with what SQS would replace written as an escape. Outside of strings
// JSON has no such characters, so the escape always means the same.
func appendXMLSafe(b, jsonText []byte) []byte {
	if xmlSafe(jsonText) {
		return append(b, jsonText...)
	}
	for i := 0; i < len(jsonText); {
		r, n := utf8.DecodeRune(jsonText[i:])
		b = appendRune(b, r, n)
		i += n
	}
	return b
}

func appendRune(b []byte, r rune, size int) []byte {
	switch {
	case r == utf8.RuneError && size == 1:
		return append(b, `\ufffd`...)
	case r == 0xFFFE:
		return append(b, `\ufffe`...)
	case r == 0xFFFF:
		return append(b, `\uffff`...)
	default:
		return utf8.AppendRune(b, r)
	}
}

// appendString appends s as a JSON string without the HTML escapes of encoding/json.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			b = append(b, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			b = appendRune(b, r, n)
			i += n
			continue
		}
		i++
	}
	return append(b, '"')
}

func appendTime(b []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// appendHeaders writes a header of one value as a string, so that other tools can send it as it is, and
// one of several as an array.
func appendHeaders(b []byte, h Headers) []byte {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(h)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		if len(h[name]) == 1 {
			b = appendString(b, h[name][0])
			continue
		}
		b = append(b, '[')
		for j, v := range h[name] {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendString(b, v)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendAttempts(b []byte, attempts []Attempt) []byte {
	if len(attempts) == 0 {
		return b
	}
	b = append(b, `,"attempts":[`...)
	for i, a := range attempts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTime(append(b, `{"at":`...), a.At)
		b = strconv.AppendInt(append(b, `,"status":`...), int64(a.Status), 10)
		b = strconv.AppendInt(append(b, `,"latency_ms":`...), a.Latency.Milliseconds(), 10)
		if a.Error != "" {
			b = appendString(append(b, `,"error":`...), a.Error)
		}
		if a.Response != "" {
			b = appendString(append(b, `,"response":`...), a.Response)
		}
		if a.RetryAfter != 0 {
			b = strconv.AppendInt(append(b, `,"retry_after_s":`...), int64(a.RetryAfter/time.Second), 10)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}
