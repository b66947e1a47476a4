package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"golang.org/x/sync/errgroup"

	"rehook/genesys/simulator"
)

// summary is what became of the webhooks of a demo, counted at its endpoints and in its queues, and not in
// the engine.
type summary struct {
	At         string `json:"at"`
	Event      string `json:"event"`
	Sent       int    `json:"sent"`       // made by the simulator
	Captured   int    `json:"captured"`   // acknowledged to the sender as kept
	Delivered  int    `json:"delivered"`  // taken by an endpoint, each counted once
	Parked     int    `json:"parked"`     // letters in the parked queue
	Waiting    int    `json:"waiting"`    // letters in the dead letter queue
	Duplicates int    `json:"duplicates"` // times that an endpoint took a webhook again
	Lost       int    `json:"lost"`       // acknowledged, but neither taken nor in a queue
}

// everything is more letters than a demo can leave behind.
const everything = math.MaxInt

// count reads both queues, to the end, and asks both ends of the simulator.
func (d *demonstration) count(ctx context.Context) (summary, error) {
	var waiting, parked glance
	var group errgroup.Group
	group.Go(func() (err error) {
		if waiting, err = d.seeAll(ctx, false); err != nil {
			return fmt.Errorf("count what waits: %w", err)
		}
		return nil
	})
	group.Go(func() (err error) {
		if parked, err = d.seeAll(ctx, true); err != nil {
			return fmt.Errorf("count what is parked: %w", err)
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return summary{}, err
	}
	t := d.sim.Tally()
	return summary{
		At: time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00"), Event: "summary",
		Sent: t.Sent, Captured: t.Captured, Delivered: t.Delivered, Duplicates: t.Duplicates,
		Parked: len(parked.letters) + parked.others, Waiting: len(waiting.letters) + waiting.others,
		Lost: len(d.sim.Unaccounted(messageIDs(waiting, parked))),
	}, nil
}

// A letter that is still leased, perhaps to an engine that was killed, is seen when its lease has ended.
const (
	seeAllWithin = 40 * time.Second
	seeAllAgain  = time.Second
)

// seeAll reads a queue until there is no letter that it has not seen.
func (d *demonstration) seeAll(ctx context.Context, parked bool) (glance, error) {
	deadline := time.Now().Add(seeAllWithin)
	again := time.NewTicker(seeAllAgain)
	defer again.Stop()
	for {
		g, err := d.backend.look(ctx, parked, everything)
		if err != nil || g.others == 0 || time.Now().After(deadline) {
			return g, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return g, ctx.Err()
		}
	}
}

// messageIDs are the ids by which the simulator knows the webhooks that lie in queues.
func messageIDs(queues ...glance) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, q := range queues {
			for _, l := range q.letters {
				if !yield(simulator.MessageID(l.Letter.Payload)) {
					return
				}
			}
		}
	}
}

func (s summary) print(to io.Writer, asJSON bool) error {
	if asJSON {
		return printed(writeJSON(to, s))
	}
	_, err := fmt.Fprintf(to, `sent        %6d   webhooks, of which %d were captured at once
delivered   %6d
parked      %6d
waiting     %6d
duplicates  %6d
lost        %6d
`, s.Sent, s.Captured, s.Delivered, s.Parked, s.Waiting, s.Duplicates, s.Lost)
	return printed(err)
}
