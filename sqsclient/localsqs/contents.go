package localsqs

import "unicode/utf8"

// validCharacters reports whether SQS takes s as a body or as a text attribute: UTF-8, of the characters of XML 1.0
// (section 2.2). A client that needs others encodes them.
func validCharacters(s string) bool {
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < utf8.RuneSelf { // most are
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || !validCharacter(r) {
			return false
		}
		i += size
	}
	return true
}

func validCharacter(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}
