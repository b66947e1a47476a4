package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"rehook/retry"
	"rehook/ui/plain"
)

const (
	// teletypeWidth is what a terminal is taken to have that cannot be asked.
	teletypeWidth = 80
	// teletypeLine bounds what is told of an event: what matters may come at its end, and paper has a next line.
	teletypeLine = 400
	// figuresEvery is how often the figures are told again, where they have changed.
	figuresEvery = time.Minute
)

// teletype tells on paper, so to say, what others see on a screen: how things are, and then line by line what happens.
// It is for terminals that cannot show a screen, serial lines and pipes: it writes no escape sequence, and asks nothing.
type teletype struct {
	s      state
	to     io.Writer
	glyphs *glyphs
	link   string    // as it was said last
	told   string    // the figures that were told last
	toldAt time.Time // when
	failed error     // of the writing
}

// Tell writes in lines what a screen would show, until the context ends or nobody reads any longer. getenv tells which
// characters can be read.
func Tell(ctx context.Context, cfg Config, getenv func(string) string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	t := &teletype{
		s:  state{cfg: cfg, letters: newLetters(), meters: map[string]*meter{}},
		to: patient(ctx, cfg.Output, cfg.Output, stop), glyphs: abilitiesOf(getenv, cfg.ASCII).glyphs,
	}
	for ctx.Err() == nil && t.failed == nil {
		t.attend(ctx)
		wait(ctx, attachAgain)
	}
	if errors.Is(t.failed, syscall.EPIPE) || errors.Is(t.failed, errStalled) {
		return nil // who read has gone, as "head" does
	}
	return t.failed
}

// attend follows one feed to its end.
func (t *teletype) attend(ctx context.Context) {
	feed, err := t.s.cfg.Engine.Subscribe(ctx)
	for first := true; err == nil && t.failed == nil; first = false {
		var u retry.Update
		if u, err = feed.Next(ctx); err != nil {
			break
		}
		t.s.now, t.s.told = second(time.Now()), nil
		t.s.take(u)
		if first {
			t.write(t.report()...)
		}
		t.news()
		rest := time.Duration(len(u.Stream)) * pacePerEvent
		wait(ctx, max(pace, min(rest, paceAtMost)))
	}
	if err != nil && ctx.Err() == nil {
		t.lose(err)
	}
}

// lose says once that the engine is away.
func (t *teletype) lose(err error) {
	t.s.now = second(time.Now())
	if t.s.lost == nil {
		t.s.lostSince = t.s.now
	}
	t.s.lost, t.s.ended = err, t.s.ended || errors.Is(err, retry.ErrStopped)
	t.sayLink()
}

// news tells what has happened since the last time.
func (t *teletype) news() {
	t.sayLink()
	lines := make([]string, 0, len(t.s.told))
	for _, tale := range t.s.told {
		lines = append(lines, strings.TrimPrefix(tale.line(&t.s, teletypeLine), " "))
	}
	t.write(lines...)
	if now := t.figures(); now != t.told && t.s.now.Sub(t.toldAt) >= figuresEvery {
		t.tellFigures(now)
	}
}

func (t *teletype) tellFigures(now string) {
	t.told, t.toldAt = now, t.s.now
	t.write(timeOfDay(t.s.now) + "  " + now)
}

// sayLink tells of the link when it has changed: with what to do, where it is broken.
func (t *teletype) sayLink() {
	words := t.s.linkWords().text
	if words == t.link {
		return
	}
	t.link = words
	switch {
	case t.s.lost != nil && t.s.unopened() == nil:
		words = "! " + t.s.lostWords() + `: start "rehook serve", or interrupt this and run rehook again · ` + plain.Line(t.s.lost.Error())
	case t.s.alarm() != "":
		words = "! " + t.s.alarm()
	}
	t.write(timeOfDay(t.s.now) + "  " + words)
}

// figures are how much there is, in a line.
func (t *teletype) figures() string {
	d, r := t.s.status.Depth, t.s.status.PerSecond
	words := []string{
		thousands(d.Total()) + " waiting", breakdown(d.Visible, d.InFlight, d.Delayed, teletypeWidth), thousands(d.Parked) + " parked",
	}
	if t.s.linked() {
		words = append(words, fmt.Sprintf("in %s out %s", rate(r.Received), rate(r.Delivered)))
	}
	return strings.Join(words, " · ")
}

// write writes lines, as far as they can be read.
func (t *teletype) write(lines ...string) {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.TrimRight(t.glyphs.draw(l), " ") + "\n")
	}
	if _, err := io.WriteString(t.to, b.String()); err != nil && t.failed == nil {
		t.failed = err
	}
}
