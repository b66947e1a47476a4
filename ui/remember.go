package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/retry/deadletter"
	"rehook/retry/filter"
	"rehook/ui/plain"
)

// remember keeps a command line for later screens.
func (m *Model) remember(text string) tea.Cmd {
	keep := m.s.cfg.Remember
	if keep == nil {
		return nil
	}
	return m.outside.cmd(func(context.Context) tea.Msg {
		if err := keep(withoutSecrets(text)); err != nil {
			return forgotten{err}
		}
		return nil
	})
}

// forgotten says once that lines are not kept.
func (m *Model) forgotten(msg forgotten) {
	if m.s.cfg.Remember != nil {
		m.s.cfg.Remember = nil
		m.say(m.s.styles.warn, "commands are not kept for the next screen: "+plain.Line(msg.err.Error()))
	}
}

// withoutSecrets masks what a line's URLs hold: names, passwords, tokens.
func withoutSecrets(text string) string {
	var b strings.Builder
	at := 0
	for _, word := range filter.Split(text) {
		from, to := urlIn(text[word.From:word.To])
		b.WriteString(text[at : word.From+from])
		b.WriteString(deadletter.MaskURL(text[word.From+from : word.From+to]))
		at = word.From + to
	}
	return b.String() + text[at:]
}

// urlIn is where in a word a URL stands: the word may be a flag or a property with it, or in quotes. Nothing: at its end.
func urlIn(word string) (from, to int) {
	before, _, ok := strings.Cut(word, "://")
	if !ok {
		return len(word), len(word)
	}
	from = strings.LastIndexFunc(before, func(r rune) bool { return r < 'a' || r > 'z' }) + 1
	return from, len(strings.TrimRight(word, `"'`))
}
