package ui

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// shownBody bounds how much of a body the request shows; all of it is in the payload's tab.
const shownBody = 16 << 10

// bodyLines bounds how many rows one line of a body takes.
const bodyLines = 64

// requestLines are the request as it would be sent, with the payload as it may be shown, and the other secrets masked
// unless they were asked for.
func requestLines(s *state, r *row, payload []byte, w int) []string {
	st, letter := &s.styles, r.Letter
	lines := named(w, said{st.strong, "POST"}, " ", requestTarget(letter.OriginalEndpoint, s.unmasked == letter.ID)+" HTTP/1.1")
	header := s.requestHeader(letter)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			if s.unmasked != letter.ID {
				value = deadletter.MaskHeader(name, value)
			}
			lines = append(lines, named(w, said{st.accent, plain.Short(name, w/2)}, ": ", value)...)
		}
	}
	if s.cfg.Header == nil {
		lines = append(lines, newLine(w).skip(1).add(st.quiet, "(the letter's own headers; more are added when it is sent)").String())
	}
	lines = append(lines, plain.Spaces(w))
	if letter.PayloadElsewhere() {
		return append(lines, newLine(w).skip(1).add(st.quiet, whereabouts(letter)).String())
	}
	body := payload[:min(len(payload), shownBody)]
	if !utf8.Valid(letter.Payload) {
		return append(lines, newLine(w).skip(1).add(st.quiet, size(len(letter.Payload))+" that are not text").String())
	}
	for _, text := range plain.Lines(string(body)) {
		for _, part := range foldClean(text, w-2, bodyLines) {
			lines = append(lines, newLine(w).skip(1).add("", part).String())
		}
	}
	return lines
}

// named is a name and the value after it, the rest of a long one below its beginning. The value need not be clean.
func named(w int, name said, between, value string) []string {
	var lines []string
	at := plain.Width(name.text + between)
	for i, part := range fold(value, w-at-2, shownLines) {
		l := newLine(w).skip(1)
		if i == 0 {
			l.add(name.style, name.text+between)
		} else {
			l.skip(at)
		}
		lines = append(lines, l.add("", part).String())
	}
	return lines
}

// requestHeader is what is sent: as the engine's owner says, else the letter's own headers and ours.
func (s *state) requestHeader(letter *deadletter.Letter) http.Header {
	header := http.Header{}
	if s.cfg.Header != nil {
		header = s.cfg.Header(letter).Clone()
	} else {
		maps.Copy(header, http.Header(letter.Headers))
	}
	header.Set("Host", host(letter.OriginalEndpoint))
	header.Set("Content-Length", fmt.Sprint(letter.PayloadBytes()))
	return header
}

func requestTarget(endpoint string, unmasked bool) string {
	if !unmasked {
		endpoint = deadletter.MaskURL(endpoint)
	}
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		return strings.ReplaceAll(u.RequestURI(), url.QueryEscape(deadletter.Masked), deadletter.Masked)
	}
	return endpoint
}

// when says how long ago a moment was.
func when(s *state, t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return span(s.now.Sub(t)) + " ago"
}
