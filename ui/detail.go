package ui

import (
	"bytes"
	"fmt"

	"rehook/retry/deadletter"
	"rehook/ui/jsontree"
	"rehook/ui/plain"
)

// tab is a side of a letter that the detail shows.
type tab int

// The tabs.
const (
	payloadTab tab = iota
	attemptsTab
	requestTab
	tabCount
)

// String is the tab's name.
func (t tab) String() string { return [...]string{"payload", "attempts", "request"}[t] }

// detail is the pane of one letter.
type detail struct {
	id      string // of the letter that is shown; it may have left since
	row     *row
	payload []byte // of the letter, as it may be shown
	bare    bool   // nothing in it is masked
	tab     tab
	tree    *jsontree.Tree
	query   string
	hits    int
	hit     int
	scrolls [tabCount]scroll
}

// show puts a letter into the pane. The same letter as it is now keeps the operator's place. Secrets that were shown
// are for one letter alone.
func (d *detail) show(s *state, r *row) {
	if r == nil {
		return
	}
	if s.unmasked != r.Letter.ID {
		s.unmasked = ""
	}
	same := d.row != nil && d.id == r.Letter.ID && bytes.Equal(d.row.Letter.Payload, r.Letter.Payload)
	bare := s.unmasked != ""
	switch {
	case !same:
		d.id, d.scrolls = r.Letter.ID, [tabCount]scroll{}
		d.open(s.shownPayload(r.Letter))
	case bare != d.bare && len(s.cfg.Mask) > 0:
		at := d.tree.Cursor()
		d.open(s.shownPayload(r.Letter))
		d.tree.Move(at)
	}
	d.row, d.bare = r, bare
}

// open shows a payload from its beginning.
func (d *detail) open(payload []byte) {
	d.payload, d.tree = payload, jsontree.New(payload)
	d.query, d.hits, d.hit = "", 0, 0
}

// shownPayload is a letter's payload, without what the configuration names unless it was asked for.
func (s *state) shownPayload(letter *deadletter.Letter) []byte {
	if s.unmasked == letter.ID {
		return letter.Payload
	}
	return s.cfg.Mask.Conceal(letter.Payload)
}

// leave empties the pane: the cursor is on no letter.
func (d *detail) leave() {
	d.id, d.row = "", nil
	d.query, d.hits, d.hit = "", 0, 0
}

func (d *detail) title(s *state, left, right *line) {
	st := &s.styles
	name(s, detailPane, left, "DETAIL")
	if d.row == nil {
		if group, ok := s.letters.groups.current(); ok {
			groupTitle(s, group, left, right)
		}
		return
	}
	left.skip(2).add("", idCell(d.id, 8)).skip(2)
	for t := range tabCount {
		look := st.quiet
		if t == d.tab {
			look = st.tab
		}
		words := t.String()
		if t == attemptsTab {
			words = fmt.Sprintf("%s %d", words, len(d.row.Letter.Attempts))
		}
		left.add(look, " "+words+" ")
	}
	if d.query != "" {
		right.add(st.warn, fmt.Sprintf("/%s %d of %d", plain.Truncate(plain.Line(d.query), 20), d.hit, d.hits)).skip(2)
	}
	switch {
	case d.tab == payloadTab && s.focus == detailPane:
		right.add(st.quiet, plain.Truncate(d.tree.Path(), max(10, left.width-left.used-right.used-8)))
	case d.tab == payloadTab:
		right.add(st.quiet, size(d.row.Letter.PayloadBytes()))
	}
}

// whereabouts says where a payload lies that is not in the letter.
func whereabouts(l *deadletter.Letter) string {
	return fmt.Sprintf("the payload (%s) is in %s", size(l.PayloadBytes()), plain.Line(l.PayloadRef.Bucket+"/"+l.PayloadRef.Key))
}

func size(n int) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

func (d *detail) lines(s *state, box rect) []string {
	if d.row == nil {
		if group, ok := s.letters.groups.current(); ok {
			return groupDetail(s, group, box.w, box.h)
		}
		return centred(box.w, box.h, said{s.styles.quiet, "the letter under the cursor is shown here"})
	}
	var lines []string
	rows := d.window(box.h)
	if rows < box.h {
		lines = append(lines, d.cause(s, box.w))
	}
	switch d.tab {
	case payloadTab:
		lines = append(lines, d.tabOfPayload(s, box.w, rows)...)
	case attemptsTab:
		lines = append(lines, d.seen(box.w, rows, attemptLines(s, d.row, box.w))...)
	case requestTab, tabCount:
		lines = append(lines, d.seen(box.w, rows, requestLines(s, d.row, d.payload, box.w))...)
	}
	return fill(lines, box.w, box.h)
}

// window is how many rows of a pane of height h are for the tab: the first says what went wrong, where there
// is room for it.
func (d *detail) window(h int) int {
	if h >= 6 {
		return h - 1
	}
	return h
}

// cause says where the letter was to go, and what went wrong.
func (d *detail) cause(s *state, w int) string {
	st, letter := &s.styles, d.row.Letter
	l := newLine(w).skip(1).add(st.quiet, "to ").add("", endpointCell(letter.OriginalEndpoint, w/2))
	if l.skip(2).left() > 20 {
		l.add(s.whyStyle(d.row), plain.Short(d.row.cause(), w))
	}
	return l.String()
}

func (d *detail) tabOfPayload(s *state, w, h int) []string {
	if d.tree.Form() == jsontree.Empty {
		text := "no payload"
		if letter := d.row.Letter; letter.PayloadElsewhere() {
			text = whereabouts(letter)
		}
		return centred(w, h, said{s.styles.quiet, text})
	}
	scroll := &d.scrolls[payloadTab]
	scroll.at = d.tree.Cursor()
	scroll.fit(d.tree.Len(), h)
	var lines []string
	for i := scroll.top; i < min(d.tree.Len(), scroll.top+h); i++ {
		l := newLine(w)
		if i == scroll.at && s.focus == detailPane {
			l.on(s.styles.cursor, s.styles.cursorAll)
		}
		l.skip(1)
		for _, piece := range d.tree.Row(i, w).Pieces {
			l.add(s.styles.json[piece.Kind], piece.Text)
		}
		lines = append(lines, l.String())
	}
	return fill(lines, w, h)
}

// seen cuts the lines of a tab to those that are seen.
func (d *detail) seen(w, h int, all []string) []string {
	scroll := &d.scrolls[d.tab]
	scroll.at = min(scroll.at, max(0, len(all)-h))
	return fill(all[min(scroll.at, len(all)):], w, h)
}

func (d *detail) move(s *state, m motion, h int) {
	rows := d.window(h)
	if d.row == nil {
		return
	}
	scroll := &d.scrolls[d.tab]
	if d.tab == payloadTab {
		scroll.at = d.tree.Cursor()
		scroll.move(m, d.tree.Len(), rows)
		d.tree.Move(scroll.at)
		return
	}
	n := len(attemptLines(s, d.row, s.layout.boxes[detailPane].w))
	if d.tab == requestTab {
		n = len(requestLines(s, d.row, d.payload, s.layout.boxes[detailPane].w))
	}
	scroll.move(m, max(1, n-rows+1), rows)
}

func (d *detail) point(s *state, y, h int) {
	if d.row == nil || d.tab != payloadTab {
		return
	}
	d.tree.Move(d.scrolls[payloadTab].top + y - (h - d.window(h)))
}

// letter is what the pane shows; nil: nothing.
func (d *detail) letter() *deadletter.Letter {
	if d.row == nil {
		return nil
	}
	return d.row.Letter
}
