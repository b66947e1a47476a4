package retry_test

import (
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// What an operator holds, or has begin at a rate, stays in the inventory: there is some room beside it.
func TestLettersBehindThoseThatAnOperatorKeepsAreNotStarved(t *testing.T) {
	for name, keep := range map[string]func(ids []string) retry.Command{
		"held":    func(ids []string) retry.Command { return retry.Hold{IDs: ids, By: "ann"} },
		"at rate": func(ids []string) retry.Command { return retry.Redrive{IDs: ids, Rate: 1.0 / 3600, By: "ann"} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const kept, inventory, others = 40, 40, 100
				q, ep := newMemQueue(1), newEndpoints(takesAll)
				pileUp(q, kept, 0, func(l *deadletter.Letter) { l.NextAttemptAt = time.Now().Add(15 * time.Second).UTC().Round(0) })
				r := start(t, q, ep, func(c *retry.Config) { c.Inventory = inventory })
				pass(time.Second)
				var ids []string
				for n := range kept {
					ids = append(ids, letter(n).ID)
				}
				go func() { _, _ = r.Do(t.Context(), keep(ids)) }()
				pass(time.Second)
				for n := range others {
					q.Send(letter(kept + n))
				}
				if _, ok := entryOf(t, r, ids[kept-1]); !ok {
					t.Error("the inventory is not full")
				}
				untilAccepted(t, ep, kept, kept+others, 5*time.Minute)
				r.stop(t)
			})
		})
	}
}
