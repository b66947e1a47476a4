package ui

import (
	"fmt"
	"strings"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// messages is the pane of letters, over the whole width.
type messages struct{}

func (p *messages) title(s *state, left, right *line) {
	st, l := &s.styles, s.letters
	if n := l.selected(); n > 0 {
		done := "selected"
		if _, _, ranging := l.span(); ranging || l.groups.anchor != "" {
			done = "selecting" // until the range is ended
		}
		right.add(st.accent, fmt.Sprintf("● %s %s", thousands(n), done)).skip(2)
	}
	if l.groups.opened != "" {
		right.add(st.warn, "one cause").skip(2)
	}
	if s.siftsSlowly() {
		right.add(st.accent, spinner(s.now)+" filtering").skip(2)
	}
	if s.filter != "" {
		right.add(st.warn, "/"+plain.Truncate(plain.Line(s.filter), 30)).skip(2)
	}
	right.add(st.quiet, l.orderWords())

	name(s, messagesPane, left, "MESSAGES")
	left.skip(2)
	var tabs [viewCount]string
	room := left.left() - right.used - 3 // as the border is drawn beside them
	for v := range viewCount {
		tabs[v] = " " + v.String() + " " + thousands(l.counts[v]) + " "
		if v == l.view && len(l.rows) != l.counts[v] {
			tabs[v] = " " + thousands(len(l.rows)) + " of" + tabs[v]
		}
		room -= plain.Width(tabs[v]) + 1
	}
	for v, words := range tabs {
		switch {
		case view(v) == l.view:
			left.add(st.tab, words).skip(1)
		case left.width > 70 && room >= 0:
			left.add(st.quiet, words).skip(1)
		}
	}
}

// orderWords say what the list is sorted by, and which way.
func (l *letters) orderWords() string {
	if l.groups.shown {
		return "by cause"
	}
	key, arrow := l.order.key.String(), "↓"
	if l.order.key == byTime && l.view != waitingView {
		key = "latest"
	}
	if l.order.reversed {
		arrow = "↑"
	}
	return arrow + " " + key
}

func (p *messages) lines(s *state, box rect) []string {
	l := s.letters
	if len(l.rows) == 0 {
		return p.nothing(s, box)
	}
	if l.groups.shown {
		return p.groupLines(s, box)
	}
	columns := columnsFor(box.w, l.view)
	lines := []string{columns.header(s, box.w)}
	from, to, inRange := l.span()
	for i := l.scroll.top; i < min(len(l.rows), l.scroll.top+box.h-1); i++ {
		r := l.rows[i]
		marked := l.marks[r.Letter.ID] || inRange && i >= from && i <= to
		lines = append(lines, columns.row(s, box.w, r, i == l.scroll.at, marked))
	}
	return fill(lines, box.w, box.h)
}

// nothing says why the list is empty.
func (p *messages) nothing(s *state, box rect) []string {
	st := &s.styles
	switch {
	case s.unopened() != nil && !s.attached:
		return centred(box.w, box.h, said{st.bad, "the queue does not answer"}, said{st.quiet, "it is asked again until it does; letters stay where they are"})
	case s.lost != nil && !s.attached:
		return centred(box.w, box.h, said{st.bad, "no engine"}, said{st.quiet, plain.Line(s.lost.Error())})
	case !s.attached:
		return centred(box.w, box.h, said{st.quiet, spinner(s.now) + " attaching to the engine"})
	case s.filter != "" && s.letters.counts[s.letters.view] > 0:
		return centred(box.w, box.h, said{st.strong, "no letter matches"}, said{st.quiet, "esc clears the filter"})
	case s.letters.view == parkedView:
		return centred(box.w, box.h, said{st.strong, "nothing is parked"}, said{st.quiet, "w goes on to the delivered letters"})
	case s.letters.view == deliveredView:
		return centred(box.w, box.h, said{st.strong, "nothing has been delivered yet"}, said{st.quiet, "w goes back to the waiting letters"})
	}
	return p.noneWaits(s, box)
}

// noneWaits says that no letter waits only if the queue says so too.
func (p *messages) noneWaits(s *state, box rect) []string {
	st := &s.styles
	n, total := s.elsewhere(), s.status.Depth.Total()
	if total > 0 || !s.fresh() {
		text := []said{{st.strong, "no letter is held here"}}
		if n > 0 {
			text = append(text, said{st.warn, elsewhereWords(n)})
		}
		switch {
		case !s.fresh():
			text = append(text, said{st.quiet, s.readWords()})
		case n == 0:
			text = append(text, said{st.quiet, thousands(total) + " in the queue at " + timeOfDay(s.status.DepthAt)})
		}
		return centred(box.w, box.h, text...)
	}
	words := "no webhook has failed"
	if n := s.status.Counters.Delivered; n > 0 {
		words = fmt.Sprintf("%s delivered since %s", thousands(n), minuteOfDay(s.status.StartedAt))
	}
	return centred(box.w, box.h, said{st.good, "✓ no letter waits"}, said{st.quiet, words})
}

func (p *messages) move(s *state, m motion, _ int) { s.letters.move(m, s.listHeight()) }

func (p *messages) point(s *state, y, _ int) {
	if g := &s.letters.groups; g.shown {
		if y > 0 && g.scroll.top+y-1 < len(g.rows) {
			g.scroll.at = g.scroll.top + y - 1
			g.land(s.listHeight())
		}
		return
	}
	if l := s.letters; y > 0 && l.scroll.top+y-1 < len(l.rows) {
		l.scroll.at = l.scroll.top + y - 1
		l.byHand = true
		l.land(s.listHeight())
	}
}

// columns are the widths of the list's columns; 0 leaves one out.
type columns struct {
	view                                         view
	gap, id, endpoint, why, try, next, age, ends int
}

// columnsFor fits the columns to a width: the endpoint has what the others leave.
func columnsFor(w int, v view) columns {
	c := columns{view: v, gap: 2, id: 8, why: 11, try: 4, next: 24, age: 5, ends: 8}
	switch {
	case w < 70:
		c = columns{view: v, gap: 1, id: 6, why: 8, try: 3, next: 14}
	case w < 90:
		c = columns{view: v, gap: 1, id: 8, why: 9, try: 3, next: 16, age: 4}
	case w < 110:
		c = columns{view: v, gap: 2, id: 8, why: 10, try: 4, next: 20, age: 4, ends: 7}
	}
	used := 4 // marks, and the right edge
	for _, width := range [...]int{c.id, c.why, c.try, c.next, c.age, c.ends} {
		if width > 0 {
			used += width + c.gap
		}
	}
	c.endpoint = w - used
	return c
}

// header is one run of one style: each change of style would cost as much as a word.
func (c columns) header(s *state, w int) string {
	l := newLine(w).skip(3).cell("", "ID", c.id).skip(c.gap).cell("", "ENDPOINT", c.endpoint).skip(c.gap).
		cell("", "WHY", c.why).skip(c.gap).cell("", "TRY", c.try).skip(c.gap).
		cell("", [...]string{"NEXT", "PARKED", "DELIVERED"}[c.view], c.next)
	if c.age > 0 {
		l.skip(c.gap).cellRight("", "AGE", c.age)
	}
	if c.ends > 0 {
		l.skip(c.gap).cellRight("", "EXPIRES", c.ends)
	}
	return newLine(w).add(s.styles.quiet, l.b.String()).String()
}

func (c columns) row(s *state, w int, r *row, cursor, marked bool) string {
	st, l := &s.styles, newLine(w)
	if cursor { // not under what counts down: a ground would make each second's figures twice as dear
		l.on(st.cursor, st.cursorAll)
	}
	l.add(st.accent, pick(cursor, "▸", " ")).add(st.accent, pick(marked, "●", " ")).skip(1)
	id := st.quiet
	if marked {
		id = st.accent
	}
	l.cell(id, idCell(r.Letter.ID, c.id), c.id)
	if !s.rests { // a held key would pay twice for each cell of a longer one
		l.off()
	}
	l.skip(c.gap).cell("", endpointCell(r.Letter.OriginalEndpoint, c.endpoint), c.endpoint)
	l.skip(c.gap).cell(s.whyStyle(r), whyWords(r.why(), c.why), c.why).skip(c.gap)
	l.cell(s.tryStyle(r), s.tries(r.made()), c.try).off().skip(c.gap)
	at := l.used
	c.drawNext(s, l, r)
	l.skip(c.next - (l.used - at))
	age := plain.PadLeft(ageWords(s.now, r.Letter.Timestamp, c.age), c.age)
	switch {
	case c.age == 0:
	case c.ends == 0:
		l.skip(c.gap).add(st.quiet, age)
	default:
		ends := plain.Spaces(c.gap) + plain.PadLeft(s.endsWords(r), c.ends)
		if look := s.endsStyle(r); look != st.quiet {
			l.skip(c.gap).add(st.quiet, age).add(look, ends)
		} else {
			l.skip(c.gap).add(st.quiet, age+ends) // one run: a change of colour costs as much as a column
		}
	}
	return l.String()
}

func pick[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

// idCell is the beginning of an id, with nothing to say that it goes on: ids always do.
func idCell(id string, width int) string { return plain.Short(id[:min(len(id), width)], width) }

func endpointCell(endpoint string, width int) string {
	if endpoint == "" {
		return "no endpoint"
	}
	return plain.Short(shortURL(deadletter.MaskURL(endpoint)), width)
}

func ageWords(now, since time.Time, width int) string {
	if since.IsZero() {
		return "?"
	}
	words := span(now.Sub(since))
	if len(words) > width {
		words, _, _ = strings.Cut(words, " ")
	}
	return words
}

// tries is attempts made of attempts there are.
func (s *state) tries(made int) string {
	if s.status.MaxRetries == 0 {
		return fmt.Sprint(made)
	}
	return fmt.Sprintf("%d/%d", made, s.status.MaxRetries)
}

// made is how many attempts were made from the queue. The one that delivered a letter is not in it.
func (r *row) made() int {
	if r.Phase == retry.Done {
		return r.Letter.RetryCount + 1
	}
	return r.Letter.RetryCount
}

// tryStyle warns of the last attempt.
func (s *state) tryStyle(r *row) style {
	if r.Phase != retry.Done && s.status.MaxRetries > 0 && r.Letter.RetryCount >= s.status.MaxRetries-1 {
		return s.styles.warn
	}
	return ""
}

func (s *state) whyStyle(r *row) style {
	switch code := r.Letter.ErrorCode; {
	case r.Phase == retry.Done:
		return s.styles.quiet
	case code >= 400 && code < 500:
		return s.styles.warn
	}
	return s.styles.bad
}

func (s *state) endsWords(r *row) string {
	switch {
	case r.ExpiresAt.IsZero() && viewOf(r.Phase) != waitingView:
		return ""
	case r.ExpiresAt.IsZero():
		return "?"
	}
	return span(r.ExpiresAt.Sub(s.now))
}

func (s *state) endsStyle(r *row) style {
	if !r.ExpiresAt.IsZero() && r.ExpiresAt.Sub(s.now) < nearExpiry {
		return s.styles.warn
	}
	return s.styles.quiet
}
