package cmd

import (
	"context"
	"fmt"

	"rehook/retry"
)

// outcome is what became of one letter of a command, as it is printed.
type outcome struct {
	ID   string    `json:"id"`
	Did  retry.Did `json:"did"`
	Note string    `json:"note,omitempty"`
}

func (o outcome) cells() []string { return []string{o.ID, string(o.Did), o.Note} }

// What the shell does to letters without an engine.
const (
	didImport    retry.Did = "imported"
	didNotImport           = retry.DidFail // the queue may have it or not
	didSkip                = retry.DidSkip
)

// left reports whether the letter is not what it was to become.
func (o outcome) left() bool { return o.Did == retry.DidFail || o.Did == retry.DidSkip }

// printOutcomes prints one row a letter, and what failed as the error. That ctx has ended counts before that.
func (a *app) printOutcomes(ctx context.Context, format string, done []outcome) error {
	if err := show(a.stdout, format, []string{"ID", "DID", "NOTE"}, done); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var first outcome
	n := 0
	for _, o := range done {
		if o.left() {
			if n++; n == 1 {
				first = o
			}
		}
	}
	switch {
	case n == 0:
		return nil
	case len(done) == 1:
		return &failure{err: fmt.Errorf("letter %q: %s: %s", first.ID, first.Did, first.Note), code: Partly}
	default:
		return &failure{err: fmt.Errorf("%d of %d letters failed or were left as they were; letter %q: %s", n, len(done), first.ID, first.Note), code: Partly}
	}
}
