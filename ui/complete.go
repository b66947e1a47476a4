package ui

import (
	"strings"

	"rehook/retry/filter"
)

// offer is a word that could stand where the caret is.
type offer struct {
	text  string
	label string // what is shown of it; empty: all
	help  string
	open  bool // it goes on without a blank: status:
}

// offers are the words that could stand at the end of a line, and where the word begins, in characters, that they
// would replace.
func (m *Model) offers(text string) (from int, all []offer) {
	start := strings.TrimLeft(text, " ")
	name, rest, named := strings.Cut(start, " ")
	if !named {
		return runes(text) - runes(name), fitting(name, m.verbOffers(name))
	}
	v, err := m.verbNamed(name)
	if err != nil {
		return runes(text), nil
	}
	word, flag := "", lineFlag{}
	words := filter.Split(rest)
	if n := len(words); n > 0 && words[n-1].To == len(rest) {
		word, words = rest[words[n-1].From:], words[:n-1]
	}
	if n := len(words); n > 0 {
		flag, _ = v.flag(rest[words[n-1].From:words[n-1].To])
	}
	from = runes(text) - runes(word)
	if flag.value != "" {
		return from, fitting(word, m.flagValues(flag))
	}
	if !strings.HasPrefix(word, "--") {
		all = m.operandOffers(v, word)
	}
	return from, fitting(word, append(all, flagOffers(v, rest, words)...))
}

func runes(text string) int { return len([]rune(text)) }

// verbOffers are the verbs; their other names only when they are meant.
func (m *Model) verbOffers(typed string) []offer {
	var all []offer
	for i := range m.verbs {
		v := &m.verbs[i]
		if !m.offersVerb(v) {
			continue
		}
		for n, name := range v.names {
			if n == 0 || typed != "" {
				all = append(all, offer{text: name, help: v.help})
			}
		}
	}
	return all
}

// flagOffers are the flags that were not given yet.
func flagOffers(v *lineVerb, rest string, words []filter.Span) []offer {
	given := map[string]bool{}
	for _, w := range words {
		name, _, _ := strings.Cut(rest[w.From:w.To], "=")
		given[name] = true
	}
	var all []offer
	for _, f := range v.flags {
		if !given[f.name] || f == idFlag {
			all = append(all, offer{text: f.name, help: f.help})
		}
	}
	return all
}

// operandOffers are what the verb could be for.
func (m *Model) operandOffers(v *lineVerb, word string) []offer {
	switch v.takes {
	case anyLetters:
		return m.filterOffers(word)
	case oneLetter:
		return m.onScreen(idsOf)
	case oneEndpoint:
		return m.laneHosts()
	case oneColumn:
		var all []offer
		for _, name := range sortColumns() {
			all = append(all, offer{text: name})
		}
		return all
	case nothing:
	}
	return nil
}

// filterOffers are the properties that a filter can ask for or, once one stands there, what it could be.
func (m *Model) filterOffers(word string) []offer {
	minus := ""
	if strings.HasPrefix(word, "-") {
		minus, word = "-", word[1:]
	}
	var all []offer
	for _, w := range filter.Words() {
		operator := operatorOf(w)
		typed, is := strings.CutPrefix(strings.ToLower(word), w.Name)
		if op := leading(typed); is && op != "" {
			return prefixed(minus+w.Name+op, m.filterValues(w))
		}
		all = append(all, offer{text: minus + w.Name + operator, help: w.Help, open: true})
	}
	return all
}

// operatorOf is the operator that a property is shown with.
func operatorOf(w filter.Word) string { return leading(w.Example[len(w.Name):]) }

// leading is the operator that a text begins with.
func leading(text string) string { return text[:len(text)-len(strings.TrimLeft(text, ":=<>"))] }

func prefixed(with string, values []offer) []offer {
	for i := range values {
		values[i].text, values[i].label = with+values[i].text, values[i].text
	}
	return values
}

// fitting are the offers that begin with what is typed, and after them the values that have it somewhere.
func fitting(typed string, all []offer) []offer {
	lower := strings.ToLower(typed)
	begins := func(o offer) bool { return strings.HasPrefix(strings.ToLower(o.text), lower) }
	property, value, _ := cutOperator(lower)
	holds := func(o offer) bool {
		before, after, ok := cutOperator(strings.ToLower(o.text))
		return ok && value != "" && before == property && strings.Contains(after, value)
	}
	var first, then []offer
	for _, o := range all {
		switch {
		case begins(o):
			first = append(first, o)
		case holds(o):
			then = append(then, o)
		}
	}
	return append(first, then...)
}

// cutOperator parts a property with its operator from its value.
func cutOperator(word string) (property, value string, ok bool) {
	i := strings.IndexAny(word, ":=<>")
	if i < 0 {
		return "", "", false
	}
	n := i + len(leading(word[i:]))
	return word[:n], word[n:], true
}
