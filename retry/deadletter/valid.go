package deadletter

// deepest is how deep JSON may be nested, as encoding/json has it: what that package refuses, other readers of the
// letter may refuse.
const deepest = 10_000

// valid is [json.Valid], several times as fast: every letter is checked when it is received, and every payload when
// it is written again.
func valid(text []byte) bool {
	c := checker{text: text, open: make([]byte, 0, 32)}
	for {
		if !c.value() {
			return false
		}
		if more, ok := c.afterValue(); !more {
			return ok
		}
	}
}

// checker walks through a text that may be JSON.
type checker struct {
	text []byte
	at   int
	open []byte // what closes the arrays and objects that are open
}

// value passes a value: one that is not nested, or that is empty. Of others it passes what stands before the first
// such value in it.
func (c *checker) value() bool {
	for {
		c.space()
		if c.at == len(c.text) {
			return false
		}
		switch c.text[c.at] {
		case '{':
			c.at++
			if !c.begin('}') {
				return false
			}
			if c.space(); c.take('}') {
				c.end()
				return true
			}
			if !c.key() {
				return false
			}
		case '[':
			c.at++
			if !c.begin(']') {
				return false
			}
			if c.space(); c.take(']') {
				c.end()
				return true
			}
		case '"':
			return c.string()
		case 't':
			return c.word("true")
		case 'f':
			return c.word("false")
		case 'n':
			return c.word("null")
		default:
			return c.number()
		}
	}
}

// afterValue passes what may stand between two values. It reports whether there must be another value; if not, whether
// the text has ended as it should.
func (c *checker) afterValue() (more, ok bool) {
	for len(c.open) > 0 {
		c.space()
		closing := c.open[len(c.open)-1]
		switch {
		case c.take(closing):
			c.end()
		case c.take(','):
			ok := closing == ']' || c.key()
			return ok, ok
		default:
			return false, false
		}
	}
	c.space()
	return false, c.at == len(c.text)
}

func (c *checker) begin(closing byte) bool {
	c.open = append(c.open, closing)
	return len(c.open) <= deepest
}

func (c *checker) end() { c.open = c.open[:len(c.open)-1] }

func (c *checker) key() bool {
	c.space()
	if c.at == len(c.text) || c.text[c.at] != '"' || !c.string() {
		return false
	}
	c.space()
	return c.take(':')
}

func (c *checker) space() {
	for c.at < len(c.text) && isSpace(c.text[c.at]) {
		c.at++
	}
}

func (c *checker) take(b byte) bool {
	if c.at == len(c.text) || c.text[c.at] != b {
		return false
	}
	c.at++
	return true
}

// string passes a string, whose first quote is known to be there.
func (c *checker) string() bool {
	text := c.text
	for i := c.at + 1; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"':
			c.at = i + 1
			return true
		case b < ' ':
			return false
		case b == '\\':
			if i++; i == len(text) {
				return false
			}
			switch text[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if !isHex(text[i+1:]) {
					return false
				}
				i += 4
			default:
				return false
			}
		}
	}
	return false
}

// isHex reports whether a text begins with four hexadecimal digits.
func isHex(text []byte) bool {
	if len(text) < 4 {
		return false
	}
	for _, b := range text[:4] {
		if (b < '0' || b > '9') && (b|0x20 < 'a' || b|0x20 > 'f') {
			return false
		}
	}
	return true
}

func (c *checker) word(w string) bool {
	if len(c.text)-c.at < len(w) || string(c.text[c.at:c.at+len(w)]) != w {
		return false
	}
	c.at += len(w)
	return true
}

func (c *checker) number() bool {
	c.take('-')
	if !c.take('0') && !c.digits() {
		return false
	}
	if c.take('.') && !c.digits() {
		return false
	}
	if c.take('e') || c.take('E') {
		if !c.take('+') {
			c.take('-')
		}
		return c.digits()
	}
	return true
}

// digits passes one or more.
func (c *checker) digits() bool {
	from := c.at
	for c.at < len(c.text) && c.text[c.at] >= '0' && c.text[c.at] <= '9' {
		c.at++
	}
	return c.at > from
}
