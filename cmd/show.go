package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"rehook/cmd/config"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/record"
)

func (a *app) showCommand() *cobra.Command {
	c := a.command("show", "Show one letter: where it stands, its attempts, its payload", cobra.ExactArgs(1), a.showLetter)
	c.Use = "show ID"
	c.Long = c.Short + `.

The beginning of an ID is enough where no other letter has it. It is looked for among the letters that wait, those
that are parked, and those that were delivered lately; of these last no more may be known than when that was.
Headers and parameters that look like secrets are masked: "rehook export" has the whole letter.`
	c.Example = "rehook show 7f3a9c1e\nrehook show 7f3a9c1e -o json | jq .payload"
	return c
}

func (a *app) showLetter(ctx context.Context, cfg *config.Config, given []string) error {
	entry, err := a.findOne(ctx, cfg, given[0])
	if err != nil {
		return err
	}
	if entry.Letter.PayloadElsewhere() {
		a.fetchPayload(ctx, cfg, &entry)
	}
	return a.printDetail(cfg.Output, newDetail(entry, cfg.Mask))
}

// findOne gives the letter that has an id, or that alone has one which begins so.
func (a *app) findOne(ctx context.Context, cfg *config.Config, id string) (retry.Entry, error) {
	all, others, err := a.everywhere(ctx, cfg, id)
	if err != nil {
		return retry.Entry{}, err
	}
	found := startingWith(all, id)
	switch len(found) {
	case 0:
		f := &failure{err: fmt.Errorf("no letter has an id that begins with %q", id), code: Partly}
		if others > 0 {
			f.hint = notSeen(others)
		}
		return retry.Entry{}, f
	case 1:
		return found[0], nil
	default:
		return retry.Entry{}, ambiguous(id, found)
	}
}

// startingWith gives the letters whose id begins with start, or the one whose id it is. Of those with one id it is the first.
func startingWith(all []retry.Entry, start string) []retry.Entry {
	var found []retry.Entry
	known := map[string]bool{}
	for _, entry := range all {
		id := entry.Letter.ID
		if id == start {
			return []retry.Entry{entry}
		}
		if strings.HasPrefix(id, start) && !known[id] {
			known[id] = true
			found = append(found, entry)
		}
	}
	return found
}

// ambiguous says which letters an id could mean.
func ambiguous(id string, found []retry.Entry) error {
	const shown = 5
	var ids []string
	for _, entry := range found {
		ids = append(ids, entry.Letter.ID)
	}
	slices.Sort(ids)
	if len(ids) > shown {
		ids = append(ids[:shown], "…")
	}
	return &failure{
		err:  fmt.Errorf("%d letters have an id that begins with %q", len(found), id),
		hint: "write more of it: " + strings.Join(ids, ", "), code: Usage,
	}
}

// everywhere gives the letters of the running engine's inventory, or, if the one that is looked for is not among them,
// those of both queues and the deliveries that are remembered as well.
func (a *app) everywhere(ctx context.Context, cfg *config.Config, id string) (all []retry.Entry, others int, err error) {
	engine, notRunning := attach(ctx, cfg.StateDir)
	if notRunning == nil {
		u, err := snapshot(ctx, engine)
		if err != nil {
			return nil, 0, err
		}
		all, others = u.Letters, held(u).others
		if slices.ContainsFunc(all, func(entry retry.Entry) bool { return entry.Letter.ID == id }) {
			return all, others, nil
		}
	}
	var queues glance
	if notRunning == nil {
		queues, err = a.parkedBeside(ctx, cfg, engine)
	} else {
		queues, err = a.lookAtQueues(ctx, cfg, true, true)
	}
	if err != nil {
		return nil, 0, err
	}
	delivered, err := record.Lately(cfg.StateDir)
	if err != nil {
		return nil, 0, unusableState(err)
	}
	all = append(all, queues.letters...)
	for _, d := range slices.Backward(delivered) { // the latest of an id counts
		all = append(all, retry.Entry{Letter: &deadletter.Letter{ID: d.ID}, Phase: retry.Done, Due: d.At})
	}
	return all, others + queues.others, nil
}

// lookAtQueues looks at one of the queues, at both at once, or at none.
func (a *app) lookAtQueues(ctx context.Context, cfg *config.Config, waiting, parked bool) (all glance, err error) {
	if !waiting && !parked {
		return glance{}, nil
	}
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return glance{}, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	var seen [2]glance
	looks, looking := errgroup.WithContext(ctx)
	for i, wanted := range []bool{waiting, parked} {
		if wanted {
			looks.Go(func() (err error) {
				seen[i], err = b.look(looking, i == 1, mostListed)
				return err
			})
		}
	}
	err = looks.Wait()
	return seen[0].and(seen[1]), err
}

// fetchPayload reads a payload that is kept elsewhere. Without it there is still the rest to be shown.
func (a *app) fetchPayload(ctx context.Context, cfg *config.Config, entry *retry.Entry) {
	payload, err := a.payloadOf(ctx, cfg, entry.Letter)
	if err != nil {
		message, _, _ := describe(ctx, err)
		_, _ = fmt.Fprintln(a.stderr, "without its payload: "+message)
		return
	}
	entry.Letter = entry.Letter.Clone()
	entry.Letter.Payload = payload
}

func (a *app) payloadOf(ctx context.Context, cfg *config.Config, l *deadletter.Letter) (payload []byte, err error) {
	b, err := findBackend(cfg, a.logger(cfg))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	client, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	payload, err = client.Payload(ctx, l)
	return payload, errors.Join(err, client.Close())
}

// notSeen says how many letters could not be looked at.
func notSeen(others int) string {
	return fmt.Sprintf("%d more could not be looked at: they are held elsewhere, delayed, or too many", others)
}
