package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rehook/retry/deadletter"
)

// Word is a property that a filter can ask for, as help and completion show it.
type Word struct {
	Name    string // without its operator
	Example string // as it is typed
	Help    string // what it selects

	compile func(w *word) (predicate, *Error)
}

const jqName = "jq"

// Words are all of them, in the order in which help shows them.
func Words() []Word {
	return []Word{
		{"status", "status:5xx", "HTTP status of the last failure: 503, 5xx, or 0 for no answer", status},
		{"endpoint", "endpoint:crm", "text in the endpoint's URL", textIn(endpoint)},
		{"reason", "reason:timeout", "text in why it failed, or the reason it was parked for", textIn(reasons)},
		{"retries", "retries>=3", "attempts made from the queue", retries},
		{"age", "age>2h", "time since the webhook first failed", age},
		{"expires", "expires<1d", "time until the queue drops it", expires},
		{"id", "id:7f3a", "how the letter's id begins", id},
		{"source", "source:eventbridge", "where it came from when not from the listener", textIn(source)},
		{jqName, `jq:.type=="Text"`, "payloads that make the jq expression true", compileJQ},
	}
}

func (w *word) compile() (predicate, error) {
	if w.name == "" {
		n := newNeedle(w.value)
		return func(s *subject) bool { return n.anywhere(s.Letter) }, nil
	}
	var names []string
	for _, known := range Words() {
		if known.Name == w.name {
			p, err := known.compile(w)
			if err != nil {
				return nil, err
			}
			return p, nil
		}
		names = append(names, known.Name)
	}
	return nil, w.wrong(fmt.Sprintf("there is no property %q", w.name),
		"there are "+strings.Join(names, ", ")+"; quote it to look for it as text")
}

// textIn compiles a property that asks for text within one of the letter's.
func textIn(texts func(*deadletter.Letter) []string) func(w *word) (predicate, *Error) {
	return func(w *word) (predicate, *Error) {
		if w.op != ":" && w.op != "=" {
			return nil, w.wrong("it is text and cannot be compared", w.name+":TEXT")
		}
		n := newNeedle(w.value)
		return func(s *subject) bool { return slices.ContainsFunc(texts(s.Letter), n.in) }, nil
	}
}

// endpoint is the URL as it is shown: what is masked is not found either.
func endpoint(l *deadletter.Letter) []string { return []string{deadletter.MaskURL(l.OriginalEndpoint)} }

func source(l *deadletter.Letter) []string { return []string{l.Source} }

// reasons are the words in which a letter says why it is here.
func reasons(l *deadletter.Letter) []string {
	r := []string{l.Error}
	if l.ErrorCode != 0 {
		r = append(r, strconv.Itoa(l.ErrorCode))
	}
	if l.Parked != nil {
		r = append(r, string(l.Parked.Reason))
	}
	return r
}

func id(w *word) (predicate, *Error) {
	if w.op != ":" && w.op != "=" {
		return nil, w.wrong("ids have no order", "id:7f3a")
	}
	return func(s *subject) bool {
		return len(s.ID) >= len(w.value) && strings.EqualFold(s.ID[:len(w.value)], w.value)
	}, nil
}

func status(w *word) (predicate, *Error) {
	if class, ok := statusClass(w.value); ok && (w.op == ":" || w.op == "=") {
		return func(s *subject) bool { return s.ErrorCode/100 == class }, nil
	}
	n, err := strconv.ParseUint(w.value, 10, 16)
	if err != nil || n > 999 {
		return nil, w.wrong("it is no status", "status:503, status:5xx, status>=500, or status:0 for no answer")
	}
	holds := compared(w.op, int(n))
	return func(s *subject) bool { return holds(s.ErrorCode) }, nil
}

// statusClass reads 5xx as 5.
func statusClass(s string) (int, bool) {
	if len(s) != 3 || s[0] < '1' || s[0] > '9' || !strings.EqualFold(s[1:], "xx") {
		return 0, false
	}
	return int(s[0] - '0'), true
}

func retries(w *word) (predicate, *Error) {
	n, err := strconv.ParseUint(w.value, 10, 31)
	if err != nil {
		return nil, w.wrong("it is no number of attempts", "retries:0 or retries>=3")
	}
	holds := compared(w.op, int(n))
	return func(s *subject) bool { return holds(s.RetryCount) }, nil
}

func age(w *word) (predicate, *Error) {
	holds, err := comparedDuration(w)
	if err != nil {
		return nil, err
	}
	return func(s *subject) bool { return !s.Timestamp.IsZero() && holds(s.now.Sub(s.Timestamp)) }, nil
}

func expires(w *word) (predicate, *Error) {
	holds, err := comparedDuration(w)
	if err != nil {
		return nil, err
	}
	return func(s *subject) bool { return !s.facts.ExpiresAt.IsZero() && holds(s.facts.ExpiresAt.Sub(s.now)) }, nil
}

func comparedDuration(w *word) (func(time.Duration) bool, *Error) {
	if w.op == ":" || w.op == "=" {
		return nil, w.wrong("a time is never exactly that", w.name+">2h or "+w.name+"<1d")
	}
	d, ok := parseDuration(w.value)
	if !ok {
		return nil, w.wrong("it is no length of time", w.name+w.op+"90s, 30m, 2h, 1d12h or 1w")
	}
	return compared(w.op, d), nil
}
