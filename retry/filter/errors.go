package filter

import (
	"fmt"
	"unicode/utf8"
)

// Error says what is wrong with a filter.
type Error struct {
	Word    string // the word as it was written
	At      int    // where the word begins, in characters, from 1
	Problem string // what is wrong with it
	Hint    string // what would be right
}

// Error tells all of it in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("filter: %q at %d: %s: %s", e.Word, e.At, e.Problem, e.Hint)
}

func wrong(text string, from, to int, problem, hint string) *Error {
	return &Error{Word: text[from:to], At: utf8.RuneCountInString(text[:from]) + 1, Problem: problem, Hint: hint}
}
