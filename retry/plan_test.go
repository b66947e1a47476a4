package retry_test

import (
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
)

func TestPlanSaysWhatACommandWouldDoAndChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		var ids []string
		for n := range 30 {
			l := letter(n)
			l.OriginalEndpoint = fmt.Sprintf("https://h%d.example.com/hook", n/20)
			l.NextAttemptAt = time.Now().Add(time.Hour).UTC()
			q.Send(l)
			ids = append(ids, l.ID)
		}
		parked := parkedLetter(q, 100).ID
		r := start(t, q, ep, into(&bin{}))
		feed, err := r.Subscribe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := feed.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(10 * time.Second) // the parked queue has been looked through
		ids = append(ids, parked, "unknown", ids[0])

		p, err := r.Plan(t.Context(), retry.Redrive{IDs: ids, Rate: 2, By: "ann"})
		if err != nil || p.Verb != "redrive" || p.Letters != 30 || p.Takes != 14500*time.Millisecond || p.Rate != 2 || p.Unknown != 0 {
			t.Errorf("%+v, %v", p, err)
		}
		if len(p.Endpoints) != 2 || p.Endpoints[0].Letters != 20 || p.Endpoints[0].Endpoint.Endpoint != "https://h0.example.com" || p.Endpoints[0].Endpoint.Limit != 1 || p.Endpoints[1].Letters != 10 {
			t.Errorf("%+v", p.Endpoints)
		}
		if want := []retry.Reason{{"it is not in this engine's inventory", 1}, {"it is parked: release it first", 1}}; !reflect.DeepEqual(p.Cannot, want) {
			t.Errorf("%+v", p.Cannot)
		}
		if p, err := r.Plan(t.Context(), retry.Redrive{IDs: ids, To: "https://h9.example.com/x", By: "ann"}); err != nil || len(p.Endpoints) != 1 || p.Endpoints[0].Letters != 30 || p.Endpoints[0].Endpoint.Endpoint != "https://h9.example.com" {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err := r.Plan(t.Context(), retry.Release{IDs: ids, By: "ann"}); err != nil || p.Letters != 1 || p.Unknown != 1 || len(p.Cannot) != 1 || p.Cannot[0].Letters != 30 {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err := r.Plan(t.Context(), retry.Delete{IDs: ids, By: "ann"}); err != nil || p.Letters != 31 || p.Unknown != 1 || len(p.Cannot) != 0 {
			t.Errorf("%+v, %v", p, err)
		}
		pass(time.Minute)
		if ep.attempted() != 0 || q.count(q.waiting) != 30 || q.count(q.parked) != 1 || len(status(t, r).Jobs) != 0 {
			t.Error("a plan changed something")
		}
		r.stop(t)
	})
}

func TestPlanAndCommandAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(takesAll)
		ep.setLatency(5 * time.Second)
		ids := later(q, 10)
		for n := range 3 { // being attempted
			q.Send(letter(100 + n))
			ids = append(ids, fmt.Sprint("letter-", 100+n))
		}
		r := start(t, q, ep, into(&bin{}), func(c *retry.Config) { c.PerEndpoint = 3 })
		pass(time.Second)
		for _, c := range []retry.Command{
			retry.Hold{IDs: ids[2:], By: "ann"},
			retry.Park{IDs: ids[10:], By: "ann"},
			retry.Delete{IDs: append(ids[10:], ids[:2]...), By: "ann"},
			retry.Redrive{IDs: ids[5:], To: "https://h9.example.com", By: "ann"},
		} {
			p, err := r.Plan(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			skipped := tally(do(t, r, c))[retry.DidSkip]
			cannot := 0
			for _, why := range p.Cannot {
				cannot += why.Letters
			}
			if skipped != cannot {
				t.Errorf("%T: %d were skipped, %d were planned to be: %+v", c, skipped, cannot, p)
			}
		}
		r.stop(t)
	})
}
