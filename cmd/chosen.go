package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rehook/cmd/config"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// chosen are the letters of an operation, frozen.
type chosen struct {
	letters []retry.Entry
	ids     []string  // of letters
	others  []outcome // those that it is not done to
}

// leaveOut takes out of a redrive what this command may not send or knows no endpoint for. Its own engine, which may not
// either, would park such letters, though another one that runs with other settings delivers them.
func (b *chosen) leaveOut(ctx context.Context, cfg *config.Config, redrive retry.Redrive) error {
	g, err := newGuard(cfg)
	if err != nil {
		return err
	}
	refusals := map[string]string{} // by endpoint
	cannot := func(l *deadletter.Letter) string {
		endpoint, err := delivery.EndpointOf(destination(cfg, redrive.To, l))
		if err != nil {
			return "it names no endpoint that it could be sent to: " + err.Error()
		}
		why, asked := refusals[endpoint]
		if !asked {
			why = g.refusal(ctx, endpoint)
			refusals[endpoint] = why
		}
		return why
	}
	b.ids = nil
	b.letters = slices.DeleteFunc(b.letters, func(entry retry.Entry) bool {
		id, why := entry.Letter.ID, cannot(entry.Letter)
		if why != "" {
			b.others = append(b.others, outcome{ID: id, Did: retry.DidSkip, Note: why})
			return true
		}
		b.ids = append(b.ids, id)
		return false
	})
	return nil
}

// destination is where a redrive sends a letter; "" if nothing says so.
func destination(cfg *config.Config, to string, l *deadletter.Letter) string {
	if to = cmp.Or(to, l.OriginalEndpoint); to != "" || l.Source == deadletter.SourceUnreadable {
		return to
	}
	return cmp.Or(cfg.Routes[l.Source], cfg.Routes[retry.AnySource])
}

func (a *app) choose(op *operation, sel *selection, found glance) (chosen, error) {
	if found.others > 0 && !sel.exact() {
		_, _ = fmt.Fprintln(a.stderr, notSeen(found.others))
	}
	letters, unknown, err := sel.from(found.letters)
	if err != nil {
		return chosen{}, err
	}
	b := chosen{letters: letters}
	for _, entry := range letters {
		b.ids = append(b.ids, entry.Letter.ID)
	}
	note := "no such letter was found"
	if found.others > 0 {
		note += ", and " + notSeen(found.others)
	}
	for _, id := range unknown {
		b.others = append(b.others, outcome{ID: id, Did: retry.DidSkip, Note: note})
	}
	if n := sel.filter.GaveUp(); n > 0 {
		_, _ = fmt.Fprintf(a.stderr, "%d letters are left out: the filter took too long to judge them\n", n)
	}
	if len(b.ids)+len(b.others) == 0 {
		_, _ = fmt.Fprintf(a.stderr, "there is nothing to %s: no letter is selected\n", op.verb)
	}
	return b, nil
}
