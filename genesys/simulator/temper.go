package simulator

import (
	"net/http"
	"sync"
	"time"
)

// temper is what an endpoint that is well thinks of single webhooks.
type temper interface {
	// judge says with which status a webhook is turned away; 200: it is taken.
	judge(now time.Time, id string) int
}

// placid takes everything.
type placid struct{}

func (placid) judge(time.Time, string) int { return http.StatusOK }

// stumbling needs several attempts for some webhooks: the nth new one fails as often as the pattern says
// at n, and is then taken.
type stumbling struct {
	pattern []int

	mu    sync.Mutex // guards count, left
	count int        // webhooks seen
	left  map[string]int
}

func newStumbling(pattern ...int) *stumbling {
	return &stumbling{pattern: pattern, left: map[string]int{}}
}

func (s *stumbling) judge(_ time.Time, id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, known := s.left[id]
	if !known {
		left = s.pattern[s.count%len(s.pattern)]
		s.count++
	}
	if left == 0 {
		delete(s.left, id)
		return http.StatusOK
	}
	s.left[id] = left - 1
	return http.StatusServiceUnavailable
}

// repairTime is how long it takes until somebody at a picky endpoint has repaired the record in question:
// released after that, the webhook is taken.
const repairTime = time.Minute

// picky turns some webhooks away for good, at first often enough to be seen and then seldom enough for
// a demonstration that runs for days.
type picky struct {
	statuses []int // one after the other

	mu       sync.Mutex // guards count, rejected, refused
	count    int        // webhooks seen
	rejected int        // webhooks turned away
	refused  map[string]refusal
}

type refusal struct {
	status int
	since  time.Time
}

func newPicky(statuses ...int) *picky {
	return &picky{statuses: statuses, refused: map[string]refusal{}}
}

func (p *picky) judge(now time.Time, id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r, known := p.refused[id]; known {
		if now.Sub(r.since) < repairTime {
			return r.status
		}
		delete(p.refused, id)
		return http.StatusOK
	}
	p.count++
	if !seldom(p.count) {
		return http.StatusOK
	}
	r := refusal{p.statuses[p.rejected%len(p.statuses)], now}
	p.rejected++
	p.refused[id] = r
	return r.status
}

// seldom is true for the 2nd, the 5th, the 11th, and then for one in 150.
func seldom(n int) bool { return n == 2 || n == 5 || n == 11 || n%150 == 0 }
