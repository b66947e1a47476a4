package ui

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// What the verbs of the command line do, but for those over letters (called_letters.go).

// simply makes a verb of what a key does.
func simply(do func(*Model) tea.Cmd) func(*Model, *call) (tea.Cmd, error) {
	return func(m *Model, _ *call) (tea.Cmd, error) { return do(m), nil }
}

// at goes to a pane first.
func at(p paneID, do func(*Model) tea.Cmd) func(*Model, *call) (tea.Cmd, error) {
	return func(m *Model, _ *call) (tea.Cmd, error) {
		cmd := m.focusOn(p)
		if do != nil {
			cmd = tea.Batch(cmd, do(m))
		}
		return cmd, nil
	}
}

func (m *Model) pauseCalled(c *call) (tea.Cmd, error) {
	return m.order(retry.Pause{By: m.s.cfg.By, Why: c.value("--why")}, pausedWords), nil
}

func (m *Model) resumeCalled(c *call) (tea.Cmd, error) {
	return m.order(retry.Resume{By: m.s.cfg.By, Why: c.value("--why")}, resumedWords), nil
}

func (m *Model) limitCalled(c *call) (tea.Cmd, error) {
	rate, err := bound(c, "--rate", math.MaxFloat64)
	if err != nil {
		return nil, err
	}
	atOnce, err := bound(c, "--at-once", math.MaxInt32)
	if err != nil {
		return nil, err
	}
	if atOnce != math.Trunc(atOnce) {
		return nil, fmt.Errorf("--at-once: %q is not a whole number", c.value("--at-once"))
	}
	lane, err := m.s.laneNamed(c.rest)
	if err != nil {
		return nil, fmt.Errorf("limit: %w", err)
	}
	return m.order(retry.Limit{Endpoint: lane, Rate: rate, AtOnce: int(atOnce), By: m.s.cfg.By, Why: c.value("--why")}, "limited"), nil
}

// bound reads a number above 0; 0: none was given.
func bound(c *call, flag string, most float64) (float64, error) {
	text := c.value(flag)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0 && n <= most) {
		return 0, fmt.Errorf("%s: %q is no number above 0", flag, text)
	}
	return n, nil
}

// laneNamed is the lane of an endpoint that is given by its name, its host, or the URL of a letter.
func (s *state) laneNamed(name string) (string, error) {
	var found []string
	for _, e := range s.status.Endpoints {
		if name == e.Endpoint || name == host(e.Endpoint) || strings.HasPrefix(name, e.Endpoint+"/") || strings.HasPrefix(name, e.Endpoint+"?") {
			found = append(found, e.Endpoint)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("this engine has had no letter for %q", deadletter.MaskURL(name))
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%q could be %s: write which", name, strings.Join(found, " or "))
}

func (m *Model) lsCalled(c *call) (tea.Cmd, error) {
	v := waitingView
	if c.has("--parked") {
		v = parkedView
	}
	return m.list(v, c.rest), nil
}

// listOf shows the letters of a view. Without a FILTER the one that is on stays.
func listOf(v view) func(*Model, *call) (tea.Cmd, error) {
	return func(m *Model, c *call) (tea.Cmd, error) {
		text := c.rest
		if text == "" {
			text = m.s.filter
		}
		return m.list(v, text), nil
	}
}

// list shows the letters of a view that a filter takes.
func (m *Model) list(v view, text string) tea.Cmd {
	if m.s.letters.view != v {
		m.s.letters.show(v)
	}
	m.s.letters.group(grouped(m), "")
	return tea.Batch(m.applyFilter(text), m.focusOn(messagesPane))
}

func (m *Model) sortCalled(c *call) (tea.Cmd, error) {
	key := slices.Index(sortColumns(), c.rest)
	if key < 0 {
		return nil, fmt.Errorf("sort: there is no column %q: there are %s", c.rest, strings.Join(sortColumns(), ", "))
	}
	return tea.Batch(m.focusOn(messagesPane), m.sortBy(order{key: sortKey(key), reversed: c.has("--reverse")})), nil
}

// sortColumns are the names of the sort keys, in their order.
func sortColumns() []string {
	var names []string
	for k := range sortKeys {
		names = append(names, k.String())
	}
	return names
}

func (m *Model) showCalled(c *call) (tea.Cmd, error) {
	r, err := m.letterNamed(c.rest)
	if err != nil {
		return nil, fmt.Errorf("show: %w", err)
	}
	return m.goTo(r), nil
}

// letterNamed is the letter with an id, or that alone has one which begins so.
func (m *Model) letterNamed(id string) (*row, error) {
	if r := m.s.letters.byID[id]; r != nil {
		return r, nil
	}
	var found []string
	for known := range m.s.letters.byID {
		if len(known) >= len(id) && strings.EqualFold(known[:len(id)], id) {
			found = append(found, known)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("no letter here has an id that begins with %q", id)
	case 1:
		return m.s.letters.byID[found[0]], nil
	}
	slices.Sort(found)
	return nil, fmt.Errorf("%s letters have an id that begins with %q, as %s: write more of it", thousands(len(found)), id, found[0])
}

// goTo opens a letter. What would hide it in the list is cleared.
func (m *Model) goTo(r *row) tea.Cmd {
	l := m.s.letters
	if v := viewOf(r.Phase); l.view != v {
		l.show(v)
	}
	if l.groups.shown || l.groups.opened != "" {
		l.group(false, "")
	}
	if _, listed := l.find(r.Letter.ID); !listed {
		m.unfilter()
	}
	l.scroll.at, _ = l.find(r.Letter.ID)
	l.byHand = true
	l.land(m.s.listHeight())
	return m.enterDetail()
}

var errNothingSelected = errors.New("nothing is selected")
