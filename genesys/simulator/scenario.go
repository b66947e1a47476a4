package simulator

import (
	"net/http"
	"time"
)

// part is a role in the demonstration: an endpoint, how much traffic it gets, and how it behaves.
type part struct {
	name    string // also the listener's path
	title   string // of the integration in Genesys Cloud
	share   int    // of the traffic: so many webhooks of every deal
	latency span
	turns   []turn
	back    int // the first turn that is not of the opening
	temper  temper
}

// cast are the parts. Their openings fit into half a minute, so that a short demonstration at the default
// rate shows all: deliveries after one, two and three attempts from the queue (ops), a breaker that opens and
// closes (chat, which is back before anybody has read the screen), letters parked because of a 401 (portal) and of other refusals (tickets),
// Retry-After (billing), refused connections and timeouts (legacy). One outage is long enough for a newcomer to find
// it and to do something about it: crm's, whose breaker is open for about a minute. In later turns something always
// fails and something heals, so that there is always a letter whose backoff counts down, and no backlog grows for ever.
func cast() []part {
	quick := span{3 * time.Millisecond, 40 * time.Millisecond}
	usual := span{10 * time.Millisecond, 90 * time.Millisecond}
	return []part{
		{
			name: "chat", title: "Web chat relay", share: 6, latency: quick, temper: placid{},
			turns: []turn{
				lasting(well, time.Second, time.Second),
				lasting(failing, 8*time.Second, 8*time.Second),
				lasting(well, 4*time.Minute, 8*time.Minute),
				lasting(failing, 8*time.Second, 15*time.Second),
			},
			back: 2,
		},
		{
			name: "crm", title: "CRM outbound", share: 5, latency: usual, temper: placid{},
			turns: []turn{
				lasting(well, 2*time.Second, 2*time.Second),
				// The probes that it fails are further and further apart: it is well some 20 s before the next one,
				// and a letter that is redriven then is delivered.
				lasting(failing, 45*time.Second, 45*time.Second),
				lasting(well, 35*time.Second, 35*time.Second),
				lasting(failing, 20*time.Second, 50*time.Second),
				lasting(well, 15*time.Second, 30*time.Second),
			},
			back: 3,
		},
		{
			name: "ops", title: "Operations bot", share: 4, latency: usual,
			temper: newStumbling(0, 1, 0, 2, 0, 4, 3, 0, 1, 2, 0, 4, 0),
		},
		{
			name: "erp", title: "ERP orders", share: 3, temper: placid{},
			latency: span{200 * time.Millisecond, 800 * time.Millisecond},
		},
		{
			name: "billing", title: "Billing notices", share: 2, latency: usual, temper: placid{},
			turns: []turn{
				lasting(well, 5*time.Second, 5*time.Second),
				lasting(throttling, 4*time.Second, 4*time.Second),
				lasting(well, 8*time.Second, 20*time.Second),
				lasting(throttling, 15*time.Second, 40*time.Second),
			},
			back: 2,
		},
		{
			name: "tickets", title: "Ticket updates", share: 2, latency: usual,
			temper: newPicky(http.StatusUnprocessableEntity, http.StatusNotFound, http.StatusGone),
		},
		{
			name: "portal", title: "Partner portal", share: 1, latency: usual, temper: placid{},
			turns: []turn{
				lasting(unauthorized, 16*time.Second, 16*time.Second),
				lasting(well, 4*time.Minute, 8*time.Minute),
				lasting(unauthorized, 8*time.Second, 15*time.Second),
			},
			back: 1,
		},
		{
			name: "legacy", title: "Legacy fax gateway", share: 1, latency: usual, temper: placid{},
			turns: []turn{
				lasting(refusing, 7*time.Second, 7*time.Second),
				lasting(well, 6*time.Second, 6*time.Second),
				lasting(hanging, 8*time.Second, 8*time.Second),
				lasting(well, 10*time.Second, 30*time.Second),
				lasting(refusing, 20*time.Second, 45*time.Second),
				lasting(well, 20*time.Second, 40*time.Second),
				lasting(hanging, 8*time.Second, 20*time.Second),
			},
			back: 3,
		},
	}
}

func newEndpoints(seed uint64, start time.Time, l *ledger, rested <-chan struct{}) []*endpoint {
	var list []*endpoint
	secrets := newRand(seed, streamIntegrations)
	for i, p := range cast() {
		stream := streamEndpoint + 2*uint64(i)
		host := p.name + ".example.com"
		list = append(list, &endpoint{
			part:   p,
			route:  Route{Path: "/" + p.name, Host: host, URL: "http://" + host + "/hook", Secret: newSecret(secrets)},
			id:     newID(secrets, founded),
			moods:  &turns{list: p.turns, back: p.back, rng: newRand(seed, stream+1), until: start},
			ledger: l,
			rested: rested,
			rng:    newRand(seed, stream),
		})
	}
	return list
}
