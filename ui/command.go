package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// verb is a command over letters, as it is spoken of.
type verb struct {
	does, doing, did string
	asks             bool   // even for a single letter
	sends            bool   // to the endpoints, which let through so many and so fast
	destroys         bool   // the count must be typed where it is for more than one
	after            string // what the plan says of the letters afterwards
	command          func(ids []string, by string) retry.Command
	cannot           func(r *row) string // why it is not for this letter; empty: it is
}

var (
	redrive = verb{
		does: "redrive", doing: "redriving", did: "redriven", sends: true, cannot: cannotRedrive,
		command: func(ids []string, by string) retry.Command { return retry.Redrive{IDs: ids, By: by} },
	}
	park = verb{
		does: "park", doing: "parking", did: "parked", asks: true, cannot: cannotMove,
		command: func(ids []string, by string) retry.Command { return retry.Park{IDs: ids, By: by} },
	}
	remove = verb{
		does: "delete", doing: "deleting", did: "deleted", asks: true, destroys: true, cannot: cannotDelete,
		after:   "Kept in the trash: rehook import brings them back.",
		command: func(ids []string, by string) retry.Command { return retry.Delete{IDs: ids, By: by} },
	}
	release = verb{
		does: "release", doing: "releasing", did: "released", sends: true, cannot: cannotRelease,
		command: func(ids []string, by string) retry.Command { return retry.Release{IDs: ids, By: by} },
	}
	hold = verb{
		does: "hold or let go of", doing: "holding or letting go of", did: "held or let go", cannot: cannotMove,
		command: func(ids []string, by string) retry.Command { return retry.Hold{IDs: ids, By: by} },
	}
)

func cannotMove(r *row) string {
	switch r.Phase {
	case retry.InFlight, retry.Settling:
		return "being attempted"
	case retry.InParked:
		return "parked already"
	case retry.Done:
		return "delivered already"
	case retry.Waiting:
	}
	return ""
}

func cannotDelete(r *row) string {
	if r.Phase == retry.InParked {
		return ""
	}
	return cannotMove(r)
}

func cannotRedrive(r *row) string {
	if r.Phase == retry.Waiting && r.Letter.OriginalEndpoint == "" {
		return "without an endpoint"
	}
	return cannotMove(r)
}

func cannotRelease(r *row) string {
	if r.Phase != retry.InParked {
		return "not parked"
	}
	return ""
}

// begin freezes the letters that a verb is for. One is done at once, unless the verb asks; for many a plan is
// shown first.
func (m *Model) begin(v verb) tea.Cmd {
	p := m.plan(v, m.targets())
	p.more = v.does == redrive.does
	if !m.ready(p) {
		return nil
	}
	return m.propose(p, false)
}

// propose shows a plan, or carries out at once what needs no asking.
func (m *Model) propose(p *plan, asks bool) tea.Cmd {
	if asks || len(p.ids) > 1 || p.verb.asks || len(p.cannot) > 0 {
		m.open(p)
		return m.foretell(p, 0)
	}
	m.say("", p.verb.doing+" "+shortIDClean(p.ids[0])+" …")
	return m.carryOut(p)
}

// ready tells whether a plan can be shown or carried out, and says why not.
func (m *Model) ready(p *plan) bool {
	switch {
	case m.justShifted():
		return false
	case len(p.ids) == 0:
		m.say(m.s.styles.warn, "cannot "+p.verb.does+": "+p.reasons())
		return false
	}
	return true
}

// justShifted tells whether an action may be meant for the letter that was under the cursor a moment ago, and says so.
func (m *Model) justShifted() bool {
	l := m.s.letters
	_, _, ranging := l.span()
	chosen := ranging || len(l.marks) > 0 && l.groups.anchor == "" // a range of groups ends at the cursor
	if m.s.focus != messagesPane || chosen || time.Since(m.shifted) >= unreadFor {
		return false
	}
	m.say(m.s.styles.warn, "the letter under the cursor has just changed: press again if you mean this one")
	return true
}

// targets are the ids that an action is for: in the detail the letter that it shows, whatever is selected in
// the list; else what is selected, or the letter under the cursor.
func (m *Model) targets() []string {
	switch {
	case m.s.focus != detailPane:
		return m.s.letters.targets()
	case m.detail.id != "":
		return []string{m.detail.id}
	}
	return nil
}

// carryOut gives a plan to the engine.
func (m *Model) carryOut(p *plan) tea.Cmd {
	m.jobs++
	ctx, cancel := context.WithCancel(context.Background())
	t := &task{number: m.jobs, cancel: cancel}
	if len(p.ids) > 1 {
		m.open(newOutcome(t, p))
	} else {
		m.alone = t
	}
	if m.s.focus != detailPane && !p.named { // there it was not for what is selected
		m.s.letters.unmark()
	}
	return m.ask(ctx, t.number, p.verb, p.command(m.s.cfg.By))
}

// task is a command that the engine carries out.
type task struct {
	number int
	cancel context.CancelFunc
}

// answered shows what became of a command.
func (m *Model) answered(msg answered) {
	if o, ok := m.dialog.(*outcome); ok && o.task.number == msg.task {
		o.task.cancel()
		o.end(msg.results, msg.err)
		return
	}
	if m.alone != nil && m.alone.number == msg.task {
		m.alone.cancel()
		m.alone = nil
	}
	st := &m.s.styles
	switch {
	case msg.err != nil && errors.Is(msg.err, context.Canceled):
		m.say(st.warn, msg.verb.does+" was cancelled: what was not done yet is left as it was")
	case msg.err != nil:
		m.say(st.bad, "cannot "+msg.verb.does+": "+plain.Line(msg.err.Error()))
	case len(msg.results) == 1:
		m.sayResult(msg.results[0])
	default:
		m.say("", msg.verb.did+": "+tally(msg.results))
	}
}

func (m *Model) sayResult(r retry.Result) {
	look := didStyle(&m.s.styles, r.Did)
	words := shortIDClean(r.ID) + " " + plain.Line(string(r.Did))
	if r.Note != "" {
		words += ": " + plain.Line(r.Note)
	}
	m.say(look.style, look.text+" "+words)
}

// didStyle is the sign of a result, with its style.
func didStyle(st *styles, d retry.Did) said {
	switch d {
	case retry.DidFail:
		return said{st.bad, "✗"}
	case retry.DidSkip:
		return said{st.warn, "·"}
	case retry.DidDeliver, retry.DidPark, retry.DidRelease, retry.DidHold, retry.DidLetGo, retry.DidDelete, retry.DidEdit, retry.DidLimit:
	}
	return said{st.good, "✓"}
}

func (m *Model) pause() tea.Cmd {
	return m.order(retry.Pause{By: m.s.cfg.By}, pausedWords)
}

func (m *Model) resume() tea.Cmd {
	return m.order(retry.Resume{By: m.s.cfg.By}, resumedWords)
}

// What is said when the engine has done it.
const (
	pausedWords  = "paused: nothing is attempted until P resumes it"
	resumedWords = "resumed"
)

func (m *Model) obeyed(msg obeyed) {
	if msg.err != nil {
		m.say(m.s.styles.bad, "the engine did not do it: "+plain.Line(msg.err.Error()))
		return
	}
	if len(msg.results) == 1 { // of an endpoint
		r := msg.results[0]
		look := didStyle(&m.s.styles, r.Did)
		m.say(look.style, look.text+" "+plain.Line(deadletter.MaskURL(r.ID))+": "+plain.Line(r.Note))
		return
	}
	m.say(m.s.styles.good, msg.done)
}

// tellOfGone says what became of the letter that the operator was on, when it has left the list.
func (m *Model) tellOfGone(was *row) {
	l := m.s.letters
	if !l.byHand || m.s.note.text != "" {
		return
	}
	now, known := l.byID[was.Letter.ID]
	words := " has left the list"
	switch {
	case known && now.Phase == retry.Done:
		words = fmt.Sprintf(" was delivered: %d in %s", now.status, latency(now.latency))
	case known && now.Phase == retry.InParked:
		words = " was parked"
	case known:
		words = " waits again"
	}
	m.say("", shortIDClean(was.Letter.ID)+words)
}

// tellOfGoneGroup says that the group that the operator was on has no letters any more, so that another is under the cursor.
func (m *Model) tellOfGoneGroup(was problem) {
	if m.s.note.text == "" {
		m.say("", was.where(40)+" "+plain.Line(was.Reason)+": no letter of this group is left here")
	}
}

func shortIDClean(id string) string { return plain.Line(shortID(id)) }

// askQuit ends the screen, at once or after asking.
func (m *Model) askQuit() tea.Cmd {
	if m.s.cfg.OwnsEngine && m.s.status.Counters.InFlight > 0 {
		if o, ok := m.dialog.(*outcome); ok && !o.ended { // the screen is too small for it: esc still cancels it
			m.alone = o.task
		}
		m.open(&leave{})
		return nil
	}
	return m.leaveAtOnce()
}

// leaveAtOnce ends the screen. What it cuts off is attempted again later.
func (m *Model) leaveAtOnce() tea.Cmd {
	m.quit = true
	return nil
}
