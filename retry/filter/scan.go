package filter

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a filter.
type word struct {
	text     string // the whole filter
	from, to int    // where in it the word is, in bytes, with its minus and its quotes
	negated  bool
	name     string // the property, in lower case; "": text to look for
	op       string // ":" or a comparison; "" with no property
	value    string // without its quotes
}

func (w *word) wrong(problem, hint string) *Error { return wrong(w.text, w.from, w.to, problem, hint) }

// scanner walks through a filter.
type scanner struct {
	text string
	at   int // bytes
}

func scan(text string) ([]word, error) {
	s := &scanner{text: text}
	var words []word
	for s.skipBlanks(); s.at < len(text); s.skipBlanks() {
		w, err := s.word()
		if err != nil {
			return nil, err
		}
		if err := checkCut(words, w); err != nil {
			return nil, err
		}
		words = append(words, w)
	}
	return words, nil
}

func (s *scanner) skipBlanks() {
	s.at += len(s.text[s.at:]) - len(strings.TrimSpace(s.text[s.at:]+".")) + 1
}

func (s *scanner) word() (word, error) {
	w := word{text: s.text, from: s.at}
	if s.text[s.at] == '-' {
		w.negated = true
		s.at++
	}
	w.name, w.op = s.property()
	s.at += len(w.name) + len(w.op)
	w.name = strings.ToLower(w.name)
	err := s.value(&w)
	w.to = s.at
	if err != nil {
		return w, err
	}
	if w.value == "" {
		return w, w.wrong("nothing to look for", "write the value right after it, without a blank")
	}
	return w, nil
}

// operators are what can follow a property, the longer before what it begins with.
var operators = []string{":", ">=", "<=", "=", ">", "<"}

// property reads ahead: letters and an operator are a property, but for a URL's scheme.
func (s *scanner) property() (name, op string) {
	rest := s.text[s.at:]
	n := strings.IndexFunc(rest, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' })
	if n <= 0 || strings.HasPrefix(rest[n:], "://") {
		return "", ""
	}
	for _, op := range operators {
		if strings.HasPrefix(rest[n:], op) {
			return rest[:n], op
		}
	}
	return "", ""
}

func (s *scanner) value(w *word) error {
	if s.at < len(s.text) && (s.text[s.at] == '"' || s.text[s.at] == '\'') {
		return s.quoted(w)
	}
	n := endOfWord
	if w.name == jqName {
		n = endOfJQ
	}
	end := s.at + n(s.text[s.at:])
	w.value, s.at = s.text[s.at:end], end
	return nil
}

// quoted reads a value in quotes. In double quotes a backslash takes the next quote or backslash as it is.
func (s *scanner) quoted(w *word) error {
	quote := s.text[s.at]
	var value strings.Builder
	for i := s.at + 1; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case c == quote:
			s.at = i + 1
			w.value = value.String()
			return s.blankAfter(w)
		case c == '\\' && quote == '"' && i+1 < len(s.text) && (s.text[i+1] == '"' || s.text[i+1] == '\\'):
			i++
			value.WriteByte(s.text[i])
		default:
			value.WriteByte(c)
		}
	}
	return wrong(s.text, w.from, len(s.text), "the quote is not closed", "end it with "+string(quote))
}

func (s *scanner) blankAfter(w *word) error {
	if n := endOfWord(s.text[s.at:]); n > 0 {
		return wrong(s.text, w.from, s.at+n, "text follows the closing quote", "put a blank between them")
	}
	return nil
}

// endOfWord is where the first blank is.
func endOfWord(s string) int {
	if n := strings.IndexFunc(s, unicode.IsSpace); n >= 0 {
		return n
	}
	return len(s)
}

// endOfJQ is where the first blank is that is not within a jq string or brackets.
func endOfJQ(s string) int {
	depth, inString := 0, false
	for i := 0; i < len(s); i++ {
		r, _ := utf8.DecodeRuneInString(s[i:])
		switch {
		case inString && r == '\\':
			i++
		case r == '"':
			inString = !inString
		case inString:
		case strings.ContainsRune("([{", r):
			depth++
		case strings.ContainsRune(")]}", r):
			depth--
		case depth <= 0 && unicode.IsSpace(r):
			return i
		}
	}
	return len(s)
}

// jqOperators are what goes on with a jq expression.
var jqOperators = []string{
	"==", "!=", "<", "<=", ">", ">=", "|", ",", "+", "*", "/", "//", "%", "and", "or", "as",
}

// checkCut finds a jq expression that was cut at a blank: its rest would be looked for as text.
func checkCut(before []word, w word) error {
	if len(before) == 0 || !slices.Contains(jqOperators, w.text[w.from:w.to]) {
		return nil
	}
	last := before[len(before)-1]
	if last.name != jqName {
		return nil
	}
	return wrong(w.text, last.from, w.to, "a jq expression ends at the first blank", "put it in brackets: jq:(.a == 1 and .b)")
}
