package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rehook/retry/filter"
)

// call is a command line as it is understood: a verb, what it is for, and how.
//
//	redrive endpoint:crm -status:4xx --rate 5 --canary
//	verb    rest                     flags
type call struct {
	verb  *lineVerb
	rest  string              // the line without its verb and its flags
	given map[string][]string // what the flags were given; of a flag that takes nothing, ""
	// filter is rest, for verbs whose operand is one.
	filter *filter.Filter
	// targets are the letters that were selected when the line was opened, or the one under the cursor.
	targets []string
}

func (c *call) has(flag string) bool { return len(c.given[flag]) > 0 }

// value is what a flag was given last; empty: it was not given.
func (c *call) value(flag string) string {
	if all := c.given[flag]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// understand reads a line. Its error says what is wrong with it; nothing has been done then.
func (m *Model) understand(text string) (*call, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	v, err := m.verbNamed(name)
	if err != nil {
		return nil, err
	}
	c := &call{verb: v, given: map[string][]string{}}
	if err := c.readFlags(rest); err != nil {
		return nil, err
	}
	return c, c.checkOperand()
}

// readFlags takes the flags out of a line, and keeps the rest of it as it was typed.
func (c *call) readFlags(text string) error {
	rest, words := []byte(text), filter.Split(text)
	for i := 0; i < len(words); i++ {
		at := words[i]
		name, value, given := strings.Cut(text[at.From:at.To], "=")
		if !strings.HasPrefix(name, "--") {
			continue
		}
		flag, ok := c.verb.flag(name)
		if ok && flag.value != "" && !given && i+1 < len(words) {
			i++
			value, at.To = text[words[i].From:words[i].To], words[i].To
		}
		switch value = unquoted(value); {
		case !ok:
			return fmt.Errorf("%s has no flag %q: %s", c.verb.name(), name, c.verb.flagsInWords())
		case flag.value == "" && given:
			return fmt.Errorf("%s takes no value", name)
		case flag.value != "" && (value == "" || strings.HasPrefix(value, "--")):
			return fmt.Errorf("%s: %s is missing, as in %s %s", name, flag.value, name, flag.example)
		}
		c.given[name] = append(c.given[name], value)
		copy(rest[at.From:at.To], strings.Repeat(" ", at.To-at.From))
	}
	c.rest = strings.TrimSpace(string(rest))
	return nil
}

// checkOperand says what is wrong with what is left of the line.
func (c *call) checkOperand() error {
	words := len(filter.Split(c.rest))
	switch takes := c.verb.takes; {
	case takes == anyLetters:
		f, err := filter.Parse(c.rest)
		if err != nil {
			return errors.New(filterTrouble(err))
		}
		c.filter = f
		return nil
	case takes == nothing && words > 0:
		return fmt.Errorf("%s takes nothing: %q is too much", c.verb.name(), c.rest)
	case takes == nothing:
	case words == 0:
		return fmt.Errorf("%s: %s is missing, as in %s %s", c.verb.name(), takes, c.verb.name(), takes.example())
	case words > 1:
		return fmt.Errorf("%s takes one %s: %q is too much", c.verb.name(), takes, c.rest)
	}
	c.rest = unquoted(c.rest)
	return nil
}

// unquoted is a word without the quotes that hold it together.
func unquoted(word string) string {
	if len(word) < 2 || word[0] != word[len(word)-1] || !slices.Contains([]byte{'"', '\''}, word[0]) {
		return word
	}
	inner := word[1 : len(word)-1]
	if word[0] == '"' {
		inner = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(inner)
	}
	return inner
}
