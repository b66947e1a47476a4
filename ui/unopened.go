package ui

import "errors"

// UnopenedError says that an engine has not begun because its queue does not answer. The screen asks again by itself.
type UnopenedError struct {
	Err  error
	Hint string // what to do about it
}

func (e *UnopenedError) Error() string { return e.Err.Error() }

// Unwrap gives what the queue did, or did not do.
func (e *UnopenedError) Unwrap() error { return e.Err }

// unopened is why the engine has not begun; nil if it has, or something else is the matter.
func (s *state) unopened() *UnopenedError {
	if e, ok := errors.AsType[*UnopenedError](s.lost); ok {
		return e
	}
	return nil
}
