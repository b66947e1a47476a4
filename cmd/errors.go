package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rehook/cmd/config"
	"rehook/sqsclient"
	"rehook/sqsclient/localsqs"
	"rehook/ui/plain"
)

// failure is an error with what to do about it and the exit code that it ends in.
type failure struct {
	err  error
	hint string
	code int
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Hint() string  { return f.hint }
func (f *failure) Unwrap() error { return f.err }

// misused is a command line that cannot be understood.
func misused(c *cobra.Command, err error) error {
	return &failure{err: err, hint: fmt.Sprintf("%q lists commands and flags", c.CommandPath()+" --help"), code: Usage}
}

// report prints an error, if there is one, and gives the exit code.
func (a *app) report(ctx context.Context, err error, asJSON bool) int {
	if err == nil {
		return OK
	}
	message, hint, code := describe(ctx, err)
	if asJSON {
		_ = writeJSON(a.stderr, struct { // if standard error is closed, nobody is left to tell
			Error string `json:"error"`
			Hint  string `json:"hint"`
		}{message, hint})
		return code
	}
	_, _ = fmt.Fprintf(a.stderr, "rehook: %s\n", message)
	if hint != "" {
		_, _ = fmt.Fprintf(a.stderr, "hint: %s\n", hint)
	}
	return code
}

// describe turns an error into a sentence, what to do, and the exit code.
func describe(ctx context.Context, err error) (message, hint string, code int) {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return "interrupted", "", Interrupted
	}
	if advised, ok := errors.AsType[advisor](err); ok {
		hint = advised.Hint()
	}
	return strings.Join(plain.Lines(err.Error()), "\n"), plain.Line(hint), codeOf(err)
}

// advisor is an error that says what to do.
type advisor interface {
	error
	Hint() string
}

// codeOf is the exit code of an error.
func codeOf(err error) int {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	if refused, ok := errors.AsType[*config.Error](err); ok {
		if refused.Origin.Source == config.Flag {
			return Usage
		}
		return Configuration
	}
	if is[*sqsclient.CredentialsError](err) || is[*sqsclient.RegionError](err) || is[*localsqs.InUseError](err) {
		return Configuration
	}
	if is[*sqsclient.MissingQueueError](err) || is[*sqsclient.UnreachableError](err) || is[*sqsclient.BusyError](err) || is[*sqsclient.StoreError](err) {
		return Unreachable
	}
	return Partly
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// wantsJSON finds whether errors are to be JSON, also where the command line could not be understood as a whole.
func wantsJSON(args []string, lookup func(string) (string, bool)) bool {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	format := flags.StringP("output", "o", "", "")
	_ = flags.Parse(args) // what is wrong with the rest has been said
	fromEnvironment, _ := lookup("REHOOK_OUTPUT")
	switch cmp.Or(*format, fromEnvironment) {
	case "json", "ndjson":
		return true
	}
	return false
}

// writeJSON writes v as one line.
func writeJSON(w io.Writer, v any) error { return encode(w, v, "") }
