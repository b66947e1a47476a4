package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

// finder is the palette: a dialog in which all that the screen can do is found by its words.
type finder struct {
	unread
	caret
	all    []entry
	shown  []entry // of them, those that have what is typed
	scroll scroll
	height int // entries that were drawn last
}

// entry is a command of the palette.
type entry struct {
	name, key, help string
	off             func() string // why it does not work now; empty: it works
	do              func() tea.Cmd
}

func (m *Model) openPalette() tea.Cmd {
	p := &finder{unread: unread{time.Now()}, all: m.commands()}
	p.search()
	m.open(p)
	return nil
}

// search narrows the entries: each word must be in one; those in whose name the first stands come first.
func (p *finder) search() {
	words := strings.Fields(strings.ToLower(p.String()))
	p.scroll, p.shown = scroll{}, nil
	for _, e := range p.all {
		text := strings.ToLower(e.name + " " + e.key + " " + e.help)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			p.shown = append(p.shown, e)
		}
	}
	if len(words) > 0 {
		slices.SortStableFunc(p.shown, func(a, b entry) int { return a.far(words[0]) - b.far(words[0]) })
	}
}

// far is how far from a word an entry is.
func (e entry) far(word string) int {
	switch name := strings.ToLower(e.name); {
	case strings.HasPrefix(name, word):
		return 0
	case strings.Contains(name, word):
		return 1
	}
	return 2
}

func (p *finder) heading() string { return "COMMANDS" }

const (
	roomy     = 16 // rows, from which on there are empty ones
	mostFound = 16 // commands that are seen at once: more are not read, and a slow line pays for each
)

func (p *finder) lines(s *state, w, h int) []string {
	st := &s.styles
	top := newLine(w).add(st.hint, "/")
	p.draw(s, top, max(10, w-14), "")
	top.right(st.quiet, fmt.Sprintf("%s of %s", thousands(len(p.shown)), thousands(len(p.all))))
	var gap []string
	if h >= roomy {
		gap = []string{newLine(w).String()}
	}
	about := p.about(s, w, 1+len(gap))
	p.height = max(1, min(mostFound, h-2-len(about)-3*len(gap)))
	p.scroll.fit(len(p.shown), p.height)
	lines := append([]string{top.String()}, gap...)
	for i := p.scroll.top; i < min(len(p.shown), p.scroll.top+p.height); i++ {
		lines = append(lines, p.row(s, w, i))
	}
	if len(p.shown) == 0 {
		lines = append(lines, newLine(w).add(st.quiet, "no command has these words").String())
	}
	lines = fill(lines, w, p.height+1+len(gap))
	last := []string{choices(s, w, "enter", "do it", "↑ ↓", "move", "esc", "close")}
	return slices.Concat(lines, gap, about, gap, last)
}

// row is a command: its key, its name and what it does or, where it does not work now, why.
func (p *finder) row(s *state, w, i int) string {
	st, e, l := &s.styles, p.shown[i], newLine(w)
	here := i == p.scroll.at
	if here {
		l.on(st.cursor, st.cursorAll)
	}
	name, says, look := style(""), e.help, st.quiet
	if why := e.off(); why != "" {
		name, says, look = st.quiet, "not now: "+why, st.warn
	}
	l.add(st.accent, pick(here, "▸", " ")).skip(1).cell(st.hint, e.key, 6).skip(1)
	l.cell(name, e.name, min(21, w/3)).skip(2)
	return l.add(look, plain.Truncate(says, l.left())).String()
}

// about is what the command under the cursor does, for which its row may have no room.
func (p *finder) about(s *state, w, rows int) []string {
	var lines []string
	if p.scroll.at < len(p.shown) {
		for _, part := range wrap(p.shown[p.scroll.at].help, w) {
			lines = append(lines, newLine(w).add(s.styles.quiet, part).String())
		}
	}
	return fill(lines, w, rows)
}

func (p *finder) key(k tea.KeyPressMsg) action {
	switch key := k.String(); key {
	case "esc", "ctrl+c":
		return dismissed{}
	case "down", "ctrl+n", "tab":
		p.scroll.move(down, len(p.shown), p.height)
	case "up", "ctrl+p", "shift+tab":
		p.scroll.move(up, len(p.shown), p.height)
	case "pgdown":
		p.scroll.move(halfDown, len(p.shown), p.height)
	case "pgup":
		p.scroll.move(halfUp, len(p.shown), p.height)
	case "enter":
		return p.pick()
	default:
		p.caret.key(k)
		p.search()
	}
	return stay{}
}

// pick does what is under the cursor, unless it does not work now: its row says why.
func (p *finder) pick() action {
	if p.scroll.at >= len(p.shown) || len(p.text) == 0 && p.yet() || p.shown[p.scroll.at].off() != "" {
		return stay{}
	}
	return picked{p.shown[p.scroll.at]}
}

// put takes what was pasted.
func (p *finder) put(text string) {
	p.caret.put(oneLine(text))
	p.search()
}
