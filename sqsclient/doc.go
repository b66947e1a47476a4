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
// What a fault comes to, whatever was asked; nothing is said to be done of which SQS did not say so:
//
//	a connection refused or reset, a 5xx,   repeated by the SDK up to twice; then an UnreachableError: it may have
//	no whole answer within 10 s (30 s of    been done
//	  a receive)
//	an answer that is cut short, of a       an UnreachableError at once: it may have been done
//	  proxy, of a sign-in page, or longer
//	  than any of SQS
//	throttling                              repeated by the SDK up to twice; then a BusyError
//	too many in flight (OverLimit, or none  a BusyError
//	  received though there are, by depth)
//	credentials expired, clock skew         a CredentialsError; they are looked for again before the next request
//	access denied, also to the queue's key  a CredentialsError
//	a queue that is gone                    a MissingQueueError, until there is one of that name again
//	a request refused for its contents      asked again in halves, so that only the entry that it is about fails
//	an entry that an answer does not name,  an error of that entry: it may have been done
//	  names twice, or with another MD5
//	a receipt that has expired              deadletter.ErrLeaseLost
//	a message damaged on its way here       left out: it comes again when its lease has ended
//	a receive answered with nothing, early  nothing, after a second
//
// No type of the AWS SDK appears in what is exported.
package sqsclient
