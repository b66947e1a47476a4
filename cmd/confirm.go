package cmd

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"rehook/retry"
	"rehook/ui/plain"
)

// printPlan says on standard error what an operation is about to do.
func (a *app) printPlan(op *operation, b chosen, plan retry.Plan) {
	n := len(b.ids)
	cannot := map[string]int{}
	for _, r := range plan.Cannot {
		n -= r.Letters
		cannot[r.Why] += r.Letters
	}
	for _, o := range b.others {
		cannot[o.Note]++
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s%s\n", op.verb, letters(max(0, n)), terms(plan))
	for i, p := range plan.Endpoints {
		if i == planned {
			fmt.Fprintf(&text, "%7s  and %d other endpoints\n", "", len(plan.Endpoints)-i)
			break
		}
		if p.Endpoint.Endpoint != "" {
			fmt.Fprintf(&text, "%7d  %s%s\n", p.Letters, plain.Line(p.Endpoint.Endpoint), condition(p.Endpoint))
		}
	}
	reasons := slices.SortedFunc(maps.Keys(cannot), func(a, b string) int {
		return cmp.Or(cmp.Compare(cannot[b], cannot[a]), cmp.Compare(a, b))
	})
	for i, why := range reasons {
		if i == planned {
			fmt.Fprintf(&text, "%7s  and for %d other reasons\n", "", len(reasons)-i)
			break
		}
		fmt.Fprintf(&text, "%7d  cannot: %s\n", cannot[why], plain.Line(why))
	}
	_, _ = fmt.Fprint(a.stderr, text.String())
}

// planned bounds the lines of a plan about endpoints, and those about reasons.
const planned = 20

// terms says how fast it goes.
func terms(plan retry.Plan) string {
	said := ""
	if plan.Canary {
		said += ", one first, then ten, then the rest"
	}
	if plan.Rate > 0 {
		said += ", " + strconv.FormatFloat(plan.Rate, 'g', -1, 64) + " a second"
	}
	if plan.Takes >= time.Second {
		said += ", in " + plan.Takes.Round(time.Second).String() + " at least"
	}
	return said
}

// condition says what an endpoint lets through, where that is not all.
func condition(ep retry.Endpoint) string {
	switch {
	case ep.State == retry.Open:
		return ": its breaker is open until " + ep.Until.Format(time.TimeOnly)
	case ep.NotBefore.After(time.Now()):
		return ": it asked for quiet until " + ep.NotBefore.Format(time.TimeOnly)
	}
	return ""
}

// confirm asks on the terminal. The answer is "yes" or, before what cannot be undone at once, how many letters there are.
func (a *app) confirm(ctx context.Context, op *operation, n int) error {
	want := "yes"
	if op.asks {
		want = strconv.Itoa(n)
	}
	where := ""
	if op.production {
		where = "PRODUCTION: "
	}
	_, _ = fmt.Fprintf(a.stderr, "%stype %s to %s %s: ", where, want, op.verb, letters(n))
	answered := make(chan string, 1)
	go func() { // which ends with the program, if nobody answers
		line, _ := bufio.NewReader(a.stdin).ReadString('\n') // what was typed before an end of file is no answer
		answered <- strings.TrimSpace(line)
	}()
	select {
	case answer := <-answered:
		if answer == want {
			return nil
		}
		return &failure{err: errors.New("nothing was done: it was not confirmed"), code: Partly}
	case <-ctx.Done():
		return ctx.Err()
	}
}
