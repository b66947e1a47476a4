// Package listener receives webhooks in an endpoint's stead, and passes them on. What the endpoint does not take
// becomes a letter in the dead letter queue.
//
//	POST ──▶ signature ──▶ forward ──2xx──▶ the endpoint's answer
//	            │ wrong       │ anything else, or no turn free
//	            ▼             ▼
//	           401         capture ──kept──▶ 202 {"id": …}
//	                          │ not kept
//	                          ▼
//	                         503, Retry-After: the sender still has it
//
// What it promises: a webhook is answered with 2xx only once the endpoint has taken it or the queue has accepted
// it. Outcomes that can never work (401, 404) are captured too: the engine parks them, and nothing is lost. A
// sender that goes away meanwhile changes nothing. A capture whose answer is lost on the way is told as 503, so
// that a webhook may come twice but never not at all.
//
// Genesys Cloud waits 10 s for an answer (Open Messaging, "Validate and receive messages"); every answer is given
// within 9 s of the request's headers: reading it, forwarding it and capturing it share that time.
//
// A letter holds the headers to send again: content type, signature, correlation ids and whatever else travels end
// to end. Authorization, cookies, and other headers whose names say that they carry credentials go to the
// endpoint with the first attempt but are never stored. An endpoint that insists on them answers 401 to a
// redelivery, which is parked as unauthorized.
package listener
