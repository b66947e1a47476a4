package ui

import (
	"slices"
	"strings"
)

// whyNot says why a key does nothing here: it is for another pane or for other letters, or it changes something
// on a screen that must not. Empty: nobody has promised anything of it.
func (m *Model) whyNot(key string) string {
	var meant []binding
	for _, b := range keyMap(false) {
		if slices.Contains(b.keys, key) && b.show != "" {
			meant = append(meant, b)
		}
	}
	if here := slices.DeleteFunc(slices.Clone(meant), func(b binding) bool { return b.when != nil && !b.when(m) }); len(here) > 0 {
		meant = here
	}
	if len(meant) == 0 {
		return ""
	}
	b := meant[0]
	switch {
	case b.acts && m.s.cfg.ReadOnly:
		return b.show + " " + b.name + ": the screen is read-only"
	case b.in(m.s.focus):
		return b.show + " " + b.name + ": " + b.only
	}
	return shown(key, meant) + " " + places(meant)
}

// shown is how people read a key: a binding may show another of its keys.
func shown(key string, meant []binding) string {
	for _, b := range meant {
		if b.keys[0] == key {
			return b.show
		}
	}
	return key
}

// places says what a key does in which panes.
func places(meant []binding) string {
	words := make([]string, 0, len(meant))
	for _, b := range meant {
		var in []string
		for _, p := range b.panes {
			in = append(in, strings.ToUpper(paneNames()[p]))
		}
		words = append(words, b.name+": in "+strings.Join(in, " and "))
	}
	return strings.Join(words, ", ")
}
