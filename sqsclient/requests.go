package sqsclient

import (
	"sync"
	"time"

	"rehook/retry/deadletter"
)

const (
	billedBytes = 64 << 10 // SQS: each 64 KiB of a payload that are begun are paid for as a request
	paceMinutes = 10       // how far back a pace looks
	paceLeast   = time.Minute
)

// requests counts what SQS is asked, as it is paid for.
type requests struct {
	mu      sync.Mutex // guards all below
	sent    int64
	since   time.Time          // the first
	minutes [paceMinutes]int64 // a ring: those of the last minutes
	last    int64              // the minute that was counted last, since 1970
}

// add counts one request and its answer, by the larger of the two: one of them has the letters.
func (r *requests) add(now time.Time, bytes int64) {
	billed := 1 + max(0, bytes-1)/billedBytes
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.since.IsZero() {
		r.since = now
	}
	r.turn(now)
	r.sent += billed
	r.minutes[r.last%paceMinutes] += billed
}

func (r *requests) read(now time.Time) deadletter.Requests {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	begun := now.Truncate(time.Minute).Add(-(paceMinutes - 1) * time.Minute) // of the oldest minute that is counted
	if r.since.After(begun) {
		begun = r.since
	}
	passed := now.Sub(begun)
	if r.since.IsZero() || passed < paceLeast {
		return deadletter.Requests{Sent: r.sent}
	}
	var sum int64
	for _, n := range r.minutes {
		sum += n
	}
	return deadletter.Requests{Sent: r.sent, ADay: float64(sum) * float64(24*time.Hour) / float64(passed)}
}

// turn empties the minutes that have passed since the last count.
func (r *requests) turn(now time.Time) {
	minute := now.Unix() / 60
	for m := max(r.last+1, minute-paceMinutes+1); m <= minute; m++ {
		r.minutes[m%paceMinutes] = 0
	}
	r.last = max(r.last, minute)
}

// Requests tells how many requests the client has sent to SQS, those that were repeated included.
func (c *Client) Requests() deadletter.Requests { return c.link.requests.read(time.Now()) }
