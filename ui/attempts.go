package ui

import (
	"fmt"
	"slices"

	"rehook/ui/plain"
)

// attemptLines are the attempts of a letter, the latest first: when, what came back, how long it took, and
// below it what the endpoint said.
func attemptLines(s *state, r *row, w int) []string {
	st, letter := &s.styles, r.Letter
	lines := []string{newLine(w).skip(1).add(st.quiet, fmt.Sprintf("first failed %s · %s attempts from the queue%s",
		when(s, letter.Timestamp), s.tries(letter.RetryCount), sourceWords(letter.Source))).String()}
	number := letter.RetryCount
	for _, a := range slices.Backward(letter.Attempts) {
		l := newLine(w).skip(1).cellRight(st.quiet, fmt.Sprint(number), 3).skip(2).
			add("", timeOfDay(a.At)).skip(2).cell(st.quiet, when(s, a.At), 10).skip(1).
			cell(statusStyle(st, a.Status), plain.Short(failure(a.Status, a.Error), 11), 11).skip(1).
			cellRight("", latency(a.Latency), 8).skip(2)
		if a.RetryAfter > 0 {
			l.add(st.warn, "retry-after "+countdown(a.RetryAfter)).skip(2)
		}
		whole := fold(a.Error, w-9, shownLines)
		if len(whole) == 1 && plain.Width(whole[0]) < l.left() {
			l.add(st.quiet, whole[0])
			whole = nil
		}
		lines = append(lines, l.String())
		for _, part := range whole {
			lines = append(lines, newLine(w).skip(8).add(st.quiet, part).String())
		}
		if a.Response != "" {
			lines = append(lines, response(st, a.Response, w)...)
		}
		number--
	}
	return lines
}

// response is what an endpoint answered with.
func response(st *styles, text string, w int) []string {
	var lines []string
	for i, part := range fold(text, w-9, shownLines) {
		lines = append(lines, newLine(w).skip(6).add(st.quiet, pick(i == 0, "↳ ", "  ")).add("", part).String())
	}
	return lines
}

func sourceWords(source string) string {
	if source == "" {
		return ""
	}
	return " · from " + plain.Line(source)
}

func statusStyle(st *styles, status int) style {
	if status >= 400 && status < 500 {
		return st.warn
	}
	return st.bad
}
