package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui/plain"
)

// dialog lies on top of the panes and takes all keys. It answers with an action, which the root carries out.
type dialog interface {
	heading() string
	// lines draws at most h lines of w cells.
	lines(s *state, w, h int) []string
	key(k tea.KeyPressMsg) action
}

// action is what a dialog wants done.
//
//sumtype:decl
type action interface{ isAction() }

type (
	stay      struct{}                // nothing
	dismissed struct{}                // close it
	confirmed struct{ plan *plan }    // do it
	replanned struct{ plan *plan }    // it has changed: ask the engine again
	optioned  struct{ plan *plan }    // ask for its options too
	rehearsed struct{ plan *plan }    // close it, and say that nothing was done
	inspected struct{ job retry.Job } // show what it has come to
	called    struct{ job retry.Job } // have the engine cancel it
	cancelled struct{ stop func() }   // stop what runs, and stay
	picked    struct{ entry entry }   // close it, and do that
	leaving   struct{}                // quit

	editedAgain struct{ edit *edit } // open the editor once more
	savedEdit   struct {             // give it to the engine
		edit    *edit
		redrive bool
	}
	leftEdit struct{ edit *edit } // give it up

	overwritten struct{ export *export } // replace the file
)

func (stay) isAction()      {}
func (dismissed) isAction() {}
func (confirmed) isAction() {}
func (replanned) isAction() {}
func (optioned) isAction()  {}
func (rehearsed) isAction() {}
func (inspected) isAction() {}
func (called) isAction()    {}
func (cancelled) isAction() {}
func (picked) isAction()    {}
func (leaving) isAction()   {}

func (editedAgain) isAction() {}
func (savedEdit) isAction()   {}
func (leftEdit) isAction()    {}
func (overwritten) isAction() {}

// unreadFor is how long a dialog that can do something takes no key: what was typed before it could be read
// was not meant for it.
const unreadFor = 250 * time.Millisecond

// unread guards a dialog against such keys.
type unread struct{ since time.Time }

func (u unread) yet() bool { return time.Since(u.since) < unreadFor }

// open puts a dialog on top.
func (m *Model) open(d dialog) {
	m.s.note = note{}
	m.dialog = d
}

// busy tells whether the operator is at something that must not be covered.
func (m *Model) busy() bool { return m.dialog != nil || m.input != nil || m.line != nil }

// settle carries out what a dialog answered.
func (m *Model) settle(a action) tea.Cmd {
	switch a := a.(type) {
	case stay:
	case dismissed:
		m.dialog = nil
	case confirmed:
		m.dialog = nil
		return m.carryOut(a.plan)
	case replanned:
		return m.foretell(a.plan, planAfter)
	case optioned:
		a.plan.unread = unread{time.Now()}
		m.open(&form{plan: a.plan})
	case rehearsed:
		m.dialog = nil
		m.say("", "a dry run: nothing was sent, "+lettersWord(len(a.plan.ids))+" left as before")
	case inspected:
		return m.inspect(a.job)
	case called:
		m.dialog = nil
		return m.order(retry.Cancel{Job: a.job.ID, By: m.s.cfg.By}, "cancelled: what was not begun is left as it was")
	case cancelled:
		a.stop()
	case picked:
		m.dialog = nil
		return a.entry.do()
	case leaving:
		m.quit = true
	case editedAgain:
		return m.runEditor(a.edit)
	case savedEdit:
		return m.saveEdit(a.edit, a.redrive)
	case leftEdit:
		m.leaveEdit(a.edit)
	case overwritten:
		m.dialog = nil
		return m.beginExport(a.export.letters, a.export.path, true)
	}
	return nil
}

// leave asks whether to quit while attempts are in flight.
type leave struct{}

func (d *leave) heading() string { return "QUIT" }

func (d *leave) lines(s *state, w, h int) []string {
	text := thousands(int(s.status.Counters.InFlight)) + " attempts are in flight."
	switch s.status.Counters.InFlight {
	case 0:
		text = "No attempt is in flight any more."
	case 1:
		text = "1 attempt is in flight."
	}
	lines := []string{newLine(w).String(), newLine(w).add(s.styles.strong, text).String()}
	for _, part := range wrap("What does not end at once is cut off, and sent again later. Nothing is lost.", w) {
		lines = append(lines, newLine(w).add("", part).String())
	}
	lines = append(lines, newLine(w).String(), choices(s, w, "enter", "quit", "esc", "stay"))
	return lines[:min(h, len(lines))]
}

func (d *leave) key(k tea.KeyPressMsg) action {
	switch k.String() {
	case "enter", "y", "q", "ctrl+c":
		return leaving{}
	case "esc", "n":
		return dismissed{}
	}
	return stay{}
}

// choices is the last line of a dialog: keys and what they do, in turns; closer together where there is little room.
func choices(s *state, w int, pairs ...string) string {
	gap := 3
	if plain.Width(strings.Join(pairs, " "))+(gap-1)*(len(pairs)/2-1) > w {
		gap = 2
	}
	l := newLine(w)
	for i := 0; i+1 < len(pairs); i += 2 {
		l.add(s.styles.hint, pairs[i]).skip(1).add("", pairs[i+1]).skip(gap)
	}
	return l.String()
}
