package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui/plain"
)

// underWay are the commands over letters that the engine carries out now, whoever asked for them.
func (s *state) underWay() []retry.Job {
	return slices.Collect(func(yield func(retry.Job) bool) {
		for _, j := range s.status.Jobs {
			if j.Ended.IsZero() && !yield(j) {
				return
			}
		}
	})
}

// drawJobs tells in the lowest border how far the commands under way are.
func drawJobs(s *state, rows []string) {
	running := s.underWay()
	if len(running) == 0 {
		return
	}
	words := s.jobName(running[0]) + "  " + jobProgress(running[0])
	if more := len(running) - 1; more > 0 {
		words += fmt.Sprintf(" · %d more", more)
	}
	words = plain.Truncate(" "+words+" · J shows it ", s.layout.width-6)
	width, y := plain.Width(words), s.layout.height-2
	rows[y] = leftOf(rows[y], 2) + styleOff + newLine(width).add(s.styles.accent, words).String() + rightOf(rows[y], 2+width, s.layout.width)
}

func (s *state) jobName(j retry.Job) string {
	return plain.Line(j.Verb) + " by " + s.who(j.By)
}

// jobProgress says how far a command has come.
func jobProgress(j retry.Job) string {
	words := []string{fmt.Sprintf("%s of %s", thousands(j.Total-j.Left), thousands(j.Total))}
	if j.Failed > 0 {
		words = append(words, thousands(j.Failed)+" failed")
	}
	if j.Skipped > 0 {
		words = append(words, thousands(j.Skipped)+" skipped")
	}
	if j.Ended.IsZero() && j.Step != retry.NoCanary {
		words = append(words, map[retry.Step]string{retry.FirstOne: "canary: the first", retry.NextTen: "canary: ten more", retry.TheRest: "canary: the rest"}[j.Step])
	}
	if j.Ended.IsZero() && j.Rate > 0 {
		words = append(words, paceWords(j.Rate))
	}
	if j.Stopped != "" {
		words = append(words, plain.Line(j.Stopped))
	}
	return strings.Join(words, " · ")
}

// jobs shows the commands over letters: those under way, then those that ended lately.
type jobs struct {
	scroll   scroll
	id       string      // of the one under the cursor
	shown    []retry.Job // as they were drawn last
	height   int         // rows that were drawn last
	by       string      // who looks
	readOnly bool
	sure     string // id of another's command that one press more cancels
}

func (d *jobs) heading() string { return "JOBS" }

func (d *jobs) lines(s *state, w, h int) []string {
	d.shown = s.status.Jobs
	if at := slices.IndexFunc(d.shown, func(j retry.Job) bool { return j.ID == d.id }); at >= 0 {
		d.scroll.at = at
	}
	d.height = max(1, min(len(d.shown), h-4))
	d.scroll.fit(len(d.shown), d.height)
	lines, longest := []string{newLine(w).String()}, 0
	for _, j := range d.shown {
		longest = min(max(longest, plain.Width(s.jobName(j))), 22)
	}
	for i := d.scroll.top; i < min(len(d.shown), d.scroll.top+d.height); i++ {
		j, l := d.shown[i], newLine(w)
		if i == d.scroll.at {
			d.id = j.ID
			l.on(s.styles.cursor, s.styles.cursorAll)
		}
		when, look := "under way", s.styles.accent
		if !j.Ended.IsZero() {
			when, look = timeOfDay(j.Ended), s.styles.quiet
		}
		lines = append(lines, l.cell(look, when, 9).skip(2).cell("", plain.Short(s.jobName(j), longest), longest).skip(2).add("", jobProgress(j)).String())
	}
	question := newLine(w)
	j, ok := d.current()
	if ok && d.sure == j.ID {
		question.add(s.styles.warn, "it is not yours but "+s.who(j.By)+"'s: c again cancels it")
	}
	lines = append(lines, question.String())
	keys := []string{"enter", "letter by letter", "c", "cancel", "esc", "close"}
	if d.readOnly || !j.Ended.IsZero() {
		keys = slices.Delete(keys, 2, 4)
	}
	return append(lines, choices(s, w, keys...))
}

func (d *jobs) current() (retry.Job, bool) {
	for _, j := range d.shown {
		if j.ID == d.id {
			return j, true
		}
	}
	return retry.Job{}, false
}

func (d *jobs) key(k tea.KeyPressMsg) action {
	j, ok := d.current()
	key := k.String()
	switch {
	case key == "esc" || key == "q" || key == "ctrl+c":
		return dismissed{}
	case key == "j" || key == "down":
		d.move(down)
	case key == "k" || key == "up":
		d.move(up)
	case !ok:
	case key == "enter":
		return inspected{j}
	case key == "c" && !d.readOnly && j.Ended.IsZero():
		if j.By == d.by || d.sure == j.ID {
			d.sure = ""
			return called{j}
		}
		d.sure = j.ID
		return stay{}
	}
	d.sure = ""
	return stay{}
}

func (d *jobs) move(mo motion) {
	d.scroll.move(mo, len(d.shown), d.height)
	if d.scroll.at < len(d.shown) {
		d.id = d.shown[d.scroll.at].ID
	}
}

func (m *Model) showJobs() tea.Cmd {
	m.open(&jobs{by: m.s.cfg.By, readOnly: m.s.cfg.ReadOnly})
	return nil
}

func needsJobs(m *Model) string {
	if len(m.s.status.Jobs) == 0 {
		return "nothing is under way, and nothing has ended lately"
	}
	return ""
}

// inspect asks what a command has come to, letter by letter.
func (m *Model) inspect(j retry.Job) tea.Cmd {
	engine := m.s.cfg.Engine
	return m.outside.cmd(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, obeyWithin)
		defer cancel()
		results, err := engine.Results(ctx, j.ID)
		return resultsRead{j, results, err}
	})
}

// inspected opens the results, unless the operator has gone on to something else.
func (m *Model) inspected(msg resultsRead) {
	if _, waits := m.dialog.(*jobs); !waits {
		return
	}
	did := m.s.jobName(msg.job)
	if msg.job.Ended.IsZero() {
		did += ", so far"
	}
	o := &outcome{task: &task{cancel: func() {}}, verb: verb{did: did}, total: msg.job.Total}
	o.end(msg.results, msg.err)
	m.open(o)
}
