package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/ui/plain"
)

// overwrite asks whether a file is to be replaced.
type overwrite struct {
	unread
	export *export
	there  *occupiedError
}

func (m *Model) askOverwrite(x *export, there *occupiedError) tea.Cmd {
	if m.busy() {
		m.say(m.s.styles.warn, "not exported: there is such a file already: "+plain.Line(x.path))
		return nil
	}
	m.open(&overwrite{unread{time.Now()}, x, there})
	return nil
}

func (d *overwrite) heading() string { return "OVERWRITE" }

func (d *overwrite) lines(s *state, w, h int) []string {
	lines := []string{newLine(w).String()}
	for _, part := range fold(d.there.path, w, 3) {
		lines = append(lines, newLine(w).add(s.styles.strong, part).String())
	}
	is := "is there already: " + size(int(d.there.size)) + ", written " + d.there.modified.Local().Format("2006-01-02 15:04:05")
	lines = append(lines, newLine(w).add("", is).String(),
		newLine(w).add(s.styles.quiet, "It stays as it is until the new one is whole.").String(), newLine(w).String(),
		choices(s, w, "enter", "overwrite it", "esc", "leave it"))
	return lines[max(0, len(lines)-h):]
}

func (d *overwrite) key(k tea.KeyPressMsg) action {
	switch key := k.String(); {
	case key == "esc" || key == "q" || key == "ctrl+c":
		return dismissed{}
	case key == "enter" && !d.yet():
		return overwritten{d.export}
	}
	return stay{}
}
