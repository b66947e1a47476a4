package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"rehook/ui/plain"
)

// Whatever a pane writes must have a form of its own on a terminal that lacks it: a question mark says nothing.
func TestEveryCharacterOfOursHasAFormInASCII(t *testing.T) {
	for _, dir := range []string{".", "jsontree", "plain"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no source in %s: %v", dir, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || name == "glyphs.go" {
				continue
			}
			for _, text := range literals(t, name) {
				for _, r := range text {
					_, known := asciiGlyphs.table[r]
					if r >= utf8.RuneSelf && !known && !isBraille(r) && !isMark(r) {
						t.Errorf("%s: %q has no form for %q: add one to asciiGlyphs, and to consoleGlyphs if the console of Linux lacks it", name, text, r)
					}
				}
			}
		}
	}
}

// literals are the texts and characters in a file of source.
func literals(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && (lit.Kind == token.STRING || lit.Kind == token.CHAR) {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, lit.Value, err)
			}
			all = append(all, text)
		}
		return true
	})
	return all
}

func TestWhatStandsForACharacterIsAsWide(t *testing.T) {
	for name, g := range map[string]*glyphs{"ascii": &asciiGlyphs, "console": &consoleGlyphs} {
		for from, to := range g.table {
			if plain.Width(string(from)) != 1 || plain.Width(string(to)) != 1 {
				t.Errorf("%s: %q stands for %q", name, to, from)
			}
			if again, ok := g.table[to]; ok && again != to {
				t.Errorf("%s: %q stands for %q, which the terminal lacks itself", name, to, from)
			}
		}
		const wide = "世a\u0301é\u2819x"
		if got := plain.Width(g.draw(wide)); got != plain.Width(wide) {
			t.Errorf("%s: %q is %d cells wide, want %d", name, g.draw(wide), got, plain.Width(wide))
		}
	}
}

func TestWhatATerminalCanDoIsReadFromItsEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		env              string
		ascii            *bool
		glyphs           *glyphs
		colour, commands bool
	}{
		"nothing":              {"TERM=xterm", nil, &unicodeGlyphs, true, true},
		"C.UTF-8":              {"TERM=xterm LANG=C.UTF-8", nil, &unicodeGlyphs, true, true},
		"utf8 without a dash":  {"TERM=xterm LC_CTYPE=de_DE.utf8", nil, &unicodeGlyphs, true, true},
		"C":                    {"TERM=xterm LANG=C", nil, &asciiGlyphs, true, true},
		"Latin 1":              {"TERM=xterm LANG=de_DE.ISO-8859-15", nil, &asciiGlyphs, true, true},
		"LC_ALL beats LANG":    {"TERM=xterm LC_ALL=POSIX LANG=C.UTF-8", nil, &asciiGlyphs, true, true},
		"LC_CTYPE beats LANG":  {"TERM=xterm LC_CTYPE=C.UTF-8 LANG=C", nil, &unicodeGlyphs, true, true},
		"asked for":            {"TERM=xterm LANG=C.UTF-8", new(true), &asciiGlyphs, true, true},
		"asked not to":         {"TERM=xterm LANG=C", new(false), &unicodeGlyphs, true, true},
		"console":              {"TERM=linux LANG=C.UTF-8", nil, &consoleGlyphs, true, true},
		"console in C":         {"TERM=linux LANG=C", nil, &asciiGlyphs, true, true},
		"vt100":                {"TERM=vt100", nil, &asciiGlyphs, false, false},
		"vt220 by a UTF-8 tty": {"TERM=vt220 LANG=en_US.UTF-8", nil, &unicodeGlyphs, false, false},
		"not a video terminal": {"TERM=vte-256color", nil, &unicodeGlyphs, true, true},
		"NO_COLOR":             {"TERM=xterm NO_COLOR=no", nil, &unicodeGlyphs, false, true},
		"CLICOLOR":             {"TERM=xterm CLICOLOR=0", nil, &unicodeGlyphs, false, true},
		"CLICOLOR_FORCE":       {"TERM=xterm CLICOLOR=0 CLICOLOR_FORCE=1", nil, &unicodeGlyphs, true, true},
		"NO_COLOR beats it":    {"TERM=xterm CLICOLOR_FORCE=1 NO_COLOR=1", nil, &unicodeGlyphs, false, true},
	} {
		getenv := func(name string) string {
			for pair := range strings.FieldsSeq(c.env) {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		}
		want := abilities{c.glyphs, c.colour, c.commands}
		if got := abilitiesOf(getenv, c.ascii); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}
