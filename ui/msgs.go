package ui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rehook/genesys"
	"rehook/retry"
	"rehook/retry/filter"
	"rehook/ui/plain"
)

// The messages that commands come back with.
type (
	// attached says that the engine has given a feed, or why not.
	attached struct {
		feed retry.Feed
		err  error
	}
	// updated carries what changed, merged.
	updated struct {
		feed   retry.Feed
		update retry.Update
		err    error
	}
	// ticked says that a moment that the screen waited for has come.
	ticked struct{ at time.Time }
	// rested says that the cursor has stayed on a letter for a moment.
	rested struct{ id string }
	// typed says that typing a filter has rested.
	typed struct{ text string }
	// sifted says which letters a filter lets through.
	sifted struct {
		asked  context.Context //nolint:containedctx // ends when the answer is no longer wanted
		filter *filter.Filter
		text   string
		rows   []*row
		fit    []bool // for each of them
	}
	// answered is the outcome of a command over letters.
	answered struct {
		task    int
		verb    verb
		results []retry.Result
		err     error
	}
	// planned is what the engine says that a command would do.
	planned struct {
		plan  *plan
		asked int // which of its questions this answers
		says  retry.Plan
		err   error
	}
	// resultsRead is what a command has come to.
	resultsRead struct {
		job     retry.Job
		results []retry.Result
		err     error
	}
	// obeyed is the outcome of a command to the engine itself.
	obeyed struct {
		done    string         // what has been done, in words
		results []retry.Result // of a command that is about an endpoint
		err     error
	}
	// redrawn asks whether a picture that waits can be drawn.
	redrawn struct{}
	// failed says that a command has a bug.
	failed struct {
		why   any
		stack []byte
	}
	// drafted says that a payload lies in a file for the editor, or why not.
	drafted struct {
		edit  *edit
		draft *draft
		err   error
	}
	// editorEnded says that the terminal is the screen's again.
	editorEnded struct {
		edit *edit
		err  error
	}
	// compared is what was made of a payload in the editor, and how that ended.
	compared struct {
		edit *edit
		made made
		err  error
	}
	// unreadable says why that cannot be known.
	unreadable struct {
		edit *edit
		err  error
	}
	// editAnswered is what became of an edit.
	editAnswered struct {
		edit     *edit
		answered answered
	}
	// exportMoved says that letters were written, or why not.
	exportMoved struct {
		export *export
		err    error
	}
	// exportEnded says that all of them were, or why they are not in the file.
	exportEnded struct {
		export *export
		err    error
	}
	// forgotten says why a command line could not be kept for later screens.
	forgotten struct{ err error }
	// webhooksRead carries the configurations of the organization.
	webhooksRead struct {
		listing genesys.Listing
		err     error
		byHand  bool // it was asked for: the regular reading goes on beside it
	}
)

// String is what is printed of it.
func (f failed) String() string {
	return strings.Join(plain.Lines(fmt.Sprintf("%v\n\n%s", f.why, f.stack)), "\n")
}
