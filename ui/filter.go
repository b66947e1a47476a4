package ui

import (
	"context"
	"errors"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry/filter"
	"rehook/ui/plain"
)

// filterAfter is how long typing must rest before the list is filtered: ten thousand payloads are not read
// for every letter of a word.
const filterAfter = 80 * time.Millisecond

// typeFilter lets a filter be typed in the footer; the list follows.
func (m *Model) typeFilter() tea.Cmd {
	m.input = &input{
		prompt: "/", hint: "enter keeps it · esc clears it", caret: newCaret(m.s.filter),
		typed: func(text string) tea.Cmd {
			m.s.bad = ""
			m.sifting.end(&m.s)
			return m.outside.cmd(func(ctx context.Context) tea.Msg {
				if !wait(ctx, filterAfter) {
					return nil
				}
				return typed{text}
			})
		},
		done: func(text string, keep bool) (bool, tea.Cmd) {
			if !keep {
				text = ""
			}
			cmd := m.applyFilter(text)
			return m.s.bad == "", cmd
		},
	}
	return nil
}

// typedOn filters by what was typed, unless more has been typed since.
func (m *Model) typedOn(msg typed) tea.Cmd {
	if m.input == nil || m.input.String() != msg.text {
		return nil
	}
	return m.narrow(msg.text, false)
}

// applyFilter narrows the list, and has the keys that follow wait for it: they are about what it lets through.
func (m *Model) applyFilter(text string) tea.Cmd { return m.narrow(text, true) }

// narrow narrows the list. A filter that cannot be understood says why and changes nothing.
func (m *Model) narrow(text string, last bool) tea.Cmd {
	m.s.bad = ""
	f, err := filter.Parse(text)
	switch {
	case err != nil:
		m.sifting.end(&m.s)
		m.s.bad = filterTrouble(err)
		return nil
	case text == "":
		m.unfilter()
		return nil
	case text == m.s.filter && m.s.sifts.IsZero():
		return nil
	}
	return m.sift(f, text, last)
}

// unfilter lets all letters through.
func (m *Model) unfilter() {
	m.sifting.end(&m.s)
	m.s.bad, m.s.filter, m.s.letters.match = "", "", nil
	m.refilter()
}

// refilter files the list anew.
func (m *Model) refilter() {
	m.s.letters.refile()
	m.s.letters.settle(m.s.listHeight())
}

func filterTrouble(err error) string {
	if e, ok := errors.AsType[*filter.Error](err); ok {
		return plain.Line(e.Word + ": " + e.Problem + ": " + e.Hint)
	}
	return plain.Line(err.Error())
}

// filterTo shows the waiting letters of one endpoint.
func (m *Model) filterTo(hostname string) tea.Cmd {
	if m.s.letters.view != waitingView {
		m.s.letters.show(waitingView)
	}
	m.s.letters.group(false, "")
	return tea.Batch(m.applyFilter("endpoint:"+strconv.Quote(hostname)), m.focusOn(messagesPane))
}

func (m *Model) openEndpoint() tea.Cmd {
	lane, ok := m.endpoints.current(&m.s)
	if !ok {
		return nil
	}
	return m.filterTo(host(lane.Endpoint))
}

func (m *Model) openWebhook() tea.Cmd {
	hook, ok := m.hooks.current(&m.s)
	if !ok {
		return nil
	}
	return m.filterTo(host(hook.Endpoint))
}
