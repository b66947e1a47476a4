package ui

import (
	"bytes"
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// An edit goes e → file → editor → difference → engine. The dialog lies on top from the first key on, so that no key
// that was meant for the editor reaches what is below. The file goes when the engine has taken the edit, when it is
// thrown away and when the screen ends; it stays when the letter has left meanwhile, and the operator is told where.

// fetchWithin bounds the reading of a payload that is kept outside of the queue.
const fetchWithin = 30 * time.Second

// editing is an edit as it is spoken of.
var editing = verb{does: "edit", doing: "saving", did: "edited", cannot: cannotDelete}

// editTarget is the one letter that is to be edited; nil: there is none, or more.
func (m *Model) editTarget() *row {
	switch l := m.s.letters; {
	case m.s.focus == detailPane:
		return l.byID[m.detail.id]
	case l.selected() == 0 && !l.groups.shown:
		return l.current()
	case l.selected() == 1 && l.groups.anchor == "":
		return l.byID[l.targets()[0]]
	}
	return nil
}

func (m *Model) beginEdit() tea.Cmd {
	if m.justShifted() {
		return nil
	}
	d := &edit{letter: m.editTarget().Letter}
	m.open(d)
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		if err := findEditor(m.s.cfg.Editor); err != nil {
			return drafted{d, nil, err}
		}
		payload := d.letter.Payload
		if d.letter.PayloadElsewhere() {
			var err error
			if payload, err = m.fetched(ctx, d.letter); err != nil {
				return drafted{d, nil, err}
			}
		}
		written, err := newDraft(d.letter.ID, payload)
		if err == nil {
			m.scratch.own(written.dir)
		}
		return drafted{d, written, err}
	})
}

// drafted gives the file to the editor, unless the operator did not wait for it.
func (m *Model) drafted(msg drafted) tea.Cmd {
	switch {
	case m.dialog != msg.edit:
		if msg.draft != nil {
			m.scratch.remove(msg.draft.dir)
		}
		return nil
	case msg.err != nil:
		m.dialog = nil
		m.say(m.s.styles.bad, "cannot edit: "+plain.Line(msg.err.Error()))
		return nil
	}
	msg.edit.draft = msg.draft
	return m.runEditor(msg.edit)
}

// runEditor leaves the terminal to the editor. The engine goes on meanwhile.
func (m *Model) runEditor(d *edit) tea.Cmd {
	d.stage, m.lent = inEditor, true
	e := &editor{ctx: m.outside.ctx, command: m.s.cfg.Editor, path: d.draft.path()}
	return m.lend(tea.Exec(e, func(err error) tea.Msg { return editorEnded{d, err} }))
}

// readBack draws the whole screen anew, which the editor has drawn over, and looks what was made of the payload.
func (m *Model) readBack(msg editorEnded) tea.Cmd {
	d := msg.edit
	d.stage, m.lent = comparing, false
	m.pen.backlog.resume()
	return tea.Batch(tea.ClearScreen, m.outside.cmd(func(context.Context) tea.Msg {
		text, err := d.draft.read()
		if err != nil {
			return unreadable{d, err}
		}
		return compared{d, d.draft.made(text), msg.err}
	}))
}

// compared shows what was changed, if anything was.
func (m *Model) compared(msg compared) {
	d := msg.edit
	if m.dialog != d { // given up on a screen that was too small for it
		m.scratch.remove(d.draft.dir)
		return
	}
	switch {
	case len(msg.made.diff.Rows) > 0 && len(msg.made.payload) > 0:
		d.ask(msg.made)
		if msg.err != nil {
			d.said = said{m.s.styles.warn, plain.Line(msg.err.Error())}
		}
		return
	case msg.err != nil:
		m.say(m.s.styles.bad, "nothing is changed: "+plain.Line(msg.err.Error()))
	case len(msg.made.payload) == 0:
		m.say(m.s.styles.warn, "nothing is changed: the file was empty")
	default:
		m.say("", "nothing changed: "+shortIDClean(d.letter.ID)+" is left as it was")
	}
	m.endEdit(d)
}

// unreadable leaves what cannot be read to the operator.
func (m *Model) unreadable(msg unreadable) {
	m.dialog = nil
	m.keepEdit(msg.edit, plain.Line(msg.err.Error()))
}

// endEdit closes the dialog and removes the file.
func (m *Model) endEdit(d *edit) {
	m.dialog = nil
	m.scratch.remove(d.draft.dir)
}

// leaveEdit throws an edit away, once that was said twice. One that cannot be saved any more is kept for the operator.
func (m *Model) leaveEdit(d *edit) {
	switch {
	case d.stage == opening:
		m.dialog = nil
	case d.left(&m.s) != "":
		m.dialog = nil
		m.keepEdit(d, d.left(&m.s))
	case d.sure("esc", "esc again throws your change away"):
		m.endEdit(d)
		m.say("", "thrown away: "+shortIDClean(d.letter.ID)+" is left as it was")
	}
}

// keepEdit leaves the file to the operator: what was typed is not lost because it came too late.
func (m *Model) keepEdit(d *edit, why string) {
	m.scratch.keep(d.draft.dir)
	m.say(m.s.styles.warn, "what you typed is kept in "+plain.Line(d.draft.path())+": "+why)
}

// saveEdit gives an edit to the engine, if it can be saved now.
func (m *Model) saveEdit(d *edit, redrive bool) tea.Cmd {
	s := &m.s
	if d.left(s) != "" {
		m.leaveEdit(d)
		return nil
	}
	switch why := d.refusal(s, redrive); {
	case needsEngine(m) != "":
		d.said = said{s.styles.bad, "not saved: " + needsEngine(m)}
		return nil
	case why != "":
		d.said = said{s.styles.bad, "not saved: " + why}
		return nil
	case d.made.broken != "" && !d.sure(pick(redrive, "enter", "s"), "this is no JSON: once more sends it as it is"):
		return nil
	}
	m.dialog = nil
	m.jobs++
	ctx, cancel := context.WithCancel(context.Background())
	m.alone = &task{number: m.jobs, cancel: cancel}
	m.say("", "saving "+shortIDClean(d.letter.ID)+" …")
	ask := m.ask(ctx, m.jobs, editing, retry.Edit{ID: d.letter.ID, Payload: d.made.payload, Redrive: redrive, By: s.cfg.By})
	return func() tea.Msg {
		if a, ok := ask().(answered); ok {
			return editAnswered{d, a}
		}
		return nil
	}
}

// editAnswered says what became of an edit. One that was not saved is shown again, or kept.
func (m *Model) editAnswered(msg editAnswered) {
	m.answered(msg.answered)
	d, results := msg.edit, msg.answered.results
	if len(results) > 0 && results[0].Did != retry.DidSkip {
		m.scratch.remove(d.draft.dir)
		return
	}
	why := "it was not saved"
	switch {
	case msg.answered.err != nil:
		why = plain.Line(msg.answered.err.Error())
	case len(results) > 0 && results[0].Note != "":
		why = plain.Line(results[0].Note)
	}
	if m.busy() {
		m.keepEdit(d, why)
		return
	}
	m.open(d)
	d.ask(d.made)
	d.said = said{m.s.styles.bad, "not saved: " + why}
}

// refusal says why an edit cannot be saved just now; empty: it can.
func (d *edit) refusal(s *state, redrive bool) string {
	r := s.letters.byID[d.letter.ID]
	switch why := cannotDelete(r); {
	case why != "":
		return "the letter is " + why + ": try again when that has ended"
	case r.Phase == retry.InParked && !redrive:
		return "a parked letter is saved and released in one: an edited one waits"
	case redrive && r.Letter.OriginalEndpoint == "":
		return "the letter has no endpoint: s saves it"
	}
	return ""
}

// left says what became of a letter that cannot be saved any more; empty: it still can.
func (d *edit) left(s *state) string {
	r, id := s.letters.byID[d.letter.ID], shortIDClean(d.letter.ID)
	switch {
	case r == nil:
		return id + " has left the list meanwhile"
	case r.Phase == retry.Done:
		return id + " was delivered meanwhile, as it was"
	case sameBytes(r.Letter, d.letter):
		return ""
	case r.Letter.Edited != nil:
		return fmt.Sprintf("%s was edited meanwhile by %s", id, s.who(r.Letter.Edited.By))
	}
	return id + " has another payload meanwhile"
}

// sameBytes tells whether two versions of a letter have the same payload.
func sameBytes(a, b *deadletter.Letter) bool {
	if a.PayloadRef != nil && b.PayloadRef != nil {
		return a.PayloadRef.SHA256 == b.PayloadRef.SHA256
	}
	return a.PayloadElsewhere() == b.PayloadElsewhere() && bytes.Equal(a.Payload, b.Payload)
}
