package deadletter

import (
	"encoding/json"
	"strings"
)

// Fields name parts of payloads that are not shown: "from.nickname" is every value named nickname in one named from, at
// any depth and through lists; "*" stands for any one name. Names are told apart by their letters alone, not by case.
type Fields []string

// Conceal gives a payload as it may be shown: each value that a field names is a string [Masked]. Everything else stays
// as it is, byte by byte. Of JSON that breaks off nothing is shown from there on: what it hides cannot be told. A payload
// that is no JSON has no fields.
func (f Fields) Conceal(payload []byte) []byte {
	c := concealing{data: payload}
	for _, path := range f {
		c.fields = append(c.fields, strings.Split(path, "."))
	}
	start := c.space(0)
	if len(f) == 0 || start == len(payload) || payload[start] != '{' && payload[start] != '[' {
		return payload
	}
	for start < len(payload) { // values may follow each other
		end := c.value(start, 0)
		if end < 0 {
			c.hide(c.reached, len(payload))
			break
		}
		start = c.space(end)
	}
	if c.shown == nil {
		return payload
	}
	return append(c.shown, payload[c.copied:]...)
}

// concealing is a walk through a payload. Offsets that are returned are below zero where the JSON breaks off.
type concealing struct {
	fields  [][]string
	data    []byte
	path    []string // names of the objects that the walk is in
	reached int      // up to here it is JSON
	shown   []byte
	copied  int // how much of data is in shown, or hidden there
}

// hide puts a mask in place of data[from:to].
func (c *concealing) hide(from, to int) {
	c.shown = append(c.shown, c.data[c.copied:from]...)
	c.shown = append(c.shown, `"`+Masked+`"`...)
	c.copied = to
}

// value walks through the value at i and returns where it ends.
func (c *concealing) value(i, depth int) int {
	if i >= len(c.data) || depth > deepest {
		return -1
	}
	switch c.data[i] {
	case '{', '[':
		return c.container(i, depth)
	case '"':
		return c.text(i)
	}
	end := i
	for end < len(c.data) && !strings.ContainsRune(" \t\r\n,]}:\"{[", rune(c.data[end])) {
		end++
	}
	if end == i || !json.Valid(c.data[i:end]) {
		return -1
	}
	return c.reach(end)
}

// container walks through an object or a list.
func (c *concealing) container(i, depth int) int {
	object, closing := c.data[i] == '{', c.data[i]+2 // "{}" and "[]" are two apart
	for i = c.space(c.reach(i + 1)); i < len(c.data); {
		if c.data[i] == closing {
			return c.reach(i + 1)
		}
		if object {
			i = c.member(i, depth)
		} else {
			i = c.value(i, depth+1)
		}
		if i < 0 {
			return -1
		}
		if i = c.space(i); i < len(c.data) && c.data[i] == ',' {
			i = c.space(c.reach(i + 1))
		} else if i < len(c.data) && c.data[i] != closing {
			return -1
		}
	}
	return -1
}

// member walks through a name and its value.
func (c *concealing) member(i, depth int) int {
	end := c.text(i)
	if end < 0 {
		return -1
	}
	var name string
	if json.Unmarshal(c.data[i:end], &name) != nil {
		return -1
	}
	if i = c.space(end); i == len(c.data) || c.data[i] != ':' {
		return -1
	}
	i = c.space(c.reach(i + 1))
	c.path = append(c.path, name)
	defer func() { c.path = c.path[:len(c.path)-1] }()
	if !c.named() {
		return c.value(i, depth+1)
	}
	inside := concealing{data: c.data} // nothing in it is masked by itself
	if end = inside.value(i, depth+1); end < 0 {
		return -1
	}
	c.hide(i, end)
	return c.reach(end)
}

// named tells whether a field ends in the names that the walk is in.
func (c *concealing) named() bool {
	for _, names := range c.fields {
		if ends(c.path, names) {
			return true
		}
	}
	return false
}

func ends(path, names []string) bool {
	if len(names) > len(path) {
		return false
	}
	for i, name := range names {
		if name != "*" && !strings.EqualFold(name, path[len(path)-len(names)+i]) {
			return false
		}
	}
	return true
}

// text is where the string at i ends.
func (c *concealing) text(i int) int {
	if i >= len(c.data) || c.data[i] != '"' {
		return -1
	}
	for i++; i < len(c.data); i++ {
		switch c.data[i] {
		case '\\':
			i++
		case '"':
			return c.reach(i + 1)
		}
	}
	return -1
}

func (c *concealing) space(i int) int {
	for i < len(c.data) && (c.data[i] == ' ' || c.data[i] == '\t' || c.data[i] == '\r' || c.data[i] == '\n') {
		i++
	}
	return i
}

func (c *concealing) reach(i int) int {
	c.reached = i
	return i
}
