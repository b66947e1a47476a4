package ui

import (
	"fmt"
	"strings"
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
	box := s.layout.boxes[queuesPane]
	if box.h == 0 && s.attached {
		q.inTitle(s, left)
	}
	age := s.now.Sub(s.status.DepthAt)
	switch cost := s.costWords(); {
	case !s.attached || s.status.DepthAt.IsZero():
	case age >= oldAfter:
		right.add(s.styles.warn, span(age)+" old")
	case box.h > 0 && box.w < wideQueues && cost != "":
		right.add(s.styles.quiet, cost+" req/day")
	}
}

// inTitle says it all in the title, where the pane has no room of its own: what there is no room for is left out.
func (q *queues) inTitle(s *state, l *line) {
	st, d, first := &s.styles, s.status.Depth, s.status.FirstExpiry
	l.skip(2).add("", thousands(d.Total())).add(st.quiet, " in queue ").
		add(st.border, spark(s.depths.columns(pick(l.width < 60, 5, 12), mostWaiting))).skip(1).
		add(s.parkedStyle(), thousands(d.Parked)).add(st.quiet, " parked")
	for _, words := range [...]string{" · first expires in ", " · expires in ", " · ends in "} {
		if left := span(first.Sub(s.now)); !first.IsZero() && plain.Width(words+left) <= l.left() {
			l.add(st.quiet, words).add(s.expiryStyle(first), left)
			return
		}
	}
}

// wideQueues is the width from which the pane has room for all words.
const wideQueues = 58

// queuesText is how many lines the figures take; the charts are below.
const queuesText = 6

func (q *queues) lines(s *state, box rect) []string {
	st := &s.styles
	if !s.attached {
		return centred(box.w, box.h, said{st.quiet, "no figures yet"})
	}
	d := s.status.Depth
	charts := box.w >= wideQueues && box.h >= queuesText+chartLeast
	lines := []string{
		q.depth(s, box.w, charts, "queue", said{st.strong, thousands(d.Total())}, st.accent, mostWaiting),
		q.depth(s, box.w, charts, "parked", said{s.parkedStyle(), thousands(d.Parked)}, st.warn, mostParked),
		newLine(box.w).skip(1).add(st.quiet, breakdown(d.Visible, d.InFlight, d.Delayed, box.w-2)).String(),
		q.rates(s, box.w),
		q.expiry(s, box.w),
		q.room(s, box.w),
	}
	if charts {
		lines = append(lines, q.charts(s, box.w, box.h-len(lines))...)
	}
	return fill(lines, box.w, box.h)
}

// depth is a queue's depth: how many letters, as they were lately, and whether they become more.
func (q *queues) depth(s *state, w int, charted bool, label string, depth said, look style, figure func([]sample) float64) string {
	st := &s.styles
	l := newLine(w).skip(1).cell(st.quiet, label, 6).cellRight(depth.style, depth.text, 8).skip(1)
	since, net := shortSpan(s.depths.span()), ""
	if w >= 40 && s.fresh() {
		net = netWords(s.depths.net(figure))
	}
	if charted {
		return l.skip(1).add("", net).String()
	}
	columns := s.depths.columns(min(l.left()-1-len(since)-1-pick(w >= 40, 8, 0), 60), figure)
	return l.add(look, spark(columns)).skip(1).add(st.quiet, since).skip(2).add("", net).String()
}

// netWords say how fast a queue grows or shrinks.
func netWords(perSecond float64) string {
	switch {
	case perSecond >= 0.05:
		return "+" + rate(perSecond)
	case perSecond <= -0.05:
		return "−" + rate(-perSecond)
	}
	return ""
}

// breakdown says where the letters of the queue are, in as many words as there is room for.
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
	l := newLine(w).skip(1).add(st.quiet, "in ").add("", rate(r.Received)+s.depths.trend(meanIn)).
		add(st.quiet, " · out ").add("", rate(r.Delivered)+s.depths.trend(meanOut))
	if cost := s.costWords(); cost != "" && w >= wideQueues {
		l.add(st.quiet, " · "+cost+" requests a day")
	}
	return l.String()
}

// costWords say how many requests to SQS a day is paid for at the present pace; empty where nothing is.
func (s *state) costWords() string {
	if s.status.Requests.ADay < 1 || s.status.Where == embedded {
		return ""
	}
	return "≈" + roughly(s.status.Requests.ADay)
}

// embedded is where the queue is that comes with the program: it costs nothing.
const embedded = "embedded"

func (q *queues) expiry(s *state, w int) string {
	st, first, oldest := &s.styles, s.status.FirstExpiry, s.oldestWords()
	if first.IsZero() {
		words := append(oldest, "no expiry is known")
		if d := s.status.Depth; s.fresh() && d.Total()+d.Parked == 0 {
			words = []string{"nothing expires"}
		}
		return newLine(w).skip(1).add(st.quiet, strings.Join(words, " · ")).String()
	}
	left := span(first.Sub(s.now))
	for _, words := range [...]string{"first expires in ", "expires in ", "ends in "} {
		if words = strings.Join(append(oldest, words), " · "); plain.Width(words+left) <= w-2 || words[0] == 'e' {
			return newLine(w).skip(1).add(st.quiet, words).add(s.expiryStyle(first), left).String()
		}
	}
	return newLine(w).skip(1).add(st.quiet, "first expires in ").add(s.expiryStyle(first), left).String()
}

// oldestWords say since when the oldest letter that is held here fails; none: there is none.
func (s *state) oldestWords() []string {
	if s.letters.oldest == nil || s.letters.counts[waitingView] == 0 {
		return nil
	}
	return []string{"oldest " + ageWords(s.now, s.letters.oldest.Letter.Timestamp, 4)}
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

// elsewhere is how many letters the queue had, and this engine had not, when the depth was read: what was delivered
// since is in a depth that is seconds old, and nowhere else.
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
