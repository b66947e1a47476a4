package ui

import (
	"cmp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui/plain"
)

// problem is the letters of the list that have a cause in common.
type problem struct {
	retry.Cause
	letters int // that the filter shows
	marked  int // of them
}

// problems are the list by cause. How many letters each has is counted as letters are filed (counts).
type problems struct {
	shown  bool
	counts map[string]int  // letters in the list, by key of their cause
	told   map[string]bool // keys of the causes that the engine tells of: the other letters are one group
	rows   []problem       // the largest first
	scroll scroll
	key    string // of the group that the cursor is on
	anchor string // where a range begins; empty: no range
	opened string // of the group whose letters alone the list has; empty: it has all
}

// regroup makes the rows of the causes that the engine tells of. It looks at causes and marks, never at all letters.
func (l *letters) regroup(causes []retry.Cause, h int) {
	g := &l.groups
	if !g.shown {
		return
	}
	g.told = make(map[string]bool, len(causes))
	for _, c := range causes {
		g.told[c.Key] = true
	}
	marked := map[string]int{}
	for id := range l.marks {
		if r := l.byID[id]; r != nil && r.listed {
			marked[g.of(r)]++
		}
	}
	g.rows = g.rows[:0]
	rest := problem{Cause: retry.Cause{Key: restOfCauses, Reason: restOfCauses, Shape: "various answers"}, letters: len(l.rows), marked: marked[restOfCauses]}
	for _, c := range causes {
		if c.Key == restOfCauses {
			rest.Cause = c
			continue
		}
		if n := g.counts[c.Key]; n > 0 {
			g.rows = append(g.rows, problem{c, n, marked[c.Key]})
			rest.letters -= n
		}
	}
	slices.SortStableFunc(g.rows, func(a, b problem) int { return cmp.Compare(b.letters, a.letters) })
	if rest.letters > 0 { // so that the rows make up the list
		g.rows = append(g.rows, rest)
	}
	if g.find(g.anchor) < 0 {
		g.anchor = ""
	}
	if at := g.find(g.key); at >= 0 {
		g.scroll.at = at
	}
	g.land(h)
}

// restOfCauses is the key of what the engine does not tell apart, there and here.
const restOfCauses = "other"

// of is the key of the group that a letter is in.
func (g *problems) of(r *row) string {
	if !g.told[r.Cause] {
		return restOfCauses
	}
	return r.Cause
}

func (g *problems) find(key string) int {
	return slices.IndexFunc(g.rows, func(row problem) bool { return row.Key == key })
}

// land takes the group that the cursor's row holds.
func (g *problems) land(h int) {
	g.scroll.fit(len(g.rows), h)
	g.key = ""
	if len(g.rows) > 0 {
		g.key = g.rows[g.scroll.at].Key
	}
}

// span is the range that is open, as rows; the cursor's row alone when there is none.
func (g *problems) span() (from, to int) {
	if at := g.find(g.anchor); g.anchor != "" && at >= 0 {
		return min(at, g.scroll.at), max(at, g.scroll.at)
	}
	return g.scroll.at, g.scroll.at
}

// inGroups are the letters of the list that are in the groups of a range, in order.
func (l *letters) inGroups() []string {
	g := &l.groups
	from, to := g.span()
	if to >= len(g.rows) {
		return nil
	}
	keys := map[string]bool{}
	for _, row := range g.rows[from : to+1] {
		keys[row.Key] = true
	}
	var ids []string
	for _, r := range l.rows {
		if keys[g.of(r)] {
			ids = append(ids, r.Letter.ID)
		}
	}
	return ids
}

// markGroups marks the groups of a range or, where all of their letters are, unmarks them.
func (l *letters) markGroups() {
	ids := l.inGroups()
	all := !slices.ContainsFunc(ids, func(id string) bool { return !l.marks[id] })
	for _, id := range ids {
		if all {
			delete(l.marks, id)
		} else {
			l.marks[id] = true
		}
	}
	l.groups.anchor = ""
}

// group shows the list by cause, or letter by letter; with a key, the letters of that cause alone.
func (l *letters) group(shown bool, opened string) {
	narrows := l.groups.opened != opened // else the same letters are listed, in the same order
	l.groups.shown, l.groups.opened, l.groups.anchor, l.anchor = shown, opened, "", ""
	l.scroll, l.byHand = scroll{}, false
	if narrows {
		l.refile()
	}
}

func grouped(m *Model) bool { return m.s.letters.groups.shown }

func (m *Model) turnGroups() tea.Cmd {
	m.s.letters.group(!grouped(m), "")
	return m.regrouped()
}

func (m *Model) openGroup() tea.Cmd {
	m.s.letters.group(false, m.s.letters.groups.key)
	m.arrange()
	return nil
}

func (m *Model) regrouped() tea.Cmd {
	m.arrange()
	m.s.letters.regroup(m.s.status.Causes, m.s.listHeight())
	return nil
}

// groupColumns are the widths of the groups' columns; 0 leaves one out.
type groupColumns struct{ endpoint, answer, first int }

func groupColumnsFor(w int) groupColumns {
	if w < 70 {
		return groupColumns{endpoint: w - 38}
	}
	room := w - 44
	return groupColumns{endpoint: room * 5 / 9, answer: room - room*5/9, first: 5}
}

// groupLines draws the list by cause.
func (p *messages) groupLines(s *state, box rect) []string {
	st, g, cols := &s.styles, &s.letters.groups, groupColumnsFor(box.w)
	head := newLine(box.w).skip(3).cellRight("", "COUNT", 6).skip(1).cell("", "TREND", retry.TrendMinutes).skip(1).
		cell("", "ENDPOINT", cols.endpoint).skip(1).cell("", "WHY", 8)
	if cols.answer > 0 {
		head.skip(1).cell("", "ANSWER", cols.answer).skip(1).cellRight("", "FIRST", cols.first)
	}
	head.skip(1).cellRight("", "LAST", 5)
	lines := []string{newLine(box.w).add(st.quiet, head.String()).String()}
	for i := g.scroll.top; i < min(len(g.rows), g.scroll.top+box.h-1); i++ {
		lines = append(lines, g.line(s, box.w, i, cols))
	}
	return fill(lines, box.w, box.h)
}

func (g *problems) line(s *state, w, i int, cols groupColumns) string {
	st, c, l := &s.styles, &g.rows[i], newLine(w)
	if i == g.scroll.at {
		l.on(st.cursor, st.cursorAll)
	}
	from, to := g.span()
	mark := pick(c.marked > 0, "◐", " ")
	if c.marked == c.letters || g.anchor != "" && i >= from && i <= to {
		mark = "●"
	}
	l.add(st.accent, pick(i == g.scroll.at, "▸", " ")+mark).skip(1).cellRight(st.strong, thousands(c.letters), 6).skip(1).
		cell(st.accent, sparkline(c.Trend[:], retry.TrendMinutes), retry.TrendMinutes).skip(1).
		cell("", c.where(cols.endpoint), cols.endpoint).skip(1).cell(st.bad, whyWords(c.Reason, 8), 8)
	if cols.answer > 0 {
		l.skip(1).cell("", plain.Short(c.Shape, cols.answer), cols.answer).off().skip(1).cellRight(st.quiet, ageWords(s.now, c.First, 4), cols.first)
	}
	return l.off().skip(1).cellRight(st.quiet, ageWords(s.now, c.Last, 4), 5).String()
}
