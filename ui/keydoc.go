package ui

import (
	"fmt"
	"strings"
)

// paneNames are the names of the panes in the documentation.
func paneNames() [paneCount]string {
	return [...]string{"queues", "endpoints", "genesys", "messages", "detail", "engine"}
}

// KeysMarkdown is the page of the documentation that lists every key, made from the key map.
func KeysMarkdown() string {
	var b strings.Builder
	b.WriteString("# Keys\n\nMade from the key map (`ui/keys.go`) by `go test ./ui -run TestKeysAreDocumented -update`; do not edit.\n" +
		"A key that cannot work now says why when it is pressed. With `--read-only` there are no actions.\n")
	keys := keyMap(false)
	for _, g := range groups() {
		fmt.Fprintf(&b, "\n## %s\n\n| key | where | does |\n| --- | --- | --- |\n", g)
		for _, k := range keys {
			if k.group == g && k.show != "" {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.show, k.where(), k.help)
			}
		}
	}
	b.WriteString("\n## Command line\n\nAfter `:`. What the shell has too is called and flagged as there; FILTER is that of `rehook ls`. Without one, a\n" +
		"verb is for the selected letters, or the one under the cursor. `tab` completes, `↑` brings back earlier lines.\n\n" +
		"| verb | flags | does |\n| --- | --- | --- |\n")
	for _, v := range lineVerbs() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.usage(), v.flagsMarkdown(), v.help)
	}
	return b.String()
}

// flagsMarkdown lists the flags of a verb.
func (v *lineVerb) flagsMarkdown() string {
	var names []string
	for _, f := range v.flags {
		names = append(names, "`"+strings.TrimSpace(f.name+" "+f.example)+"`")
	}
	return strings.Join(names, " ")
}

// where names the panes in which a key works.
func (b binding) where() string {
	if len(b.panes) == 0 {
		return "everywhere"
	}
	var names []string
	for _, p := range b.panes {
		names = append(names, paneNames()[p])
	}
	return strings.Join(names, ", ")
}
