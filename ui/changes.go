package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/linediff"
	"rehook/ui/plain"
)

// edit is the dialog of an edit: what was changed, and what is to become of it.
type edit struct {
	unread
	letter *deadletter.Letter // as it was when the edit began
	draft  *draft
	made   made
	stage  stage
	top    int    // first row that is seen
	page   int    // rows that were seen last
	asked  string // the key that was asked for once more
	said   said   // why it was not saved, or what is asked
}

// stage is how far an edit has come.
type stage int

// The stages.
const (
	opening   stage = iota // the file is being written
	inEditor               // the terminal is the editor's
	comparing              // it is being read back
	deciding               // the operator sees what has changed
)

// ask shows what was made of a payload.
func (d *edit) ask(m made) {
	d.stage, d.made, d.top, d.asked, d.said = deciding, m, unshown, "", said{}
	d.since = time.Now()
}

// sure tells whether a key was pressed once more; else it asks for that.
func (d *edit) sure(key, words string) bool {
	if d.asked == key {
		return true
	}
	d.asked, d.said = key, said{bold, words}
	return false
}

func (d *edit) heading() string { return "EDIT " + shortIDClean(d.letter.ID) }

func (d *edit) lines(s *state, w, h int) []string {
	if d.stage != deciding {
		words := [...]string{"reading the payload …", "the terminal is your editor's", "reading what you made of it …"}[d.stage]
		return []string{newLine(w).String(), newLine(w).add(s.styles.quiet, words).String(), newLine(w).String()}
	}
	lines, end := []string{d.summary(s, w)}, []string(nil)
	if h < tight {
		end = append(d.warnings(s, w, 1), d.choices(s, w))
	} else {
		lines = append(lines, newLine(w).String())
		end = append(d.warnings(s, w, 3), newLine(w).String(), d.choices(s, w))
	}
	rows := d.window(h - len(lines) - len(end) - 1)
	for _, r := range rows {
		lines = append(lines, diffRow(s, w, r))
	}
	more := newLine(w)
	if below := len(d.made.diff.Rows) - d.top - len(rows); below > 0 {
		more.add(s.styles.quiet, fmt.Sprintf("… %s below: j shows more", linesWord(below)))
	}
	lines = append(append(lines, more.String()), end...)
	return lines[max(0, len(lines)-h):]
}

// tight is the height below which the dialog does without empty lines.
const tight = 12

// window is what is seen of the difference in h rows: at first as much of its beginning as leaves the first change in sight.
func (d *edit) window(h int) []linediff.Row {
	rows := d.made.diff.Rows
	d.page = max(1, min(len(rows), h))
	if d.top == unshown {
		first := slices.IndexFunc(rows, func(r linediff.Row) bool { return r.Kind == linediff.Removed || r.Kind == linediff.Added })
		d.top = max(0, first-max(0, d.page-2)/2)
	}
	d.top = max(0, min(d.top, len(rows)-d.page))
	return rows[d.top : d.top+d.page]
}

// unshown is the top of a difference that was not drawn yet.
const unshown = -1

// summary says where the letter goes, and how much of it has changed.
func (d *edit) summary(s *state, w int) string {
	st, l := &s.styles, newLine(w)
	counts := fmt.Sprintf("−%s +%s", thousands(d.made.diff.Removed), thousands(d.made.diff.Added))
	l.add(st.quiet, "to ").add("", plain.Short(laneOf(d.letter.OriginalEndpoint), w/2)).skip(2).
		add(st.quiet, fmt.Sprintf("%s → %s", size(d.letter.PayloadBytes()), size(len(d.made.payload))))
	return l.right(st.strong, counts).String()
}

// warnings are what an operator must know before it is saved, in at most so many lines each.
func (d *edit) warnings(s *state, w, most int) []string {
	var lines []string
	add := func(look style, words string) {
		for _, part := range foldClean(words, w, most) {
			lines = append(lines, newLine(w).add(look, part).String())
		}
	}
	if left := d.left(s); left != "" {
		add(s.styles.bad, left+": it cannot be saved.")
		add(s.styles.warn, "What you typed is kept in "+plain.Line(d.draft.path()))
		return lines
	}
	if d.made.broken != "" {
		add(s.styles.bad, "✗ it was JSON, and is none any more: "+d.made.broken)
	}
	if names := signatures(d.letter); names != "" {
		add(s.styles.warn, names+" no longer fits: an endpoint may refuse it")
	}
	if d.said.text != "" {
		add(d.said.style, d.said.text)
	}
	return lines
}

// signatures names the headers by which an endpoint can tell that a payload is another one.
func signatures(l *deadletter.Letter) string {
	var names []string
	for name := range maps.Keys(l.Headers) {
		if strings.Contains(strings.ToLower(name), "signature") {
			names = append(names, plain.Short(name, 40))
		}
	}
	slices.Sort(names)
	return strings.Join(names[:min(len(names), 2)], ", ")
}

func (d *edit) choices(s *state, w int) string {
	if d.left(s) != "" {
		return choices(s, w, "esc", "close")
	}
	narrow := w < 70
	if r := s.letters.byID[d.letter.ID]; r.Phase == retry.InParked {
		return choices(s, w, "enter", pick(narrow, "release", "save and release"), "e", pick(narrow, "again", "edit again"), "esc", "throw away")
	}
	return choices(s, w, "enter", pick(narrow, "redrive", "save and redrive"), "s", pick(narrow, "save", "save only"),
		"e", pick(narrow, "again", "edit again"), "esc", pick(narrow, "drop", "throw away"))
}

// diffRow draws a row of the difference. Of a line that is too long it shows where that begins to differ.
func diffRow(s *state, w int, r linediff.Row) string {
	st, l := &s.styles, newLine(w)
	switch r.Kind {
	case linediff.Same:
		return l.skip(2).add("", plain.Short(r.Text, w-2)).String()
	case linediff.Removed:
		return l.add(st.bad, "- "+fromChange(r, w-2)).String()
	case linediff.Added:
		return l.add(st.good, "+ "+fromChange(r, w-2)).String()
	case linediff.Skipped:
		return l.add(st.quiet, "… "+linesWord(r.N)+" alike").String()
	case linediff.Cut:
	}
	return l.add(st.quiet, "… "+linesWord(r.N)+" more that differ").String()
}

func fromChange(r linediff.Row, w int) string {
	from := r.At - w/3
	if len(r.Text) <= w || from <= 0 {
		return plain.Short(r.Text, w)
	}
	for from < len(r.Text) && !utf8.RuneStart(r.Text[from]) {
		from++
	}
	return "…" + plain.Short(r.Text[from:], w-1)
}

func linesWord(n int) string {
	if n == 1 {
		return "1 line"
	}
	return thousands(n) + " lines"
}

func (d *edit) key(k tea.KeyPressMsg) action {
	key := k.String()
	switch {
	case d.stage == opening && (key == "esc" || key == "ctrl+c"):
		return leftEdit{d}
	case d.stage != deciding || d.yet():
		return stay{}
	}
	switch key {
	case "enter":
		return savedEdit{d, true}
	case "s":
		return savedEdit{d, false}
	case "esc", "q", "ctrl+c":
		return leftEdit{d}
	}
	d.asked, d.said = "", said{} // something else was meant
	switch key {
	case "e":
		return editedAgain{d}
	case "j", "down":
		d.top++
	case "k", "up":
		d.top--
	case "ctrl+d", "space", "pgdown":
		d.top += max(1, d.page/2)
	case "ctrl+u", "pgup":
		d.top -= max(1, d.page/2)
	case "g", "home":
		d.top = 0
	case "G", "end":
		d.top = len(d.made.diff.Rows)
	}
	return stay{}
}
