package ui

import (
	"fmt"
	"slices"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui/plain"
)

// keptTales is how many the stream remembers, or a quarter more.
const keptTales = 1000

// tale is an event as the stream tells it: one that an operator cares about.
type tale struct {
	number   int // of all that were told, from 1
	at       time.Time
	kind     kind
	id       string
	endpoint string
	text     string // not clean
	final    bool   // it says what came of it
}

// kind is what an event means to the operator.
type kind int

const (
	fine kind = iota
	wrong
	grave
	neutral
)

func (t tale) line(s *state, w int) string {
	st := &s.styles
	look := map[kind]said{fine: {st.good, "✓"}, wrong: {st.warn, "✗"}, grave: {st.bad, "!"}, neutral: {st.quiet, "·"}}[t.kind]
	l := newLine(w).skip(1).add(st.quiet, timeOfDay(t.at)).skip(2).add(look.style, look.text).skip(1)
	id, gap, endpoint := 8, 2, t.endpoint
	room := min(40, w/3)
	if w < 70 { // what came of it is worth more than where exactly
		id, gap, endpoint, room = 6, 1, host(t.endpoint), 16
	}
	switch {
	case t.id != "":
		l.cell(st.quiet, idCell(t.id, id), id).skip(gap)
	case t.endpoint != "": // of an endpoint: those stand in one column
		l.skip(id + gap)
	}
	if t.endpoint != "" {
		l.cell("", endpointCell(endpoint, room), room).skip(gap)
	}
	style := look.style
	if t.kind != grave {
		style = ""
	}
	return l.add(style, plain.Short(t.text, w)).String()
}

// tell adds what happened to the stream. A failure and what follows from it are one line; what only prepares
// an outcome is none. What the engine left out, because it was too much, is counted.
func (s *state) tell(events []retry.Event, missed int) {
	if missed > 0 {
		s.append(tale{at: s.status.At, kind: neutral, text: thousands(missed) + " events more, too many to tell"})
	}
	for _, e := range events {
		if s.follows(e) {
			continue
		}
		if t, ok := s.taleOf(e); ok {
			t.at = e.When()
			if r := s.letters.byID[t.id]; r != nil && t.endpoint == "" {
				t.endpoint = r.Letter.OriginalEndpoint
			}
			s.append(t)
		}
	}
	if len(s.told) > keptTales+keptTales/4 { // not with every event: what is kept is copied
		s.told = slices.Clone(s.told[len(s.told)-keptTales:])
	}
	s.tellings++
}

// append adds a tale.
func (s *state) append(t tale) {
	s.tales++
	t.number = s.tales
	s.told = append(s.told, t)
}

// follows tells whether an event only says what came of a failure, and adds it to that.
func (s *state) follows(e retry.Event) bool {
	if scheduled, ok := e.(retry.Scheduled); ok {
		s.followUp(scheduled.ID, wrong, "again in "+countdown(scheduled.Backoff))
		return true
	}
	if parked, ok := e.(retry.Parked); ok {
		return s.followUp(parked.ID, grave, "parked: "+parkWords(parked.Reason))
	}
	return false
}

// followUp adds to the line of a letter's failure what came of it, if that was told lately.
func (s *state) followUp(id string, k kind, text string) bool {
	for i := len(s.told) - 1; i >= max(0, len(s.told)-16); i-- {
		if t := &s.told[i]; t.id == id && t.kind == wrong && !t.final {
			t.text, t.kind, t.final = t.text+", "+text, k, true
			return true
		}
	}
	return false
}

func (s *state) taleOf(e retry.Event) (tale, bool) {
	switch e := e.(type) {
	case retry.Captured:
		return tale{kind: neutral, id: e.ID, endpoint: e.Endpoint, text: "captured after " + outcomeWords(e.Status, "")}, true
	case retry.Delivered:
		return tale{kind: fine, id: e.ID, endpoint: e.Endpoint, text: fmt.Sprintf("%d in %s, try %d", e.Status, latency(e.Latency), e.RetryCount+1)}, true
	case retry.Failed:
		return tale{kind: wrong, id: e.ID, endpoint: e.Endpoint, text: outcomeWords(e.Status, e.Error)}, true
	case retry.Parked:
		return tale{kind: grave, id: e.ID, endpoint: e.Endpoint, text: "parked: " + parkWords(e.Reason)}, true
	case retry.Released:
		return tale{kind: neutral, id: e.ID, text: "released by " + s.who(e.By)}, true
	case retry.Deleted:
		return tale{kind: neutral, id: e.ID, text: "deleted by " + s.who(e.By)}, true
	case retry.Edited:
		return tale{kind: neutral, id: e.ID, text: "edited by " + s.who(e.By)}, true
	case retry.Held:
		return tale{kind: neutral, id: e.ID, text: s.holdWords(e)}, true
	case retry.LeaseLost:
		return tale{kind: wrong, id: e.ID, text: "lease lost: another engine may have it"}, true
	case retry.BreakerMoved:
		return breakerTale(e), true
	case retry.Trouble:
		return tale{kind: grave, text: e.Message + " · " + e.Hint}, true
	case retry.Alert:
		return tale{kind: grave, text: e.Message + " · " + e.Hint}, true
	case retry.Received, retry.Scheduled, retry.Attempting, retry.DepthRead:
	}
	return tale{}, false
}

// holdWords tell holding a letter from letting it go by how the letter is now: the event is the same.
func (s *state) holdWords(e retry.Held) string {
	switch r := s.letters.byID[e.ID]; {
	case r == nil:
		return "held or let go by " + s.who(e.By)
	case r.HeldBy == "":
		return "let go by " + s.who(e.By)
	}
	return "held by " + s.who(e.By)
}

func breakerTale(e retry.BreakerMoved) tale {
	t := tale{endpoint: e.Endpoint}
	switch e.State {
	case retry.Open:
		t.kind, t.text = grave, "breaker open until "+timeOfDay(e.Until)
	case retry.HalfOpen:
		t.kind, t.text = neutral, "breaker lets a probe through"
	case retry.Closed:
		t.kind, t.text = fine, "breaker closed: it is back"
	}
	return t
}

// outcomeWords say how an attempt ended.
func outcomeWords(status int, cause string) string {
	word := failure(status, cause)
	if word == "" {
		return "no response"
	}
	return word
}

// parkWords say why a letter was parked.
func parkWords(r deadletter.ParkReason) string {
	switch r {
	case deadletter.Exhausted:
		return "every attempt failed"
	case deadletter.Unauthorized:
		return "unauthorized"
	case deadletter.Rejected:
		return "rejected"
	case deadletter.Unreadable:
		return "unreadable"
	case deadletter.ByOperator:
		return "by hand"
	}
	return string(r)
}
