package ui

import (
	"fmt"
	"time"

	"rehook/ui/plain"
)

const (
	oldAfter  = 45 * time.Second // the age from which a figure warns of how old it is
	freshUpTo = 15 * time.Second // the age up to which it need not say when it was read: that would change every second
)

// queues is the pane of how much there is.
type queues struct{}

func (q *queues) title(s *state, left, right *line) {
	name(s, queuesPane, left, "QUEUES")
	if s.layout.boxes[queuesPane].h == 0 && s.attached {
		d := s.status.Depth
		left.skip(2).add("", thousands(d.Total())).add(s.styles.quiet, " waiting ").
			add(s.styles.border, sparkline(s.depths.waiting, 12)).skip(1).
			add(s.parkedStyle(), thousands(d.Parked)).add(s.styles.quiet, " parked")
		if !s.status.FirstExpiry.IsZero() {
			left.add(s.styles.quiet, " · first expires in ").add(s.expiryStyle(s.status.FirstExpiry), span(s.status.FirstExpiry.Sub(s.now)))
		}
	}
	if age := s.now.Sub(s.status.DepthAt); s.attached && !s.status.DepthAt.IsZero() && age >= oldAfter {
		right.add(s.styles.warn, span(age)+" old")
	}
}

func (q *queues) lines(s *state, box rect) []string {
	st := &s.styles
	if !s.attached {
		return centred(box.w, box.h, said{st.quiet, "no figures yet"})
	}
	d, spark := s.status.Depth, max(0, box.w-2-8-9-2)
	lines := []string{
		newLine(box.w).skip(1).cell(st.quiet, "waiting", 8).cellRight(st.strong, thousands(d.Total()), 9).skip(1).
			add(st.accent, sparkline(s.depths.waiting, spark)).String(),
		newLine(box.w).skip(1).cell(st.quiet, "parked", 8).cellRight(s.parkedStyle(), thousands(d.Parked), 9).skip(1).
			add(st.warn, sparkline(s.depths.parked, spark)).String(),
		newLine(box.w).skip(1).add(st.quiet, breakdown(d.Visible, d.InFlight, d.Delayed, box.w-2)).String(),
		q.rates(s, box.w),
		q.expiry(s, box.w),
		q.room(s, box.w),
	}
	return fill(lines, box.w, box.h)
}

// breakdown says where the waiting letters are, in as many words as there is room for.
func breakdown(visible, leased, delayed, width int) string {
	short := fmt.Sprintf("%s free · %s leased", thousands(visible), thousands(leased))
	if long := fmt.Sprintf("%s · %s delayed", short, thousands(delayed)); delayed > 0 && plain.Width(long) <= width {
		return long
	}
	return short
}

func (q *queues) rates(s *state, w int) string {
	st, r := &s.styles, s.status.PerSecond
	return newLine(w).skip(1).add(st.quiet, "in ").add("", rate(r.Received)).
		add(st.quiet, " · out ").add("", rate(r.Delivered)).String()
}

func (q *queues) expiry(s *state, w int) string {
	st, first := &s.styles, s.status.FirstExpiry
	if first.IsZero() {
		return newLine(w).skip(1).add(st.quiet, "nothing expires").String()
	}
	return newLine(w).skip(1).add(st.quiet, "first expires in ").add(s.expiryStyle(first), span(first.Sub(s.now))).String()
}

// room says how much of the queue is held here, and when the figures are from.
func (q *queues) room(s *state, w int) string {
	st, text := &s.styles, "depth not read yet"
	switch {
	case s.status.DepthAt.IsZero():
	case s.now.Sub(s.status.DepthAt) <= freshUpTo:
		text = "depth is up to date"
	default:
		text = "depth read at " + timeOfDay(s.status.DepthAt)
	}
	if more := s.status.Depth.Total() - s.status.Held; s.status.HeldMax > 0 && s.status.Held >= s.status.HeldMax && more > 0 {
		text = thousands(more) + " more than are shown"
	}
	return newLine(w).skip(1).add(st.quiet, text).String()
}

func (q *queues) move(*state, motion, int) {}

func (q *queues) point(*state, int, int) {}

func (s *state) parkedStyle() style {
	if s.status.Depth.Parked > 0 {
		return s.styles.warn
	}
	return s.styles.quiet
}

// nearExpiry is when a letter's end is near enough to be looked at.
const nearExpiry = 24 * time.Hour

func (s *state) expiryStyle(at time.Time) style {
	if at.Sub(s.now) < nearExpiry {
		return s.styles.warn
	}
	return ""
}
