package filter

import (
	"bytes"
	"strings"
)

// common are the bytes of payloads from the commonest to the rarest; what is not here is rarer still.
const common = "\" etn,:oiasr-0123456789dlcupmfghbvwyk._/{}jxqz[]"

// rarest is the index of the byte of a text that payloads have the least of.
func rarest(text string) int {
	at, rank := 0, -1
	for i := range len(text) {
		r := strings.IndexByte(common, text[i])
		if r < 0 {
			return i
		}
		if r > rank {
			at, rank = i, r
		}
	}
	return at
}

// inPayload looks for ASCII text in lower case. Payloads are many and long, and a filter runs while it is typed: the
// machine looks for the rarest byte of the text, many at a time, and what stands around it is compared.
func (n needle) inPayload(hay []byte) bool {
	b := n.lower[n.rarest]
	return n.around(hay, b) || 'a' <= b && b <= 'z' && n.around(hay, b-'a'+'A')
}

// around looks for the text where its rarest byte is written as b.
func (n needle) around(hay []byte, b byte) bool {
	for from := n.rarest; from < len(hay); from++ {
		i := bytes.IndexByte(hay[from:], b)
		if i < 0 {
			return false
		}
		from += i
		if start := from - n.rarest; start+len(n.lower) <= len(hay) && foldsTo(hay[start:start+len(n.lower)], n.lower) {
			return true
		}
	}
	return false
}
