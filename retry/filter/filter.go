package filter

import (
	"sync/atomic"
	"time"

	"rehook/retry/deadletter"
)

// Facts are what is known of a letter that is not written in it.
type Facts struct {
	ExpiresAt time.Time // when the queue's retention drops it; zero: not known
}

// Filter is a compiled filter. It may be used by many goroutines.
type Filter struct {
	terms  []term
	gaveUp atomic.Int64
}

type term struct {
	negated bool
	matches predicate
}

// predicate says whether a letter has what one word asks for.
type predicate func(s *subject) bool

// subject is a letter that is looked at.
type subject struct {
	*deadletter.Letter
	now    time.Time
	facts  Facts
	filter *Filter
	gaveUp bool // a predicate could not tell in time
}

// Parse compiles a filter. An empty one matches every letter. Its error is an [*Error].
func Parse(text string) (*Filter, error) {
	words, err := scan(text)
	if err != nil {
		return nil, err
	}
	f := &Filter{}
	for _, w := range words {
		matches, err := w.compile()
		if err != nil {
			return nil, err
		}
		f.terms = append(f.terms, term{w.negated, matches})
	}
	return f, nil
}

// Match says whether a letter is selected at a moment.
func (f *Filter) Match(l *deadletter.Letter, now time.Time, facts Facts) bool {
	s := &subject{Letter: l, now: now, facts: facts, filter: f}
	for _, t := range f.terms {
		if t.matches(s) == t.negated || s.gaveUp {
			return false
		}
	}
	return true
}

// GaveUp is how often a jq expression took too long to judge a letter. Such a letter is not selected, whether the
// expression is negated or not: what is selected is known to match, but there may be more. After ten of them the
// rest is not judged at all.
func (f *Filter) GaveUp() int64 { return f.gaveUp.Load() }
