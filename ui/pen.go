package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

const (
	// drawAfter is the least time between two pictures: the terminal is written to every 17 ms at most, and five
	// hundred keys that come at once must not wait for five hundred pictures.
	drawAfter = 5 * time.Millisecond
	// lookAgain is how often a line that is behind is looked at.
	lookAgain = 40 * time.Millisecond
	// repeats is the time within which the next key follows where one is held.
	repeats = 100 * time.Millisecond
	// answerWithin is how long the end of the screen waits for what the terminal was asked: an answer that comes
	// later is typed into the shell.
	answerWithin = 250 * time.Millisecond
)

// pen holds the picture back where a newer one is going to overtake it: while messages come faster than pictures are
// shown, and while the line is behind. What waits is drawn in the end, as it is then.
type pen struct {
	backlog *backlog // nil: the line is not watched, and every picture is drawn
	picture tea.View // the last that was drawn
	drawn   time.Time
	pressed time.Time // when a key was last pressed
	held    bool      // a key is held
	lifted  bool      // the picture waits
	due     bool      // a message is under way upon which it is looked at again
	leaving bool      // the screen has ended but for what the terminal was asked
}

// lift decides whether the picture waits after a message.
func (m *Model) lift(msg tea.Msg) tea.Cmd {
	p, now := &m.pen, time.Now()
	var ask tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
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

// draws gives the picture, drawn anew unless it waits.
func (p *pen) draws(draw func() tea.View) tea.View {
	if !p.lifted {
		p.picture = draw()
		p.drawn = time.Now()
	}
	return p.picture
}

// leave quits, once the terminal has answered what it was asked.
func (m *Model) leave(msg tea.Msg) tea.Cmd {
	_, late := msg.(unanswered)
	switch {
	case late || !m.pen.backlog.awaits():
		return tea.Quit
	case m.pen.leaving:
		return nil
	}
	m.pen.leaving = true
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		wait(ctx, answerWithin)
		return unanswered{}
	})
}
