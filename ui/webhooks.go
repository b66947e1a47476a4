package ui

import (
	"fmt"
	"slices"

	"rehook/genesys"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// webhooks is the pane of the organization's webhook configurations.
type webhooks struct {
	scroll scroll
	first  int // row of the pane that the list begins in
}

func (p *webhooks) title(s *state, left, right *line) {
	name(s, webhooksPane, left, "GENESYS")
	st := &s.styles
	if region := s.hooks.Region; region != "" && left.width >= 40 {
		left.skip(2).add(st.quiet, plain.Line(region))
	}
	wrong := 0
	for _, w := range s.hooks.Webhooks {
		if worst(w) != genesys.OK {
			wrong++
		}
	}
	switch {
	case s.cfg.Webhooks == nil:
		right.add(st.quiet, "not configured")
	case s.hooksErr != nil:
		right.add(st.bad, "✗ not read")
	case s.hooksLoading:
		right.add(st.accent, spinner(s.now)+" reading")
	case wrong > 0:
		right.add(st.warn, fmt.Sprintf("! %d of %d", wrong, len(s.hooks.Webhooks)))
	default:
		right.add(st.good, fmt.Sprintf("✓ %d", len(s.hooks.Webhooks)))
	}
}

func (p *webhooks) lines(s *state, box rect) []string {
	st := &s.styles
	switch {
	case s.cfg.Webhooks == nil:
		return explain(box, said{st.strong, "no organization is configured"}, st.quiet, s.cfg.WebhooksHint)
	case s.hooksErr != nil && len(s.hooks.Webhooks) == 0:
		return explain(box, said{st.bad, "✗ reading them failed"}, "", s.hooksErr.Error())
	case s.hooksLoading && len(s.hooks.Webhooks) == 0:
		return centred(box.w, box.h, said{st.quiet, spinner(s.now) + " reading the configurations"})
	case len(s.hooks.Webhooks) == 0:
		return centred(box.w, box.h, said{st.quiet, "the organization has no webhooks"})
	}
	above, below := p.old(s, box), p.about(s, box)
	rows := max(1, box.h-len(above)-len(below))
	if least := min(len(s.hooks.Webhooks), 2); rows < least {
		rows = min(least, max(1, box.h-len(above)))
	}
	rows = min(rows, len(s.hooks.Webhooks))
	p.scroll.fit(len(s.hooks.Webhooks), rows)
	lines, columns := above, p.columns(s, box.w)
	for i := p.scroll.top; i < p.scroll.top+rows; i++ {
		lines = append(lines, p.row(s, box.w, i, columns))
	}
	p.first = len(above)
	return fill(append(lines, below...), box.w, box.h)
}

// old says that the rows are from an earlier reading than the last, and why.
func (p *webhooks) old(s *state, box rect) []string {
	if s.hooksErr == nil {
		return nil
	}
	text, most := "✗ as of "+minuteOfDay(s.hooksAt)+": "+s.hooksErr.Error(), 1
	if s.focus == webhooksPane {
		most = max(1, box.h/3)
	}
	var lines []string
	for _, part := range fold(text, box.w-2, most) {
		lines = append(lines, newLine(box.w).skip(1).add(s.styles.bad, part).String())
	}
	return lines
}

// about is what there is to say about the configuration under the cursor, whole: its findings, each with what
// to do, and its endpoint. Only the pane in focus has it.
func (p *webhooks) about(s *state, box rect) []string {
	hook, ok := p.current(s)
	if !ok || s.focus != webhooksPane {
		return nil
	}
	st := &s.styles
	var lines []string
	put := func(look style, sign, text string) {
		for i, part := range fold(text, box.w-4, shownLines) {
			lines = append(lines, newLine(box.w).skip(1).add(look, pick(i == 0, sign, " ")).skip(1).add(look, part).String())
		}
	}
	if hook.Problem != "" {
		put(st.bad, "✗", hook.Problem)
	}
	for _, f := range hook.Findings {
		if f.Severity == genesys.OK {
			continue
		}
		look, sign := st.warn, "!"
		if f.Severity == genesys.Failure {
			look, sign = st.bad, "✗"
		}
		put(look, sign, f.Message)
		if f.Hint != "" {
			put("", "→", f.Hint)
		}
	}
	if hook.Endpoint != "" {
		put(st.quiet, "·", deadletter.MaskURL(hook.Endpoint))
	}
	return lines
}

// columns are the widths of the names and of the endpoints: what the longest needs, as far as there is room.
func (p *webhooks) columns(s *state, w int) (widths [2]int) {
	for _, hook := range s.hooks.Webhooks {
		widths[0] = max(widths[0], plain.Width(plain.Line(hook.Name)))
		widths[1] = max(widths[1], plain.Width(endpointCell(hook.Endpoint, w)))
	}
	widths[0] = min(widths[0], max(14, w*2/5))
	widths[1] = min(widths[1], w/3)
	if w <= 70 {
		widths[1] = 0
	}
	return widths
}

func (p *webhooks) row(s *state, w, i int, columns [2]int) string {
	hook, l := s.hooks.Webhooks[i], newLine(w)
	if i == p.scroll.at && s.focus == webhooksPane {
		l.on(s.styles.cursor, s.styles.cursorAll)
	}
	sign, says := s.hookWords(hook)
	l.skip(1).add(sign.style, sign.text).skip(1).cell("", plain.Short(hook.Name, columns[0]), columns[0]).skip(2)
	if columns[1] > 0 {
		l.cell(s.styles.quiet, endpointCell(hook.Endpoint, columns[1]), columns[1]).skip(2)
	}
	return l.add(says.style, plain.Truncate(says.text, l.left()-1)).String()
}

// hookWords are the sign of a configuration, and its first finding or its status.
func (s *state) hookWords(w genesys.Webhook) (sign, says said) {
	st := &s.styles
	for _, f := range w.Findings {
		if f.Severity == worst(w) && f.Severity != genesys.OK {
			says = said{st.warn, plain.Line(f.Message)}
			break
		}
	}
	switch {
	case w.Problem != "":
		return said{st.bad, "✗"}, said{st.bad, plain.Line(w.Problem)}
	case worst(w) == genesys.Failure:
		return said{st.bad, "✗"}, said{st.bad, says.text}
	case worst(w) == genesys.Warning:
		return said{st.warn, "!"}, says
	}
	return said{st.good, "✓"}, said{st.quiet, plain.Line(w.Status)}
}

// worst is the gravest severity of a configuration's findings.
func worst(w genesys.Webhook) genesys.Severity {
	found := genesys.OK
	if w.Problem != "" {
		found = genesys.Failure
	}
	for _, f := range w.Findings {
		if f.Severity == genesys.Failure || f.Severity == genesys.Warning && found == genesys.OK {
			found = f.Severity
		}
	}
	return found
}

// worstFirst orders configurations: what does not work, what is doubtful, the rest; within that as they came.
func worstFirst(hooks []genesys.Webhook) []genesys.Webhook {
	gravity := func(w genesys.Webhook) int {
		return slices.Index([]genesys.Severity{genesys.Failure, genesys.Warning, genesys.OK}, worst(w))
	}
	sorted := slices.Clone(hooks)
	slices.SortStableFunc(sorted, func(a, b genesys.Webhook) int { return gravity(a) - gravity(b) })
	return sorted
}

// explain is a heading and a text below it, which need not be clean, wrapped to the box.
func explain(box rect, heading said, st style, text string) []string {
	lines := []string{newLine(box.w).skip(1).add(heading.style, heading.text).String()}
	for _, part := range fold(text, box.w-2, box.h) {
		lines = append(lines, newLine(box.w).skip(1).add(st, part).String())
	}
	return fill(lines, box.w, box.h)
}

// current is the configuration that the cursor is on.
func (p *webhooks) current(s *state) (genesys.Webhook, bool) {
	if p.scroll.at >= len(s.hooks.Webhooks) {
		return genesys.Webhook{}, false
	}
	return s.hooks.Webhooks[p.scroll.at], true
}

func (p *webhooks) move(s *state, m motion, h int) { p.scroll.move(m, len(s.hooks.Webhooks), h) }

func (p *webhooks) point(s *state, y, h int) {
	p.scroll.at = max(0, p.scroll.top+y-p.first)
	p.scroll.fit(len(s.hooks.Webhooks), h)
}

func hooksFailed(m *Model) bool { return m.s.hooksErr != nil }

func hooksSound(m *Model) bool { return m.s.hooksErr == nil }

// needsHook says why there is no configuration whose letters could be shown.
func needsHook(m *Model) string {
	if why := needsWebhooks(m); why != "" {
		return why
	}
	if !hooksRead(m) {
		return "there is no configuration here"
	}
	return needsHookEndpoint(m)
}
