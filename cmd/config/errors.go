package config

import "slices"

// Error is a setting that cannot be used.
type Error struct {
	Origin  Origin // where the value came from; its text begins the message
	Message string // what is wrong with it
	Advice  string // what to do
	Err     error  // the cause, if there is one beneath
}

func (e *Error) Error() string { return e.Origin.String() + ": " + e.Message }

// Hint says what to do.
func (e *Error) Hint() string { return e.Advice }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Origin is where a value came from.
type Origin struct {
	Source Source
	Name   string // the flag, the variable, or file and line; "" for a default
}

// String gives what an operator would look for: --queue, REHOOK_QUEUE, rehook.yaml:3, default.
func (o Origin) String() string {
	if o.Source == Default {
		return string(Default)
	}
	return o.Name
}

// Source is one of the places where values are looked for.
type Source string

// The places, the weakest first.
const (
	Default     Source = "default"
	File        Source = "file"
	Environment Source = "environment"
	Flag        Source = "flag"
)

// strength grows from the weakest source to the strongest.
func (s Source) strength() int {
	return slices.Index([]Source{Default, File, Environment, Flag}, s)
}
