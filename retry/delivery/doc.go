// Package delivery makes one HTTP attempt at delivering a webhook, for the engine and the listener alike,
// and says what its outcome means. It decides nothing else: when to try again is the engine's business.
//
//	Request ──▶ URL sane? ──▶ address allowed? ──▶ POST ──▶ answer ──▶ Result
//	              │ no          │ no                │ no answer  │
//	              ▼             ▼                   ▼            ▼ the table in outcome.go
//	            Rejected      Rejected            Retry        Delivered, Retry, Unauthorized, Rejected
//
// What it promises:
//   - The body's bytes are sent as they are, and one attempt is at most one request that the endpoint sees: a
//     request that may have arrived is never repeated behind the caller's back.
//   - No connection is made to an address that the guard refuses. The guard looks at the address that is
//     dialled, after resolution, so that a name that changes its address in between does not get through. For the
//     same reason proxies of the environment (HTTP_PROXY) are not used: a proxy would resolve the name again.
//   - Redirects are not followed, cookies are not kept, answers are not decompressed.
//   - An endpoint that hangs, or answers without end, costs no more than [Config.Timeout].
package delivery
