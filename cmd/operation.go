package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"rehook/cmd/config"
	"rehook/retry"
)

// operation is what redrive, park, release and delete have in common: it is done to letters that are selected once,
// planned, perhaps confirmed, and answered for letter by letter.
//
//	select ─▶ plan ─▶ ask ─▶ do ─▶ one row a letter
//
// The engine that runs does it. Where none does, one runs for as long as this takes.
type operation struct {
	verb    string
	done    retry.Did // what a letter is to come to
	command func(ids []string, why string) retry.Command

	waiting bool // it is about letters that wait
	parked  bool // it is about parked ones
	asks    bool // also before it is done to a selection

	ids    []string
	why    string
	yes    bool
	dryRun bool

	production bool // said where it is asked about
}

// flags adds what every operation can be told.
func (op *operation) flags(c *cobra.Command) {
	c.Use = op.verb + " [FILTER]..."
	f := c.Flags()
	f.StringArrayVar(&op.ids, "id", nil, "only the letter with this id, or whose id begins so (repeatable)")
	f.BoolVar(&op.dryRun, "dry-run", false, "say what would be done, and to which letters, and change nothing")
	f.BoolVar(&op.yes, "yes", false, "do not ask")
	addWhy(c, &op.why)
}

// operate carries it out on the letters that words select.
func (a *app) operate(ctx context.Context, cfg *config.Config, op *operation, words []string) error {
	sel, err := newSelection(words, op.ids)
	if err != nil {
		return err
	}
	if op.dryRun {
		return a.rehearse(ctx, cfg, op, sel)
	}
	if err := refuseReadOnly(cfg, op.verb+" changes what becomes of letters"); err != nil {
		return err
	}
	op.production = cfg.Production
	asks := !op.yes && (op.asks || sel.everything())
	if asks && !isTerminal(a.stdin) {
		return op.unconfirmed(sel)
	}
	var parked glance
	if _, notRunning := attach(ctx, cfg.StateDir); notRunning != nil {
		// Before an own engine looks there: who looks hides the letters from others meanwhile.
		if parked, err = a.lookAtQueues(ctx, cfg, false, op.parked); err != nil {
			return err
		}
	}
	h, err := reach(ctx, cfg, op.verb)
	if err != nil {
		return err
	}
	err = a.operateWith(ctx, cfg, op, sel, h, parked, asks)
	defer a.stopping()()
	return errors.Join(err, h.letGo())
}

// unconfirmed says what to do where nobody can be asked.
func (op *operation) unconfirmed(sel *selection) error {
	about := "the selected letters"
	if sel.everything() {
		about = "every letter"
	}
	return &failure{
		err:  fmt.Errorf("%s is for %s, and there is no terminal to ask on", op.verb, about),
		hint: "add --yes to mean it, or --dry-run to see what it would do", code: Usage,
	}
}

func (a *app) operateWith(ctx context.Context, cfg *config.Config, op *operation, sel *selection, h *hand, parked glance, asks bool) error {
	found, err := a.find(ctx, cfg, op, sel, h, parked)
	if err != nil {
		return err
	}
	b, err := a.choose(op, sel, found)
	if err != nil {
		return err
	}
	if redrive, ok := op.command(nil, "").(retry.Redrive); ok && h.own != nil {
		if err := b.leaveOut(ctx, cfg, redrive); err != nil {
			return err
		}
	}
	done, err := a.carryOut(ctx, op, h, b, asks)
	if err != nil {
		return err
	}
	return a.printOutcomes(ctx, cfg.Output, op.done, append(done, b.others...))
}

// find gives the letters that there are to select from: those that the engine has, and the parked ones that were seen.
func (a *app) find(ctx context.Context, cfg *config.Config, op *operation, sel *selection, h *hand, parked glance) (glance, error) {
	if op.parked && h.own == nil {
		var err error
		if parked, err = a.parkedBeside(ctx, cfg, h); err != nil {
			return glance{}, err
		}
	}
	if !op.waiting {
		return parked, nil
	}
	waiting, err := h.waiting(ctx, sel.known)
	return waiting.and(parked), err
}

// carryOut plans it, asks if need be, and has the engine do it.
func (a *app) carryOut(ctx context.Context, op *operation, h *hand, b chosen, asks bool) ([]outcome, error) {
	if len(b.ids) == 0 {
		a.printPlan(op, b, retry.Plan{})
		return nil, nil
	}
	c := op.command(b.ids, op.why)
	plan, err := h.Plan(ctx, c)
	if err != nil {
		return nil, commandError(err)
	}
	a.printPlan(op, b, plan)
	if asks {
		if err := a.confirm(ctx, op, len(b.ids)); err != nil {
			return nil, err
		}
	}
	done, err := a.do(ctx, h, op, c)
	order := map[string]int{}
	for i, id := range b.ids {
		order[id] = i
	}
	slices.SortFunc(done, func(a, b outcome) int { return cmp.Compare(order[a.ID], order[b.ID]) })
	return done, err
}

// do has the engine do it, and shows how far it has come.
func (a *app) do(ctx context.Context, h *hand, op *operation, c retry.Command) ([]outcome, error) {
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		a.watchJob(watching, h, op.verb)
	}()
	results, err := h.Do(ctx, c)
	stop()
	<-watched
	done := make([]outcome, 0, len(results))
	for _, r := range results {
		done = append(done, outcome(r))
	}
	if ended(ctx) && len(done) > 0 {
		return done, nil // the rows say what was done
	}
	if err != nil {
		return nil, commandError(err)
	}
	return done, nil
}

// watchJob shows the latest command of a verb that is under way, until ctx ends.
func (a *app) watchJob(ctx context.Context, h *hand, verb string) {
	p := a.progress()
	if p.to == nil {
		return
	}
	defer p.end()
	feed, err := h.Subscribe(ctx)
	for err == nil {
		var u retry.Update
		if u, err = feed.Next(ctx); err != nil {
			return // with the command's own error, if there is one
		}
		for _, j := range u.Status.Jobs {
			if j.Verb == verb && j.By == operator() && j.Ended.IsZero() {
				p.say("%s: %d of %d, %d failed, %d skipped; Ctrl-C stops it", verb, j.Total-j.Left, j.Total, j.Failed, j.Skipped)
				break
			}
		}
	}
}

// commandError gives what an engine answers its exit code.
func commandError(err error) error {
	switch {
	case errors.Is(err, retry.ErrRefused):
		return &failure{err: err, code: Usage}
	case errors.Is(err, retry.ErrStopped):
		return &failure{err: err, hint: `it was stopped meanwhile: "rehook ls" shows where the letters are`, code: Unreachable}
	}
	return err
}

// letters is a number of them in words.
func letters(n int) string {
	if n == 1 {
		return "1 letter"
	}
	return strconv.Itoa(n) + " letters"
}
