package localsqs

import (
	"strings"
	"unicode/utf8"
)

// validCharacters reports whether SQS takes s as a body or as a text attribute: UTF-8, of the characters of XML 1.0
// (section 2.2). A client that needs others encodes them.
func validCharacters(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !validCharacter(r) })
}

func validCharacter(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}
