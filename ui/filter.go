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
			m.applyFilter(text)
			return m.s.bad == "", nil
		},
	}
	return nil
}

// typedOn filters by what was typed, unless more has been typed since.
func (m *Model) typedOn(msg typed) {
	if m.input != nil && m.input.String() == msg.text {
		m.applyFilter(msg.text)
	}
}

// applyFilter narrows the list. A filter that cannot be understood says why and changes nothing.
func (m *Model) applyFilter(text string) {
	m.s.bad = ""
	f, err := filter.Parse(text)
	if err != nil {
		m.s.bad = filterTrouble(err)
		return
	}
	m.s.filter = text
	m.s.letters.match = nil
	if text != "" {
		m.s.letters.match = func(r *row) bool {
			return f.Match(r.Letter, m.s.now, filter.Facts{ExpiresAt: r.ExpiresAt})
		}
	}
	m.refilter()
}

// refilter files the list anew: time alone can change what a filter lets through.
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
	m.s.letters.groups.shown, m.s.letters.groups.opened = false, ""
	m.applyFilter("endpoint:" + strconv.Quote(hostname))
	return m.focusOn(messagesPane)
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
