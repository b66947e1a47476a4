package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rehook/retry"
	"rehook/ui/plain"
)

// outcome shows how a command over many letters goes, and letter by letter what became of it. It stays until
// it is dismissed.
type outcome struct {
	task    *task
	verb    verb
	total   int
	pending map[string]bool // letters of which nothing has been heard
	results []retry.Result  // as they are heard of, then as the engine answers
	ended   bool
	err     error
	stopped bool
	scroll  scroll
	height  int // rows of results that were drawn last
}

func newOutcome(t *task, p *plan) *outcome {
	o := &outcome{task: t, verb: p.verb, total: len(p.ids), pending: map[string]bool{}}
	for _, id := range p.ids {
		o.pending[id] = true
	}
	return o
}

// watch takes from the engine's events what has happened so far.
func (o *outcome) watch(events []retry.Event) {
	if o.ended {
		return
	}
	for _, e := range events {
		if r, ok := resultOf(e); ok && o.pending[r.ID] {
			delete(o.pending, r.ID)
			o.results = append(o.results, r)
			o.scroll.at = len(o.results) - 1
		}
	}
}

func resultOf(e retry.Event) (retry.Result, bool) {
	switch e := e.(type) {
	case retry.Delivered:
		return retry.Result{ID: e.ID, Did: retry.DidDeliver, Note: fmt.Sprintf("%d in %s", e.Status, latency(e.Latency))}, true
	case retry.Failed:
		return retry.Result{ID: e.ID, Did: retry.DidFail, Note: outcomeWords(e.Status, e.Error)}, true
	case retry.Parked:
		return retry.Result{ID: e.ID, Did: retry.DidPark, Note: parkWords(e.Reason)}, true
	case retry.Released:
		return retry.Result{ID: e.ID, Did: retry.DidRelease}, true
	case retry.Deleted:
		return retry.Result{ID: e.ID, Did: retry.DidDelete}, true
	case retry.Edited:
		return retry.Result{ID: e.ID, Did: retry.DidEdit}, true
	case retry.Held:
		return retry.Result{ID: e.ID, Did: retry.DidHold}, true
	case retry.Captured, retry.Received, retry.Scheduled, retry.Attempting, retry.LeaseLost, retry.BreakerMoved, retry.DepthRead, retry.Trouble, retry.Alert:
	}
	return retry.Result{}, false
}

// end takes the engine's own answer.
func (o *outcome) end(results []retry.Result, err error) {
	o.ended, o.err = true, err
	if len(results) > 0 {
		o.results = results
	}
	o.scroll = scroll{}
}

func (o *outcome) heading() string {
	if o.ended {
		return strings.ToUpper(o.verb.did)
	}
	return strings.ToUpper(o.verb.doing + " " + lettersWord(o.total))
}

func (o *outcome) lines(s *state, w, h int) []string {
	st := &s.styles
	lines := []string{newLine(w).String(), o.progress(s, w)}
	if o.err != nil && !errors.Is(o.err, context.Canceled) {
		lines = append(lines, newLine(w).add(st.bad, "✗ "+plain.Line(o.err.Error())).String())
	}
	if o.stopped {
		lines = append(lines, newLine(w).add(st.warn, "cancelled: what was not done yet is left as it was").String())
	}
	lines = append(lines, newLine(w).String())
	o.height = max(1, min(max(len(o.results), 1), h-len(lines)-2))
	o.scroll.fit(len(o.results), o.height)
	for i := o.scroll.top; i < min(len(o.results), o.scroll.top+o.height); i++ {
		lines = append(lines, o.result(s, w, i))
	}
	lines = append(lines, newLine(w).String())
	if o.ended {
		return append(lines, choices(s, w, "j k", "move", "esc", "dismiss"))
	}
	return append(lines, choices(s, w, "enter", "close: it goes on", "esc", pick(w < 64, "cancel: the rest stays", "cancel: the rest stays as it is")))
}

func (o *outcome) progress(s *state, w int) string {
	if o.ended {
		return newLine(w).add(s.styles.strong, tally(o.results)).String()
	}
	done := o.total - len(o.pending)
	full := 30 * done / max(1, o.total)
	return newLine(w).add(s.styles.accent, strings.Repeat("━", full)).add(s.styles.border, strings.Repeat("─", 30-full)).
		skip(2).add(s.styles.strong, fmt.Sprintf("%s of %s", thousands(done), thousands(o.total))).String()
}

func (o *outcome) result(s *state, w, i int) string {
	r, l := o.results[i], newLine(w)
	if i == o.scroll.at && o.ended {
		l.on(s.styles.cursor, s.styles.cursorAll)
	}
	look := didStyle(&s.styles, r.Did)
	return l.add(look.style, look.text).skip(1).cell(s.styles.quiet, idCell(r.ID, 8), 8).skip(2).
		cell(look.style, plain.Line(string(r.Did)), 10).skip(1).add("", plain.Line(r.Note)).String()
}

func (o *outcome) key(k tea.KeyPressMsg) action {
	switch k.String() {
	case "j", "down":
		o.scroll.move(down, len(o.results), o.height)
	case "k", "up":
		o.scroll.move(up, len(o.results), o.height)
	case "ctrl+d":
		o.scroll.move(halfDown, len(o.results), o.height)
	case "ctrl+u":
		o.scroll.move(halfUp, len(o.results), o.height)
	case "esc", "ctrl+c":
		if o.ended {
			return dismissed{}
		}
		o.stopped = true
		return cancelled{o.task.cancel}
	case "enter", "q": // the engine goes on with it
		return dismissed{}
	}
	return stay{}
}

// tally counts results: 198 delivered, 11 failed, 2 skipped.
func tally(results []retry.Result) string {
	counts := map[string]int{}
	for _, r := range results {
		counts[string(r.Did)]++
	}
	var words []string
	for _, did := range byCount(counts) {
		words = append(words, thousands(counts[did])+" "+plain.Line(did))
	}
	if len(words) == 0 {
		return "nothing was done"
	}
	return strings.Join(words, ", ")
}
