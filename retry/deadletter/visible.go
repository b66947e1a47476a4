package deadletter

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"unicode/utf8"
)

// Line is the letter as [Letter.Encode] writes it, on one line and safe to show in a terminal: a line of a file. A
// payload that holds line breaks, or characters that a terminal acts on, is written as payload_b64, since its bytes
// are what counts.
func (l *Letter) Line() []byte {
	body := l.Encode()
	line := append(make([]byte, 0, len(body)), '{')
	for key, value := range members(body) {
		if len(line) > 1 {
			line = append(line, ',')
		}
		if string(key) == `"payload"` && !showable(value) {
			line = append(line, `"payload_b64":"`...)
			line = append(base64.StdEncoding.AppendEncode(line, value), '"')
			continue
		}
		line = append(AppendVisible(line, key), ':')
		if string(key) == `"payload"` {
			line = append(line, value...)
			continue
		}
		// JSON has breaks between its values only, where a space is as good.
		line = AppendVisible(line, bytes.Map(unbroken, value))
	}
	return append(line, '}')
}

func unbroken(r rune) rune {
	if r == '\n' || r == '\r' {
		return ' '
	}
	return r
}

// showable reports whether a payload can stand in a line as it is. What only reorders or hides text it may hold.
func showable(payload []byte) bool {
	return !bytes.ContainsFunc(payload, func(r rune) bool { return r == '\n' || r == '\r' || r >= 0x7F && r <= 0x9F })
}

// AppendVisible appends JSON text with the characters that a terminal acts on, or does not show, as escapes:
// they can only stand in strings.
func AppendVisible(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r >= 0x7F && unseen(r) {
			dst = fmt.Appendf(dst, `\u%04x`, r)
		} else {
			dst = append(dst, text[:n]...)
		}
		text = text[n:]
	}
	return dst
}

// unseen reports C1 controls, zero-width and bidirectional characters.
func unseen(r rune) bool {
	return r >= 0x7F && r <= 0x9F || r == 0x061C || r >= 0x200B && r <= 0x200F || r >= 0x2028 && r <= 0x202E ||
		r >= 0x2060 && r <= 0x206F || r == 0xFEFF
}
