package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

const (
	// drawAfter is the least time between two pictures: the terminal is written to every 8 ms at most, and five
	// hundred keys that come at once must not wait for five hundred pictures.
	drawAfter = 5 * time.Millisecond
	// lookAgain is how often a line that is behind is looked at.
	lookAgain = 40 * time.Millisecond
	// repeats is the time within which the next key follows where one is held.
	repeats = 100 * time.Millisecond
	// answerWithin is how long what the terminal was asked is waited for before somebody else has the terminal: an answer
	// that comes later is typed into the shell, or into the operator's editor.
	answerWithin = 250 * time.Millisecond
)

// pen holds the picture back where a newer one is going to overtake it: while messages come faster than pictures are
// shown, and while the line is behind. What waits is drawn in the end, as it is then.
type pen struct {
	backlog *backlog // nil: the line is not watched, and every picture is drawn
	picture tea.View // the last that was drawn; zero until a message has come
	drawn   time.Time
	pressed time.Time // when a key was last pressed, or the wheel turned
	held    bool      // it is held
	lifted  bool      // the picture waits
	due     bool      // a message is under way upon which it is looked at again
	leaving bool      // the screen ends
}

// lift decides whether the picture waits after a message.
func (m *Model) lift(msg tea.Msg) tea.Cmd {
	p, now := &m.pen, time.Now()
	var ask tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyPressMsg, tea.MouseWheelMsg, tea.MouseClickMsg, tea.PasteMsg:
		p.held = now.Sub(p.pressed) < repeats
		p.pressed = now
		p.backlog.touched()
	case uv.UnknownCsiEvent:
		if p.backlog.heard(string(msg)) {
			ask = tea.Raw(wellness)
		}
	case redrawn:
		p.due = false
	case tea.WindowSizeMsg:
		p.lifted = false // a picture of another size would be torn
		return nil
	}
	after := p.waits(now)
	if p.lifted = after > 0; !p.lifted || p.due {
		return ask
	}
	p.due = true
	return tea.Batch(ask, m.outside.cmd(func(ctx context.Context) tea.Msg {
		if !wait(ctx, after) {
			return nil
		}
		return redrawn{}
	}))
}

// waits tells how long the picture waits before it is looked at again; 0: not at all.
func (p *pen) waits(now time.Time) time.Duration {
	switch {
	case p.backlog == nil:
		return 0
	case p.backlog.behind(now, p.held):
		return lookAgain
	}
	return max(0, drawAfter-now.Sub(p.drawn))
}

// draw makes the picture anew, unless it waits.
func (p *pen) draw(picture func() tea.View) {
	if !p.lifted {
		p.picture, p.drawn = picture(), time.Now()
	}
}

// leave quits.
func (m *Model) leave() tea.Cmd {
	if m.pen.leaving {
		return nil
	}
	m.pen.leaving = true
	return m.lend(tea.Quit)
}

// lend gives the terminal to somebody else, once it has answered what it was asked. [backlog.resume] is the end of that.
func (m *Model) lend(to tea.Cmd) tea.Cmd {
	line := m.pen.backlog
	line.hush()
	if !line.awaits() {
		return to
	}
	return tea.Sequence(m.outside.cmd(func(ctx context.Context) tea.Msg {
		line.settle(ctx)
		return nil
	}), to)
}
