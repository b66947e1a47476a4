package ui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui/plain"
)

// form asks how letters are to be redriven, and says what that comes to.
type form struct {
	*plan
	field  field
	rate   caret
	to     caret
	canary bool
}

// field is a row of the form.
type field int

// The fields, from the top.
const (
	rateField field = iota
	canaryField
	toField
	dryField
	fieldCount
)

func (f *form) heading() string { return f.plan.heading() + " WITH OPTIONS" }

func (f *form) lines(s *state, w, h int) []string {
	rows := []string{
		newLine(w).String(),
		f.row(s, w, rateField, "rate a second", f.rate.String(), pick(f.rate.String() == "", "as many as the endpoints take", f.wrong())),
		f.row(s, w, canaryField, "canary first", box(f.canary), "one letter, then ten, then the rest"),
		f.row(s, w, toField, "other endpoint", f.to.String(), pick(f.to.String() == "", "each letter's own", "")),
		f.row(s, w, dryField, "dry run", box(f.dry), "nothing is sent"),
	}
	rows = append(rows, f.body(s, w, h-len(rows)-2)...)
	keys := []string{"enter", pick(f.dry, "close: a dry run", "redrive"), "tab", "next", "space", "tick", "esc", "leave them"}
	if f.idle() {
		keys = keys[2:]
	}
	rows = append(rows, newLine(w).String(), choices(s, w, keys...))
	return rows[max(0, len(rows)-h):]
}

func box(ticked bool) string { return pick(ticked, "[x]", "[ ]") }

// row is a field: what is typed or ticked, and what that means.
func (f *form) row(s *state, w int, is field, name, value, means string) string {
	here := f.field == is
	typing := here && is.typed()
	l := newLine(w).add(s.styles.accent, pick(here, "▸ ", "  ")).cell("", name, 16)
	look, room := s.styles.quiet, w-19
	switch {
	case typing && f.typedIn().cut:
		means = fmt.Sprintf("left as it was: at most %s characters", thousands(inputMost))
		look, room = s.styles.bad, room-plain.Width(means)-2
	case is == rateField && f.wrong() != "":
		look = s.styles.bad
	}
	at := l.used
	if typing {
		f.typedIn().draw(s, l, max(9, room), "")
	} else {
		l.add(s.styles.strong, tail(plain.Line(value), max(8, room-1)))
	}
	l.skip(max(0, 3-(l.used-at))) // what the fields mean stands in one column, as far as it can
	return l.skip(2).add(look, means).String()
}

func (f field) typed() bool { return f == rateField || f == toField }

// wrong says what is wrong with the rate.
func (f *form) wrong() string {
	rate := f.rate.String()
	if n, err := strconv.ParseFloat(rate, 64); rate != "" && (err != nil || !(n > 0)) {
		return "a number above 0, as 5 or 0.5"
	}
	return ""
}

func (f *form) key(k tea.KeyPressMsg) action {
	switch key := k.String(); {
	case key == "esc" || key == "ctrl+c":
		return dismissed{}
	case f.yet():
		return stay{}
	case key == "enter" && (f.wrong() != "" || f.engine.refused() || f.idle()):
		return stay{}
	case key == "enter" && f.dry:
		return rehearsed{f.plan}
	case key == "enter":
		return confirmed{f.plan}
	case key == "tab" || key == "down":
		f.field = (f.field + 1) % fieldCount
	case key == "shift+tab" || key == "up":
		f.field = (f.field + fieldCount - 1) % fieldCount
	case f.field == dryField && key == "space":
		f.dry = !f.dry
	case f.field == canaryField && key == "space":
		f.canary = !f.canary
		return f.changed()
	case f.field.typed():
		k.Text = strings.TrimSpace(k.Text) // neither has a blank in it
		return f.edit(func(c *caret) { c.key(k) })
	}
	return stay{}
}

// typedIn is what is typed in the field that one is in.
func (f *form) typedIn() *caret {
	if f.field == toField {
		return &f.to
	}
	return &f.rate
}

func (f *form) edit(change func(c *caret)) action {
	c := f.typedIn()
	was := *c
	if change(c); c.cut { // the beginning of an endpoint is another endpoint
		c.text, c.at = was.text, was.at
	}
	if c.String() == was.String() {
		return stay{}
	}
	return f.changed()
}

// paste puts text into the field that is typed in.
func (f *form) paste(text string) action {
	if !f.field.typed() || f.yet() {
		return stay{}
	}
	return f.edit(func(c *caret) {
		c.cut = false
		c.put(strings.Join(strings.Fields(text), ""))
	})
}

// changed makes the command of the options, and has the engine say what it comes to.
func (f *form) changed() action {
	if f.wrong() != "" {
		return stay{}
	}
	perSecond, _ := strconv.ParseFloat(f.rate.String(), 64) // none where there is no number
	to, canary := f.to.String(), f.canary
	f.verb.command = func(ids []string, by string) retry.Command {
		return retry.Redrive{IDs: ids, To: to, Rate: perSecond, Canary: canary, By: by}
	}
	return replanned{f.plan}
}

// beginWithOptions asks how the letters are to be redriven.
func (m *Model) beginWithOptions() tea.Cmd {
	p := m.plan(redrive, m.targets())
	if !m.ready(p) {
		return nil
	}
	m.open(&form{plan: p})
	return m.foretell(p, 0)
}
