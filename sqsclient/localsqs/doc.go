// Package localsqs is an SQS-compatible server that keeps its queues in a directory of its own: what the program
// stakes its letters on where there is no AWS. Real SQS clients talk to it over HTTP; those of its own process need no
// connection for that (direct.go).
//
//	client ──HTTP──▶ handler.go       bounds the request
//	                 access.go        who may ask: no web pages, or only who signs (signature.go)
//	                 json.go          AWS JSON 1.0, and
//	                 query.go         AWS Query (form.go in, xml.go out): one thin skin for each protocol
//	                 operations.go    one function for each SQS operation, whatever the protocol
//	                 queue.go         the index in memory: what is ready, delayed, in flight
//	                 seglog           the log on disk: bodies, leases, deletions
//
// A message, seen by its queue:
//
//	sent ──▶ delayed ──▶ ready ──receive──▶ in flight ──delete──▶ gone
//	                       ▲                    │
//	                       └── its time is up ──┘
//
// A message that was received as often as its queue's redrive policy lets it goes to the dead letter queue when somebody
// would receive it once more (deadletter.go), and back by a move task (moving.go). passage.go has what both do: one record
// takes it out of one queue and puts it into the other.
//
// In a FIFO queue what is ready waits in its group: a message is received when all that was sent before it in the group is
// gone, or is received together with it. groups.go has the order, deduplication.go what makes two sends one.
//
// What it promises:
//
//   - An answer is written when what it says is synced to disk. After kill -9 or a power cut no acknowledged message is
//     missing and no deleted one is back; leases and receive counts are as they were acknowledged, and what a FIFO
//     queue acknowledged in the last five minutes is not accepted twice.
//   - A message that was not acknowledged may be there or not, as with SQS.
//   - A full disk fails what must be written, with HTTP 500, and leaves nothing half done. Receiving goes on; its leases are
//     then kept in memory only.
//   - Damage on disk costs the records that it hit. It is found by checksum and reported.
//   - A client that has gone is given no message. One that sent another request ahead (no SDK does) and then closed is
//     noticed only if its connection was reset; else the message comes back when its lease ends.
//   - A message that moves to another queue is in exactly one of the two, whenever the crash comes. If the disk does not take
//     the move, it stays where it was.
//   - Move tasks run while Serve does, and take as many messages as were ready when they started. One that was acknowledged
//     goes on after a crash where it was, and how many it has moved is counted from the very messages, so that none is
//     counted twice or left behind. One that ended, or whose end was asked for and acknowledged, stays as it ended.
//   - Space is given back while Serve runs: no more than half of what is on disk, and 4 MiB, is dead.
//
// Memory holds an index of about 150 bytes a message, not the bodies. A FIFO queue has about as much for each group, and for
// each message that it accepted in the last five minutes.
package localsqs
