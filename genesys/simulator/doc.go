// Package simulator is a stand-in for everything outside rehook that a demonstration needs: the Genesys
// Cloud API, Genesys' sender of Open Messaging webhooks, and the endpoints that those webhooks are for, some
// of which fail, each in its own way.
//
//	Send ──POST, signed──▶ the listener under demonstration ──▶ DialContext ─▶ crm.example.com   Serve
//	  │ retries as Genesys does                                               ▶ erp.example.com
//	  ▼ what it was told                                                      ▶ …  what they took
//	ledger ◀───────────────────────────────────────────────────────────────────────┘
//
// The ledger hears from both ends, and from nothing in between, so that [Sim.Unaccounted] can say which
// webhooks were lost: acknowledged to the sender, yet neither taken by an endpoint nor in a queue.
//
// A demonstration is wired like this:
//
//	sim, err := simulator.New(simulator.Config{Seed: 7, Rate: 5})
//	// sim.Routes() says for each endpoint: the listener's Path, the URL to forward to, the Secret, and the Host,
//	// which the guard of deliveries must allow; listener and engine deliver through sim.DialContext
//	// cloud.New gets sim.GenesysURL(), sim.API().ClientID(), its secret, and sim.DialContext
//	go sim.Serve(serveCtx)                        // endpoints and API answer until serveCtx ends
//	err = sim.Send(sendCtx, client, listenerURL)  // sends until sendCtx ends, then settles what is under way
//	// stop the engine, read the queues, and count:
//	lost := sim.Unaccounted(ids)                  // ids: MessageID of every payload still queued or parked
//
// Nothing touches the network: endpoints are served over pipes in memory, at names that only DialContext
// knows. Everything random comes from the seed, and time is the standard library's, so that hours of a
// demonstration pass in an instant in a testing/synctest bubble. Only message ids hold the time of day, and
// are thus new in every run.
package simulator
