package ui

import (
	"fmt"
	"slices"
	"strings"

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
	columns := p.columns(s, box.w)
	lines := above
	if columns.delivers > 0 && len(above)+rows+len(below) < box.h {
		lines = append(lines, columns.header(s, box.w))
	}
	p.first = len(lines)
	for i := p.scroll.top; i < p.scroll.top+rows; i++ {
		lines = append(lines, p.row(s, box.w, i, columns))
	}
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
// to do, its endpoint, and what it is. Only the pane in focus has it.
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
	put(st.quiet, "·", strings.Join(s.traits(hook), " · "))
	return lines
}

// traits are what a configuration is, in words that need not be clean. What Genesys does not say is left out.
func (s *state) traits(w genesys.Webhook) []string {
	var says []string
	for _, word := range []string{w.Kind, w.Direction} {
		if word != "" {
			says = append(says, word)
		}
	}
	if len(w.Events) > 0 {
		says = append(says, "delivers "+strings.Join(w.Events, ", "))
	}
	if w.Status != "" {
		says = append(says, "status "+w.Status)
	}
	if !w.ModifiedAt.IsZero() {
		says = append(says, "changed "+when(s, w.ModifiedAt))
	}
	return says
}

// hookColumns are the widths of what is said of each configuration; 0 leaves a column out. What is wrong has the rest.
type hookColumns struct{ name, endpoint, delivers, status int }

// statusRoom is the width of Genesys' own word for how a configuration is.
const statusRoom = 9

// columns fit what the longest needs, as far as there is room.
func (p *webhooks) columns(s *state, w int) hookColumns {
	var c hookColumns
	for _, hook := range s.hooks.Webhooks {
		c.name = max(c.name, plain.Width(plain.Line(hook.Name)))
		c.endpoint = max(c.endpoint, plain.Width(endpointCell(hook.Endpoint, w)))
		c.delivers = max(c.delivers, plain.Width(delivers(hook)))
	}
	c.name = min(c.name, max(14, w*2/5))
	switch {
	case w <= 70:
		return hookColumns{name: c.name}
	case w < 110:
		return hookColumns{name: c.name, endpoint: min(c.endpoint, w/3)}
	}
	return hookColumns{c.name, min(max(c.endpoint, 8), w/4), min(max(c.delivers, 8), w/5), statusRoom}
}

// delivers says in which direction a configuration goes, and what it carries. Clean.
func delivers(w genesys.Webhook) string {
	sign := map[string]string{"outbound": "→ ", "inbound": "← "}[w.Direction]
	if len(w.Events) == 0 {
		return sign + plain.Line(w.Kind)
	}
	return sign + plain.Line(strings.Join(w.Events, ", "))
}

func (c hookColumns) header(s *state, w int) string {
	l := newLine(w).skip(3).cell("", "NAME", c.name).skip(2).cell("", "ENDPOINT", c.endpoint).skip(2).
		cell("", "DELIVERS", c.delivers).skip(2).cell("", "STATUS", c.status).skip(2).add("", "FINDING")
	return newLine(w).add(s.styles.quiet, l.String()).String()
}

func (p *webhooks) row(s *state, w, i int, c hookColumns) string {
	hook, l := s.hooks.Webhooks[i], newLine(w)
	if i == p.scroll.at && s.focus == webhooksPane {
		l.on(s.styles.cursor, s.styles.cursorAll)
	}
	sign, says := s.hookWords(hook)
	l.skip(1).add(sign.style, sign.text).skip(1).cell("", plain.Short(hook.Name, c.name), c.name).skip(2)
	if c.endpoint > 0 {
		l.cell(s.styles.quiet, endpointCell(hook.Endpoint, c.endpoint), c.endpoint).skip(2)
	}
	if c.delivers > 0 {
		l.cell("", plain.Truncate(delivers(hook), c.delivers), c.delivers).skip(2).
			cell(s.styles.quiet, plain.Short(hook.Status, c.status), c.status).skip(2)
		if worst(hook) == genesys.OK {
			says = said{s.styles.quiet, "nothing found"}
		}
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
