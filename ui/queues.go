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
	if !s.linked() {
		return newLine(w).skip(1).add(st.quiet, "in — · out —").String()
	}
	return newLine(w).skip(1).add(st.quiet, "in ").add("", rate(r.Received)).
		add(st.quiet, " · out ").add("", rate(r.Delivered)).String()
}

func (q *queues) expiry(s *state, w int) string {
	st, first := &s.styles, s.status.FirstExpiry
	if first.IsZero() {
		words := "no expiry is known"
		if d := s.status.Depth; s.fresh() && d.Total()+d.Parked == 0 {
			words = "nothing expires"
		}
		return newLine(w).skip(1).add(st.quiet, words).String()
	}
	return newLine(w).skip(1).add(st.quiet, "first expires in ").add(s.expiryStyle(first), span(first.Sub(s.now))).String()
}

// room says how much of the queue is not held here, and when the figures are from.
func (q *queues) room(s *state, w int) string {
	text := s.readWords()
	if n := s.elsewhere(); n > 0 {
		text = elsewhereWords(n)
		if !s.fresh() {
			text += " · " + s.readWords()
		}
		if plain.Width(text) > w-2 {
			text = s.elsewhereShort(n)
		}
	}
	return newLine(w).skip(1).add(s.styles.quiet, text).String()
}

// elsewhere is how many waiting letters the queue had, and this engine had not, when the depth was read: what
// was delivered since is in a depth that is seconds old, and nowhere else.
func (s *state) elsewhere() int { return max(0, s.status.Depth.Total()-s.heldAtDepth) }

// elsewhereWords say where the letters are that are not held here: what is known of them is their number.
func elsewhereWords(n int) string {
	if n == 1 {
		return "1 in the queue is leased elsewhere or not received yet"
	}
	return thousands(n) + " in the queue are leased elsewhere or not received yet"
}

// elsewhereShort is the same where there is little room.
func (s *state) elsewhereShort(n int) string {
	if s.fresh() {
		return thousands(n) + " more not held here"
	}
	return thousands(n) + " not here · at " + timeOfDay(s.status.DepthAt)
}

// fresh tells whether the depth is what the queue has now, as nearly as a queue can say.
func (s *state) fresh() bool {
	return s.linked() && !s.status.DepthAt.IsZero() && s.now.Sub(s.status.DepthAt) < freshUpTo
}

// readWords say when the depth was read.
func (s *state) readWords() string {
	switch {
	case s.status.DepthAt.IsZero():
		return "depth not read yet"
	case s.fresh():
		return fmt.Sprintf("depth under %d s old", freshUpTo/time.Second)
	}
	return "depth read at " + timeOfDay(s.status.DepthAt)
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
