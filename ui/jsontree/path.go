package jsontree

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rehook/ui/plain"
)

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Path is the cursor's place as jq writes it, clean: .channel.from["first name"][2]. It is "." at the top,
// and empty where the document is not JSON.
func (t *Tree) Path() string {
	if t.form != JSON {
		return ""
	}
	var steps []string
	for n := t.rows[t.cursor].node; n.parent != nil; n = n.parent {
		steps = append(steps, t.step(n))
	}
	var b strings.Builder
	for _, step := range slices.Backward(steps) {
		b.WriteString(step)
	}
	if path := b.String(); strings.HasPrefix(path, ".") {
		return plain.Line(path)
	}
	return plain.Line("." + b.String())
}

func (t *Tree) step(n *node) string {
	if n.key.empty() {
		return fmt.Sprintf("[%d]", n.index)
	}
	raw := t.data[n.key.from:n.key.to]
	var key string
	if json.Unmarshal(raw, &key) == nil && identifier.MatchString(key) {
		return "." + key
	}
	return "[" + string(raw) + "]"
}
