package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rehook/retry"
	"rehook/ui/plain"
)

// reported bounds each part of a report: what matters most comes first.
const reported = 10

// report says how things are, for who sees no screen.
func (t *teletype) report() []string {
	s := &t.s
	title := nonEmpty("rehook", pick(s.cfg.Production, "PRODUCTION", ""), plain.Line(s.cfg.Title), pick(s.cfg.ReadOnly, "read-only", ""),
		plain.Line(s.status.Queue), plain.Line(s.status.Where))
	lines := []string{"", strings.Join(title, " · ")}
	t.told, t.toldAt = t.figures(), s.now
	lines = append(lines, t.told)
	if !s.status.FirstExpiry.IsZero() {
		lines = append(lines, "first expires in "+span(s.status.FirstExpiry.Sub(s.now)))
	}
	lines = append(lines, t.part("ENDPOINTS", t.lanes())...)
	lines = append(lines, t.part("CAUSES", t.causes())...)
	lines = append(lines, t.part("OLDEST LETTERS", t.oldest())...)
	return append(lines, "", `WHAT HAPPENS, until it is interrupted ("rehook ls" and "rehook redrive" work)`)
}

// part is a heading and what is below it, or that there is nothing.
func (t *teletype) part(heading string, rows []string) []string {
	lines := []string{"", heading}
	if len(rows) == 0 {
		return append(lines, "  none")
	}
	lines = append(lines, rows[:min(len(rows), reported)]...)
	if more := len(rows) - reported; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %s more", thousands(more)))
	}
	return lines
}

func (t *teletype) lanes() []string {
	var rows []string
	for _, lane := range t.s.lanes() {
		sign, state := t.s.laneWords(lane, lanePlan{state: 24})
		rows = append(rows, newLine(teletypeWidth).skip(2).add("", sign.text).skip(1).cell("", plain.Short(host(lane.Endpoint), 36), 36).
			cellRight("", thousands(lane.Waiting), 8).add("", " waiting  "+state.text).String())
	}
	return rows
}

func (t *teletype) causes() []string {
	causes := slices.SortedFunc(slices.Values(t.s.status.Causes), func(a, b retry.Cause) int { return cmp.Compare(b.Count(), a.Count()) })
	var rows []string
	for _, c := range causes {
		rows = append(rows, newLine(teletypeWidth).cellRight("", thousands(c.Count()), 8).skip(2).cell("", plain.Short(c.Reason, 12), 12).skip(1).
			cell("", plain.Short(host(c.Endpoint), 24), 24).skip(1).cellRight("", "since "+span(t.s.now.Sub(c.First)), 12).skip(1).
			add("", plain.Short(c.Shape, teletypeWidth)).String())
	}
	return rows
}

// oldest are the letters that have failed first.
func (t *teletype) oldest() []string {
	var all []*row
	for _, r := range t.s.letters.byID {
		if r.Phase != retry.Done {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *row) int {
		return cmp.Or(a.Letter.Timestamp.Compare(b.Letter.Timestamp), strings.Compare(a.Letter.ID, b.Letter.ID))
	})
	rows := make([]string, 0, reported+1)
	for _, r := range all[:min(len(all), reported)] {
		rows = append(rows, newLine(teletypeWidth).skip(2).cell("", idCell(r.Letter.ID, 8), 8).skip(2).cell("", endpointCell(r.Letter.OriginalEndpoint, 32), 32).skip(1).
			cell("", plain.Short(r.why(), 10), 10).skip(1).cellRight("", span(t.s.now.Sub(r.Letter.Timestamp))+" old", 9).
			add("", pick(r.Phase == retry.InParked, "  parked", "")).String())
	}
	return rows
}
