package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"rehook/ui/plain"
)

const indentation = "  "

// laidOut is a JSON document with a line for each value; its numbers, keys and their order stay as they are. False:
// it is none, or so deeply nested that there would be more indentation than anything else.
func laidOut(doc []byte) ([]byte, bool) {
	if !json.Valid(doc) || laidOutSize(doc) > 8*len(doc)+4096 {
		return nil, false
	}
	var b bytes.Buffer
	if err := json.Indent(&b, doc, "", indentation); err != nil {
		return nil, false
	}
	return b.Bytes(), true
}

// laidOutSize is how many bytes a valid document would have at most: a megabyte of brackets would have gigabytes.
func laidOutSize(doc []byte) int {
	size, depth, quoted := len(doc), 0, false
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			size += 1 + depth*len(indentation)
		case c == '}' || c == ']':
			depth--
			size += 1 + depth*len(indentation)
		case c == ',':
			size += 1 + depth*len(indentation)
		case c == ':':
			size++
		}
	}
	return size
}

// compacted is a JSON document without any space between its values.
func compacted(doc []byte) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, doc); err != nil {
		return doc
	}
	return b.Bytes()
}

// brokenJSON says where and why a text is no JSON; empty: it is.
func brokenJSON(text []byte) string {
	var any json.RawMessage
	err := json.Unmarshal(text, &any)
	if err == nil {
		return ""
	}
	words := plain.Line(err.Error())
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(text[:min(max(0, int(e.Offset)-1), len(text))], []byte("\n"))
		words = fmt.Sprintf("line %s: %s", thousands(line), words)
	}
	return words
}
