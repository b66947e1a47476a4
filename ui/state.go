package ui

import (
	"time"

	"rehook/genesys"
	"rehook/retry"
)

// state is all that is drawn, together with the panes' own cursors. Update changes it, View reads it.
type state struct {
	cfg    Config
	styles styles
	layout layout
	frame  frame
	focus  paneID
	zoom   bool
	rests  bool // the cursor stays where it is: no key is held

	now     time.Time // whole seconds, set by Update
	letters *letters
	status  retry.Status
	told    []tale // what happened, oldest first
	tales   int    // how many were told since the screen started
	// tellings counts the changes of told: a tale can change too.
	tellings int
	depths   history
	// heldAtDepth is how many letters the engine held when the depth was read.
	heldAtDepth int
	meters      map[string]*meter // by endpoint

	attached  bool // a first update has come
	lost      error
	lostSince time.Time
	ended     bool // the engine has said that it ends, before it was lost

	hooks        genesys.Listing
	hooksAt      time.Time // when they were read
	hooksErr     error     // of the last reading
	hooksLoading bool

	filter   string    // as it was typed
	sifts    time.Time // since when letters are held against another one; zero: they are not
	bad      string    // why the filter is not understood
	unmasked string    // id of the letter whose secrets are shown
	note     note
}

// note is what the footer says until the next key, or for a while.
type note struct {
	said
	until time.Time
}

// take files an update of the engine.
func (s *state) take(u retry.Update) {
	s.attached, s.lost, s.ended = true, nil, false
	if u.Reset {
		s.letters.reset()
	}
	delivered := deliveries(u.Stream)
	rows := make([]*row, 0, len(u.Letters))
	for _, e := range u.Letters {
		rows = append(rows, s.newRow(e, delivered))
	}
	s.letters.drop(u.Gone)
	s.letters.put(rows)
	if !u.Status.DepthAt.Equal(s.status.DepthAt) {
		s.heldAtDepth = u.Status.Held
	}
	s.status = u.Status
	s.tell(u.Stream, u.Missed)
	s.depths.add(&s.status)
	s.letters.findOldest(s.now)
	s.measure()
}

// newRow makes a row of an entry. How a letter was delivered is in the event alone; once known, it stays.
func (s *state) newRow(e retry.Entry, delivered map[string]retry.Delivered) *row {
	r := &row{Entry: e}
	if e.Phase != retry.Done {
		return r
	}
	r.doneAt = e.Due
	if d, ok := delivered[e.Letter.ID]; ok {
		r.doneAt, r.latency, r.status = d.Time, d.Latency, d.Status
	} else if old := s.letters.byID[e.Letter.ID]; old != nil && old.Phase == retry.Done {
		r.doneAt, r.latency, r.status = old.doneAt, old.latency, old.status
	}
	return r
}

func deliveries(events []retry.Event) map[string]retry.Delivered {
	found := map[string]retry.Delivered{}
	for _, e := range events {
		if d, ok := e.(retry.Delivered); ok {
			found[d.ID] = d
		}
	}
	return found
}

// measure updates the rates of each endpoint, and forgets those that are gone.
func (s *state) measure() {
	if len(s.meters) > 2*len(s.status.Endpoints)+64 {
		clear(s.meters)
	}
	for _, e := range s.status.Endpoints {
		m := s.meters[e.Endpoint]
		if m == nil {
			m = &meter{}
			s.meters[e.Endpoint] = m
		}
		m.read(reading{s.status.At, e.Delivered, e.Failed})
	}
}

// linked tells whether the engine can reach its queue, as far as it has said.
func (s *state) linked() bool { return s.attached && s.lost == nil && !s.status.LinkDown }

// listHeight is how many letters the list can show.
func (s *state) listHeight() int { return max(0, s.layout.boxes[messagesPane].h-1) }
