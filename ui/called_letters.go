package ui

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/retry/deadletter"
	"rehook/retry/filter"
)

// onLetters makes a verb of the command line of one that is for letters of a view.
func onLetters(v verb, in view) func(*Model, *call) (tea.Cmd, error) {
	return func(m *Model, c *call) (tea.Cmd, error) { return m.letterVerb(v, in, c) }
}

// deleteCalled is for the letters of the view that is seen.
func (m *Model) deleteCalled(c *call) (tea.Cmd, error) {
	in := m.s.letters.view
	if c.has("--parked") {
		in = parkedView
	}
	if in == deliveredView {
		return nil, errors.New("delete: only for letters that wait or are parked")
	}
	return m.letterVerb(remove, in, c)
}

// letterVerb shows what a verb would do to the letters that are meant, or does it as its key does.
func (m *Model) letterVerb(v verb, in view, c *call) (tea.Cmd, error) {
	p, err := m.planFor(v, in, c)
	if err != nil {
		return nil, err
	}
	if c.has("--rate") || c.has("--to") || c.has("--canary") || v.does == redrive.does && p.dry {
		return m.formFor(p, c)
	}
	return m.propose(p, p.named || p.dry), nil
}

// planFor freezes the letters that a line is for: those of a view that it names, or what is selected.
func (m *Model) planFor(v verb, in view, c *call) (*plan, error) {
	ids, named := c.targets, c.rest != "" || c.has("--id") || c.has("--parked")
	unjudged := 0
	if named {
		var err error
		if ids, err = m.lettersNamed(in, c); err != nil {
			return nil, fmt.Errorf("%s: %w", v.does, err)
		}
		unjudged = int(c.filter.GaveUp())
	}
	p := m.plan(v, ids)
	p.named, p.dry, p.why = named, c.has("--dry-run"), c.value("--why")
	if unjudged > 0 {
		p.cannot["not judged: the filter took too long"] = unjudged
	}
	switch {
	case len(p.ids) > 0:
		return p, nil
	case len(p.cannot) > 0:
		return nil, fmt.Errorf("cannot %s: %s", v.does, p.reasons())
	case named:
		return nil, fmt.Errorf("%s: no %s letter matches", v.does, in)
	}
	return nil, fmt.Errorf("%s: %w", v.does, errNothingSelected)
}

// lettersNamed are the letters of a view that a line's filter takes, and that have one of its ids.
func (m *Model) lettersNamed(in view, c *call) ([]string, error) {
	one := map[string]bool{}
	for _, id := range c.given["--id"] {
		r, err := m.letterNamed(id)
		if err != nil {
			return nil, err
		}
		one[r.Letter.ID] = true
	}
	var rows []*row
	for id, r := range m.s.letters.byID {
		if viewOf(r.Phase) == in && (len(one) == 0 || one[id]) && c.filter.Match(r.Letter, m.s.now, filter.Facts{ExpiresAt: r.ExpiresAt}) {
			rows = append(rows, r)
		}
	}
	m.s.letters.order.sort(rows)
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.Letter.ID)
	}
	return ids, nil
}

// formFor asks as R does, with what the line says filled in.
func (m *Model) formFor(p *plan, c *call) (tea.Cmd, error) {
	f := &form{plan: p, rate: newCaret(c.value("--rate")), to: newCaret(c.value("--to")), canary: c.has("--canary")}
	if wrong := f.wrong(); wrong != "" {
		return nil, fmt.Errorf("--rate: %q is not %s", f.rate.String(), wrong)
	}
	if err := checkURL(f.to.String()); err != nil {
		return nil, fmt.Errorf("--to: %w", err)
	}
	f.changed()
	m.open(f)
	return m.foretell(p, 0), nil
}

// checkURL says at once what is wrong with an endpoint. The engine has the last word on it.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("give the URL of an endpoint, like https://crm.example.com/hook")
	case strings.Contains(text, deadletter.Masked):
		return errors.New("it is masked: type what it hides")
	case u.User != nil:
		return errors.New("the URL holds a user name or password: take it out")
	}
	return nil
}

// exportCalled writes the letters that a line names, or what is selected.
func (m *Model) exportCalled(c *call) (tea.Cmd, error) {
	in, ids := m.s.letters.view, c.targets
	if c.has("--parked") {
		in = parkedView
	}
	if c.rest != "" || c.has("--id") || c.has("--parked") {
		var err error
		if ids, err = m.lettersNamed(in, c); err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		if n := c.filter.GaveUp(); n > 0 { // a file that lacks letters must not pass for whole
			return nil, fmt.Errorf("export: the filter took too long to judge %s: make it simpler", lettersWord(int(n)))
		}
		if len(ids) == 0 {
			return nil, fmt.Errorf("export: no %s letter matches", in)
		}
	}
	letters := m.lettersOf(ids)
	if len(letters) == 0 {
		return nil, fmt.Errorf("export: %w", errNothingSelected)
	}
	if !c.has("--file") {
		return m.askExport(letters), nil
	}
	path, err := exportPath(c.value("--file"))
	if err != nil {
		return nil, fmt.Errorf("--file: %w", err)
	}
	return m.beginExport(letters, path, false), nil
}
