// Package sqsclient is the pair of queues that rehook works on, on Amazon SQS or on whatever speaks its protocol:
// the waiting queue, whose letters are to be delivered, and the parked queue, whose letters wait for a person.
//
//	Send ──▶ waiting ──Receive──▶ a lease ──┬─ Delete: it was delivered
//	            ▲                           ├─ Extend: keep it longer, or give it back
//	            ├──────── Replace ──────────┤
//	            │                           └─ Park ──▶ parked ──ReceiveParked──▶ a lease
//	            └───────────────── Release ──────────────────────────────────────────┘
//
// What it promises, whatever the network does:
//
//   - A nil error means that SQS said so. A call whose answer was lost counts as failed and may be repeated:
//     that can send a letter twice, which its id tells, but never lose one.
//   - Replace, Park and Release delete the old message only after SQS has accepted the new one. A crash or an
//     error in between leaves both.
//   - Sends, deletes and changes of visibility are gathered by ten; each caller learns what became of its own
//     entry. Nothing else knows about tens.
//   - An answer that never comes ends in an error. Requests are repeated by the SDK, which limits itself.
//
// No type of the AWS SDK appears in what is exported.
package sqsclient
