// Package retry is the engine: it takes letters from a queue, attempts each when it is due, and sees it to
// its end.
//
//	             lease                due                 2xx
//	queue ──────────────▶ waiting ──────────▶ in flight ──────────▶ deleted
//	  ▲                      ▲                    │  │
//	  │                      └── breaker open,    │  └─ exhausted, or can never work ──▶ parked queue
//	  │                          held, paused     │
//	  └────────────── replaced: retry_count + 1 ──┘ failed, may be tried again
//
// State travels with the message, so a crash at any arrow costs no letter:
//
//   - leased or waiting: the lease ends and the queue hands the letter out again, no attempt is spent;
//   - in flight: the same; the endpoint may have taken it, and then sees it a second time;
//   - replaced or parked: the new message is accepted before the old one is deleted, so a crash between
//     leaves two messages with one id, and the one with the lower retry_count is deleted when it is met;
//   - delivered, not yet deleted: it comes back; its id is remembered, by the next engine too where there is a
//     record, and the copy is deleted without an attempt;
//   - deleted by hand: it is in the trash before the queue is told, so it is there, in the queue, or both;
//   - edited by hand: the same, and then replaced. A crash between leaves both in the queue; the edited one says which
//     payloads it stands for, and whoever meets both deletes the other.
//
// What operators ask for is a [Command], and one over letters a [Job]: it goes on when whoever asked has gone, and a
// restart forgets it, and leaves the letters as they are.
//
// A letter that waits for long is given back before the queue takes it, and received again; one that nears the end of the
// queue's retention is replaced by itself; and when the inventory is full, those that are needed last are put off: the
// queue has them until then.
//
// One goroutine, [Engine.Run]'s loop, owns the inventory, the schedule and the lanes. Receives, attempts and
// everything that is said to the queue run beside it and report to it. It never waits for a screen: a
// [Feed] is pulled by whoever watches.
package retry
