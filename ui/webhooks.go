package ui

import (
	"fmt"
	"slices"

	"rehook/genesys"
	"rehook/ui/plain"
)

// webhooks is the pane of the organization's webhook configurations.
type webhooks struct{ scroll scroll }

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
		return explain(box, said{st.strong, "no organization is configured"}, st.quiet, plain.Line(s.cfg.WebhooksHint))
	case s.hooksErr != nil && len(s.hooks.Webhooks) == 0:
		return explain(box, said{st.bad, "✗ reading them failed"}, "", plain.Line(s.hooksErr.Error()))
	case s.hooksLoading:
		return centred(box.w, box.h, said{st.quiet, spinner(s.now) + " reading the configurations"})
	case len(s.hooks.Webhooks) == 0:
		return centred(box.w, box.h, said{st.quiet, "the organization has no webhooks"})
	}
	p.scroll.fit(len(s.hooks.Webhooks), box.h)
	var lines []string
	for i := p.scroll.top; i < min(len(s.hooks.Webhooks), p.scroll.top+box.h); i++ {
		lines = append(lines, p.row(s, box.w, i))
	}
	return fill(lines, box.w, box.h)
}

func (p *webhooks) row(s *state, w, i int) string {
	hook, l := s.hooks.Webhooks[i], newLine(w)
	if i == p.scroll.at && s.focus == webhooksPane {
		l.on(s.styles.cursor, s.styles.cursorAll)
	}
	sign, says := s.hookWords(hook)
	third := max(14, w*2/5)
	l.skip(1).add(sign.style, sign.text).skip(1).cell("", plain.Short(hook.Name, third), third).skip(1)
	if w > 70 {
		l.cell(s.styles.quiet, endpointCell(hook.Endpoint, third), third).skip(1)
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

// explain is a heading and a text below it, wrapped to the box.
func explain(box rect, heading said, st style, text string) []string {
	lines := []string{newLine(box.w).skip(1).add(heading.style, heading.text).String()}
	for _, part := range wrap(text, box.w-2) {
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
	p.scroll.at = p.scroll.top + y
	p.scroll.fit(len(s.hooks.Webhooks), h)
}
