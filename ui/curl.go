package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// curl is a command that sends the letter, for a POSIX shell, its secrets masked. It holds nothing that types or hides when
// it is pasted, and nothing that curl takes for anything but what it is: a payload for a file (@), an endpoint for an
// option, braces in it for several.
func curl(s *state, letter *deadletter.Letter) string {
	var b strings.Builder
	payload, from := string(s.shownPayload(letter)), ""
	if pastable(payload) {
		from = quoted(payload)
	} else {
		fmt.Fprintf(&b, "printf %s | ", quoted(printfFormat(payload)))
		from = "@-"
	}
	endpoint := plain.Line(deadletter.MaskURL(letter.OriginalEndpoint))
	fmt.Fprintf(&b, "curl %s-X POST %s%s", pick(strings.ContainsAny(endpoint, "{}[]"), "-g ", ""), pick(strings.HasPrefix(endpoint, "-"), "--url ", ""), quoted(endpoint))
	header := s.requestHeader(letter)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if name == "Host" || name == "Content-Length" || strings.HasPrefix(name, "@") {
			continue
		}
		for _, value := range header[name] {
			fmt.Fprintf(&b, " \\\n  -H %s", quoted(plain.Line(name+": "+deadletter.MaskHeader(name, value))))
		}
	}
	fmt.Fprintf(&b, " \\\n  --data-binary %s\n", from)
	return b.String()
}

// pastable tells whether text can be pasted as it is. A tab would complete what is typed.
func pastable(text string) bool {
	return !strings.HasPrefix(text, "@") && strings.Join(plain.Lines(text), "\n") == text
}

// quoted makes one word of text for a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// printfFormat is what printf writes text for, byte for byte: printable ASCII alone.
func printfFormat(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '%':
			b.WriteString("%%")
		case c == '\\':
			b.WriteString(`\\`)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
