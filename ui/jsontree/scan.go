package jsontree

// node is a value in the document, by the place of its bytes. Children are found when they are first asked for.
type node struct {
	parent   *node
	index    int // among the parent's children
	key      span
	value    span
	open     bool
	scanned  bool
	children []*node
}

// span is data[from:to].
type span struct{ from, to int }

func (s span) empty() bool { return s.from == s.to }

func isContainer(first byte) bool { return first == '{' || first == '[' }

// kids finds the children of n in data, once. The document is known to be valid.
func (n *node) kids(data []byte) []*node {
	if n.scanned || !isContainer(data[n.value.from]) {
		return n.children
	}
	n.scanned = true
	object := data[n.value.from] == '{'
	for i := skipSpace(data, n.value.from+1); data[i] != '}' && data[i] != ']'; {
		child := &node{parent: n, index: len(n.children)}
		if object {
			child.key = span{i, skipString(data, i)}
			i = skipSpace(data, child.key.to)
			i = skipSpace(data, i+1) // the colon
		}
		child.value = span{i, skipValue(data, i)}
		n.children = append(n.children, child)
		i = skipSpace(data, child.value.to)
		if data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
	return n.children
}

// skipValue returns the offset after the value at i.
func skipValue(data []byte, i int) int {
	switch data[i] {
	case '"':
		return skipString(data, i)
	case '{', '[':
		return skipContainer(data, i)
	}
	for i < len(data) && !endsScalar(data[i]) {
		i++
	}
	return i
}

func skipContainer(data []byte, i int) int {
	for depth := 0; ; {
		switch data[i] {
		case '"':
			i = skipString(data, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		i++
		if depth == 0 {
			return i
		}
	}
}

func skipString(data []byte, i int) int {
	for i++; data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && isSpace(data[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func endsScalar(c byte) bool { return isSpace(c) || c == ',' || c == '}' || c == ']' }
