package retry

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// TrendMinutes is how far back a cause's trend goes.
const TrendMinutes = 10

// Cause is a problem that letters have in common: they failed at one endpoint, for one reason, with answers of one
// shape. It counts the letters that this engine knows of.
type Cause struct {
	Key      string // the same for the same problem in every engine, and after a restart
	Endpoint string // scheme, host and port; "" for letters that nothing can be sent for
	Reason   string // a status, a [delivery.Kind], or why letters that cannot be sent are parked
	Shape    string // of the answers, or of the words for there being none: see [Shape]

	Waiting int // letters in the inventory
	Parked  int // letters that are known to be parked

	First time.Time         // when the first of them failed so, as far as is known
	Last  time.Time         // when the last one did
	Trend [TrendMinutes]int // failures in each of the last minutes, the current one last
}

// Count is how many letters have the cause.
func (c Cause) Count() int { return c.Waiting + c.Parked }

const (
	causesMost = 1000 // told apart; the others are one
	shapesMost = 20   // of one endpoint and reason that are told apart: an endpoint that answers at random is still one
)

// The keys of no problem, and of those that are not told apart.
const (
	otherCauses = "other"
	otherShapes = "various answers"
)

// problem is what a cause is made of.
type problem struct {
	endpoint string
	reason   string
	shape    string
}

// key is a sum, so that nobody can make another problem of the same key.
func (p problem) key() string {
	if p.reason == otherCauses {
		return otherCauses
	}
	sum := sha256.Sum256([]byte(p.endpoint + "\x00" + p.reason + "\x00" + p.shape))
	return hex.EncodeToString(sum[:8])
}

// cause is a problem and the count of its letters.
type cause struct {
	problem
	Cause
	minute int64 // that Trend ends with, since 1970
}

// turn moves the trend on to the minute of now.
func (c *cause) turn(now time.Time) {
	minute := now.Unix() / 60
	passed := min(max(minute-c.minute, 0), TrendMinutes)
	copy(c.Trend[:], c.Trend[passed:])
	clear(c.Trend[TrendMinutes-passed:])
	c.minute = max(c.minute, minute)
}

// count is of the letters that wait, or that are parked.
func (c *cause) count(parked bool) *int {
	if parked {
		return &c.Parked
	}
	return &c.Waiting
}

// causes are those of all letters that are known.
type causes struct {
	byProblem map[problem]*cause
	shapes    map[problem]int // how many are told apart, by endpoint and reason
	listed    []Cause         // as they were last told
	minute    int64           // when that was
	changed   bool            // since
}

// find gives a problem's cause, or the one that stands for those that are not told apart.
func (cs *causes) find(p problem, now time.Time) *cause {
	if c := cs.byProblem[p]; c != nil {
		return c
	}
	if cs.byProblem == nil {
		cs.byProblem, cs.shapes = map[problem]*cause{}, map[problem]int{}
	}
	where := problem{endpoint: p.endpoint, reason: p.reason}
	switch {
	case p.reason == otherCauses:
	case p.shape != otherShapes && cs.shapes[where] >= shapesMost:
		p.shape = otherShapes
		return cs.find(p, now)
	case len(cs.byProblem) >= causesMost:
		return cs.find(problem{reason: otherCauses}, now)
	}
	c := &cause{problem: p, Cause: Cause{Key: p.key(), Endpoint: p.endpoint, Reason: p.reason, Shape: p.shape}, minute: now.Unix() / 60}
	cs.byProblem[p] = c
	cs.shapes[where]++
	return c
}

// failed tells the trend of a failure.
func (c *cause) failed(at, now time.Time) {
	if ago := now.Unix()/60 - at.Unix()/60; ago >= 0 && ago < TrendMinutes {
		c.turn(now)
		c.Trend[TrendMinutes-1-ago]++
	}
}

// join gives the cause of a letter that is to be counted.
func (cs *causes) join(p problem, letter *deadletter.Letter, now time.Time) *cause {
	c := cs.find(p, now)
	first, last := failedFrom(letter, now)
	if c.First.IsZero() || first.Before(c.First) {
		c.First = first
	}
	if last.After(c.Last) {
		c.Last = last
	}
	cs.changed = true
	return c
}

// left is told when a letter has left a cause. One without letters is forgotten.
func (cs *causes) left(c *cause) {
	cs.changed = true
	if c.Count() > 0 {
		return
	}
	delete(cs.byProblem, c.problem)
	where := problem{endpoint: c.endpoint, reason: c.reason}
	if cs.shapes[where]--; cs.shapes[where] == 0 {
		delete(cs.shapes, where)
	}
}

// list gives all causes, the largest first.
func (cs *causes) list(now time.Time) []Cause {
	if minute := now.Unix() / 60; cs.changed || cs.minute != minute {
		cs.changed, cs.minute = false, minute
		cs.listed = make([]Cause, 0, len(cs.byProblem)) // those who were told keep what they were told
		for c := range maps.Values(cs.byProblem) {
			c.turn(now)
			cs.listed = append(cs.listed, c.Cause)
		}
		slices.SortFunc(cs.listed, func(a, b Cause) int {
			return cmp.Or(cmp.Compare(b.Count(), a.Count()), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Shape, b.Shape))
		})
	}
	return cs.listed
}

// problemOf says what is the matter with a letter. The lane is the one that it is in, or nil.
func problemOf(l *deadletter.Letter, in *lane) problem {
	if l.OriginalEndpoint == "" {
		why, _, _ := strings.Cut(l.Error, "; before that: ")
		if l.Source == deadletter.SourceUnreadable {
			return problem{reason: string(deadletter.Unreadable), shape: Shape(0, why)}
		}
		return problem{reason: "no endpoint", shape: Shape(0, why)}
	}
	endpoint, err := laneOf(l.OriginalEndpoint, in)
	if err != nil {
		return problem{reason: string(delivery.BadURL), shape: Shape(0, err.Error())}
	}
	reason, words := reasonOf(l)
	return problem{endpoint: endpoint, reason: reason, shape: Shape(l.ErrorCode, words)}
}

// laneOf is [delivery.EndpointOf], which need not be asked where the URL plainly is one of the lane's.
func laneOf(rawURL string, in *lane) (string, error) {
	if in != nil {
		if path, ok := strings.CutPrefix(rawURL, in.endpoint); ok && strings.HasPrefix(path, "/") {
			return in.endpoint, nil
		}
	}
	return delivery.EndpointOf(rawURL)
}

// reasonOf gives the reason for which a letter is here, and the words that say more of it.
func reasonOf(l *deadletter.Letter) (reason, words string) {
	if l.ErrorCode != 0 {
		return strconv.Itoa(l.ErrorCode), answerOf(l)
	}
	kind := delivery.KindOf(l.Error)
	if l.Parked != nil && (kind == "" || kind == delivery.OtherKind) {
		switch l.Parked.Reason {
		case deadletter.Unauthorized, deadletter.Rejected, deadletter.Unreadable:
			return string(l.Parked.Reason), l.Error
		case deadletter.Exhausted, deadletter.ByOperator: // it failed before that, or did not
		}
	}
	if kind == "" {
		return "not attempted", ""
	}
	return string(kind), l.Error
}

// answerOf is what the endpoint answered last; where it answered nothing, or with a redirect, the words for that.
func answerOf(l *deadletter.Letter) string {
	if n := len(l.Attempts); n > 0 && l.Attempts[n-1].Status == l.ErrorCode && l.ErrorCode/100 != 3 {
		if answer := strings.TrimSpace(l.Attempts[n-1].Response); answer != "" {
			return answer
		}
	}
	if l.Error == "" {
		return ""
	}
	return strings.TrimPrefix(strings.TrimPrefix(l.Error, strconv.Itoa(l.ErrorCode)+" "), http.StatusText(l.ErrorCode))
}

// failedFrom is since when a letter has failed as it does, as far as it says, and when it did so last.
func failedFrom(l *deadletter.Letter, now time.Time) (first, last time.Time) {
	first, last = l.Timestamp, l.Timestamp
	if n := len(l.Attempts); n > 0 {
		newest := l.Attempts[n-1]
		last = newest.At
		for _, a := range slices.Backward(l.Attempts) {
			if a.Status != newest.Status || a.Status == 0 && a.Error != newest.Error {
				break
			}
			first = a.At
		}
	}
	return past(first, now), past(last, now)
}

// past is a moment, or now where that lies behind or is not known: whoever wrote the letter may have a clock of its own.
func past(t, now time.Time) time.Time {
	if t.IsZero() || t.After(now) {
		return now.UTC().Round(0)
	}
	return t
}
