package ui

import "maps"

// toggle marks the letter under the cursor, or takes its mark away.
func (l *letters) toggle() {
	if l.groups.shown {
		l.markGroups()
		return
	}
	if l.marks[l.cursor] {
		delete(l.marks, l.cursor)
	} else if l.cursor != "" {
		l.marks[l.cursor] = true
	}
}

// rangeMark begins a range at the cursor; a second time it marks what lies between.
func (l *letters) rangeMark() {
	if g := &l.groups; g.shown {
		if g.anchor == "" {
			g.anchor = g.key
			return
		}
		l.markGroups()
		return
	}
	if l.anchor == "" {
		l.anchor = l.cursor
		return
	}
	maps.Copy(l.marks, l.inRange())
	l.anchor = ""
}

// markAll marks all that the filter lets through, on the screen or not; when all are marked, none.
func (l *letters) markAll() {
	all := true
	for _, r := range l.rows {
		all = all && l.marks[r.Letter.ID]
	}
	if all {
		l.unmark()
		return
	}
	for _, r := range l.rows {
		l.marks[r.Letter.ID] = true
	}
}

func (l *letters) unmark() {
	clear(l.marks)
	l.anchor, l.groups.anchor = "", ""
}

// selected is how many letters an action would be for, but for the one under the cursor.
func (l *letters) selected() int {
	n := len(l.marks)
	if g := &l.groups; g.shown && g.anchor != "" {
		from, to := g.span()
		for _, row := range g.rows[from:min(to+1, len(g.rows))] {
			n += row.letters - row.marked
		}
		return n
	}
	from, to, ok := l.span()
	switch {
	case !ok:
		return n
	case n == 0:
		return to - from + 1
	}
	for _, r := range l.rows[from : to+1] {
		if !l.marks[r.Letter.ID] {
			n++
		}
	}
	return n
}

// inRange are the letters between the anchor and the cursor, both included.
func (l *letters) inRange() map[string]bool {
	from, to, ok := l.span()
	if !ok {
		return nil
	}
	ids := make(map[string]bool, to-from+1)
	for _, r := range l.rows[from : to+1] {
		ids[r.Letter.ID] = true
	}
	return ids
}

// span is the range that is open, as rows of the list.
func (l *letters) span() (from, to int, ok bool) {
	at, ok := l.find(l.anchor)
	if l.anchor == "" || !ok {
		return 0, 0, false
	}
	return min(at, l.scroll.at), max(at, l.scroll.at), true
}

// anyTarget tells whether there are targets, without building them: every frame asks.
func (l *letters) anyTarget() bool {
	return l.cursor != "" || l.groups.shown && l.groups.key != "" || len(l.marks) > 0
}

// targets freezes the ids that an action is for, in the order of the list: what is marked, else the letter
// under the cursor. Marked letters that the filter hides now come last.
func (l *letters) targets() []string {
	chosen := l.inRange()
	if chosen == nil {
		chosen = map[string]bool{}
	}
	maps.Copy(chosen, l.marks)
	if l.groups.shown && (len(l.marks) == 0 || l.groups.anchor != "") {
		for _, id := range l.inGroups() {
			chosen[id] = true
		}
	}
	if len(chosen) == 0 && l.cursor != "" {
		return []string{l.cursor}
	}
	ids := make([]string, 0, len(chosen))
	for _, r := range l.rows {
		if chosen[r.Letter.ID] {
			ids = append(ids, r.Letter.ID)
			delete(chosen, r.Letter.ID)
		}
	}
	for id := range chosen {
		ids = append(ids, id)
	}
	return ids
}
