package ui

import (
	"fmt"
	"strings"
	"time"

	"rehook/ui/plain"
)

// productionWord tells, in header and dialogs, a production queue from all others.
const productionWord = " PRODUCTION "

// header is the first row: which program on which queue, whether it works, and how much. What there is no
// room for is left out, the least important first.
func header(s *state) string {
	st := &s.styles
	clock, link := said{"", s.clock()}, s.linkWords()
	l := newLine(s.layout.width).add(st.brand, " rehook ")
	if s.cfg.Production {
		l.skip(1).add(st.alarm, productionWord)
	}
	room := l.left() - plain.Width(clock.text) - 5
	if where := plain.Width(s.status.Queue + "  " + s.status.Where + " · "); plain.Width(link.text) > room-where {
		link.text = strings.Replace(link.text, " since ", " ", 1) // which queue it is comes first
	}
	link.text = plain.Truncate(link.text, room)
	free := l.left() - plain.Width(clock.text) - 2 - plain.Width(link.text) - 2
	add := func(look style, before, text string) {
		if text = before + plain.Line(text); text != before && plain.Width(text) <= free {
			free -= plain.Width(text)
			l.add(look, text)
		}
	}
	add(st.strong, " ", s.cfg.Title)
	if s.cfg.ReadOnly {
		add(st.warn, "  ", "read-only")
	}
	add("", "  ", s.status.Queue)
	add(st.quiet, " · ", s.status.Where)
	l.skip(2).add(link.style, link.text)
	rates := s.rates()
	if gap := l.left() - plain.Width(rates) - plain.Width(clock.text) - 3; gap >= 2 {
		l.skip(gap).add(st.quiet, rates).skip(2)
	}
	return l.right(clock.style, clock.text+" ").String()
}

func (s *state) rates() string {
	if !s.linked() {
		return ""
	}
	r := s.status.PerSecond
	return fmt.Sprintf("%s delivered · %s failed", rate(r.Delivered), rate(r.Failed))
}

// linkWords says in words how engine and queue are.
func (s *state) linkWords() said {
	st := &s.styles
	switch {
	case s.unopened() != nil:
		return said{st.bad, "✗ queue unreachable since " + minuteOfDay(s.lostSince)}
	case s.lost != nil:
		return said{st.bad, "✗ not attached since " + minuteOfDay(s.lostSince)}
	case !s.attached:
		return said{st.accent, spinner(s.now) + " attaching"}
	case s.status.LinkDown:
		return said{st.bad, "✗ queue unreachable since " + minuteOfDay(s.status.LinkSince)}
	case s.status.Paused:
		return said{st.warn, "‖ paused by " + s.who(s.status.PausedBy) + " since " + minuteOfDay(s.status.PausedAt)}
	}
	return said{st.good, "● running"}
}

// who names an operator, as the one at this screen sees it.
func (s *state) who(by string) string {
	switch by {
	case "":
		return "nobody named"
	case s.cfg.By:
		return "you"
	}
	return plain.Line(by)
}

// alarm is what is broken about the link, and what to do; empty: nothing.
func (s *state) alarm() string {
	switch e := s.unopened(); {
	case e != nil:
		return unreachable(s.lostSince, e.Hint, e.Error())
	case s.lost != nil && s.cfg.OwnsEngine:
		return s.lostWords() + ": quit with q and run rehook again · " + plain.Line(s.lost.Error())
	case s.lost != nil:
		return s.lostWords() + `: start "rehook serve", or quit (q) and run rehook again · ` + plain.Line(s.lost.Error())
	case s.status.LinkDown:
		return unreachable(s.status.LinkSince, s.status.LinkHint, s.status.LinkError)
	}
	return ""
}

func unreachable(since time.Time, hint, why string) string {
	return strings.Join(nonEmpty("queue unreachable since "+minuteOfDay(since), plain.Line(hint), plain.Line(why)), " · ")
}

// lostWords say what became of the engine: whether it has said itself that it ends.
func (s *state) lostWords() string {
	if s.ended {
		return "the engine has ended"
	}
	return "no engine since " + minuteOfDay(s.lostSince)
}

func nonEmpty(words ...string) []string {
	kept := words[:0]
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return kept
}

// windowTitle shows the depth where the terminal's tabs are.
func (m *Model) windowTitle() string {
	s := &m.s
	if !s.attached {
		return "rehook"
	}
	title := fmt.Sprintf("rehook%s %s waiting", pick(s.cfg.Production, " PRODUCTION", ""), thousands(s.status.Depth.Total()))
	if s.status.Depth.Parked > 0 {
		title += fmt.Sprintf(", %s parked", thousands(s.status.Depth.Parked))
	}
	if s.alarm() != "" {
		title = "! " + title // ASCII alone: some terminals end a title at the byte 9C, which ✗ has
	}
	return title
}
