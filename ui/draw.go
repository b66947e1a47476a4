package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"rehook/ui/plain"
)

// draw makes the whole picture, one line a row of the screen, in the terminal's characters.
func (m *Model) draw() string { return m.able.glyphs.draw(m.picture()) }

func (m *Model) picture() string {
	s := &m.s
	switch {
	case s.layout.width == 0 || s.layout.height == 0:
		return ""
	case s.layout.tooSmall:
		return strings.Join(tooSmall(s, m.dialog), "\n")
	}
	rows := m.body()
	rows[0] = header(s)
	if s.layout.alarm >= 0 {
		rows[s.layout.alarm] = newLine(s.layout.width).on(s.styles.alarm, true).add("", " ✗ "+s.alarm()).String()
	}
	if m.line != nil && m.dialog == nil {
		m.line.drawShelf(s, rows)
	} else {
		drawJobs(s, rows)
	}
	rows[s.layout.height-1] = m.footer()
	if m.dialog != nil {
		overlay(s, rows, m.dialog)
	}
	return strings.Join(rows, "\n")
}

// tooSmall says how much a screen needs, and what lies unseen on top of it; the question whether to quit stands
// in its place.
func tooSmall(s *state, top dialog) []string {
	l, st := s.layout, &s.styles
	if _, ok := top.(*leave); ok {
		return centred(l.width, l.height,
			said{st.strong, "quit? " + thousands(int(s.status.Counters.InFlight)) + " in flight"},
			said{st.hint, "enter quit  esc stay"})
	}
	text := []said{{st.strong, "too small"}, {st.quiet, fmt.Sprintf("%d×%d needed", minWidth, minHeight)}}
	if top != nil {
		o, runs := top.(*outcome)
		text = append(text, said{st.warn, top.heading()}, said{st.hint, pick(runs && !o.ended, "esc cancels it", "esc leaves it")})
	}
	return centred(l.width, l.height, text...)
}

// body draws the panes and the borders between them.
func (m *Model) body() []string {
	s := &m.s
	pieces := make([][]piece, s.layout.height)
	for p, pane := range m.panes {
		box := s.layout.boxes[p]
		if !s.layout.shown(paneID(p)) {
			continue
		}
		left, right := newLine(box.w-4), newLine(box.w-4)
		number := fmt.Sprintf("%d ", p+1)
		if s.focus == paneID(p) {
			left.add(s.styles.accent, number)
		} else {
			left.add(s.styles.quiet, number)
		}
		s.titleOf(paneID(p), pane, left, right)
		pieces[box.y-1] = append(pieces[box.y-1], s.frame.title(box, left, right, s.focus == paneID(p), &s.styles))
		if box.h == 0 {
			continue
		}
		for i, text := range s.linesOf(paneID(p), pane, box) {
			pieces[box.y+i] = append(pieces[box.y+i], piece{box.x, box.w, text})
		}
	}
	rows := make([]string, s.layout.height)
	for y, ps := range pieces {
		slices.SortFunc(ps, func(a, b piece) int { return a.x - b.x })
		rows[y] = s.frame.row(y, ps, s.styles.frame)
	}
	return rows
}

// unknown tells whether a pane would show what only an engine can tell, and none has told yet: its zeros would be untrue.
func (s *state) unknown(p paneID) bool { return !s.attached && p != webhooksPane }

func (s *state) titleOf(p paneID, shown pane, left, right *line) {
	if s.unknown(p) {
		name(s, p, left, strings.ToUpper(paneNames()[p]))
		return
	}
	shown.title(s, left, right)
}

func (s *state) linesOf(p paneID, shown pane, box rect) []string {
	if s.unknown(p) && p != messagesPane { // which says why
		return centred(box.w, box.h, said{s.styles.quiet, "not known yet"})
	}
	return shown.lines(s, box)
}

// name adds a pane's name to its title.
func name(s *state, p paneID, title *line, text string) {
	if s.focus == p {
		title.add(s.styles.hint, text)
		return
	}
	title.add(s.styles.strong, text)
}

// overlay draws a dialog over the middle of the rows.
func overlay(s *state, rows []string, d dialog) {
	width := min(s.layout.width-4, 84)
	lines := d.lines(s, width-4, s.layout.height-6)
	st := &s.styles
	heading := newLine(width-2).add(st.accent, "━ ").add(st.hint, d.heading()).add("", " ")
	if s.cfg.Production {
		heading.add(st.alarm, productionWord).skip(1)
	}
	heading.add(st.accent, strings.Repeat("━", heading.left()))
	box := []string{st.accent.paint("╭") + heading.String() + st.accent.paint("╮")}
	for _, text := range lines {
		box = append(box, st.accent.paint("│")+" "+text+" "+st.accent.paint("│"))
	}
	box = append(box, st.accent.paint("╰"+strings.Repeat("─", width-2)+"╯"))
	x, y := (s.layout.width-width)/2, max(1, (s.layout.height-len(box))/2)
	for i, text := range box {
		rows[y+i] = leftOf(rows[y+i], x) + styleOff + text + rightOf(rows[y+i], x+width, s.layout.width)
	}
}

// leftOf is a row up to a column, rightOf from a column on. A wide character that is cut in two leaves a space.
// (ansi.CutWc cannot be used: it cuts the wrong side, x/ansi v0.11.9.)
func leftOf(row string, column int) string {
	kept := ansi.TruncateWc(row, column, "")
	return kept + plain.Spaces(column-ansi.StringWidthWc(kept))
}

func rightOf(row string, column, width int) string {
	kept := ansi.TruncateLeftWc(row, column, "")
	if ansi.StringWidthWc(kept) > width-column {
		kept = ansi.TruncateLeftWc(row, column+1, "")
	}
	return plain.Spaces(width-column-ansi.StringWidthWc(kept)) + kept
}
