package cmd

import (
	"cmp"
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

// What becomes of a letter that is imported.
const (
	didImport    retry.Did = "imported"
	didNotImport           = retry.DidFail // the queue may have it or not
	didSkip                = retry.DidSkip
)

// printOutcomes prints one row a letter, and gives what was not done as the error. That ctx has ended counts before that.
func (a *app) printOutcomes(ctx context.Context, format string, wanted retry.Did, all []outcome) error {
	if err := show(a.stdout, format, []string{"ID", "DID", "NOTE"}, all); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return failed(wanted, all)
}

// failed says which letters did not come to what was wanted, nil if all did.
func failed(wanted retry.Did, all []outcome) error {
	var others []outcome
	for _, o := range all {
		if o.Did != wanted {
			others = append(others, o)
		}
	}
	if len(others) == 0 {
		return nil
	}
	first := others[0]
	err := fmt.Errorf("letter %q: %s: %s", first.ID, first.Did, cmp.Or(first.Note, "no reason is known"))
	if len(all) > 1 {
		err = fmt.Errorf("%d of %d were not %s; %w", len(others), len(all), wanted, err)
	}
	return &failure{err: err, code: Partly}
}
