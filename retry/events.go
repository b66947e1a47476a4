package retry

import (
	"time"

	"rehook/retry/deadletter"
)

// Event is something that the engine did or saw, as screens, logs and "rehook events" tell it.
//
//sumtype:decl
type Event interface {
	isEvent()
	When() time.Time
}

// At is the moment of an event.
type At struct{ Time time.Time }

func at(t time.Time) At { return At{t} }

// When is the moment of the event.
func (a At) When() time.Time { return a.Time }

// The events. Endpoint is the letter's URL, but for [BreakerMoved], and an
// [Alert] about an endpoint, it is the lane: scheme, host and port.
type (
	// Captured says that the listener has put a new letter into the queue.
	Captured struct {
		At
		ID, Endpoint string
		Status       int // of the endpoint, 0 if there was no response
		RetryCount   int
	}
	// Received says that a letter came from the queue into the inventory.
	Received struct {
		At
		ID, Endpoint string
		Status       int // of the letter's last failure
		RetryCount   int
	}
	// Scheduled says when a letter will be attempted next.
	Scheduled struct {
		At
		ID, Endpoint  string
		RetryCount    int
		NextAttemptAt time.Time
		Backoff       time.Duration
	}
	// Attempting says that a delivery begins.
	Attempting struct {
		At
		ID, Endpoint string
		RetryCount   int // attempts made before this one
	}
	// Delivered says that the endpoint took the letter.
	Delivered struct {
		At
		ID, Endpoint string
		Status       int
		Latency      time.Duration
		RetryCount   int // attempts made before this one
	}
	// Failed says that the endpoint did not take the letter.
	Failed struct {
		At
		ID, Endpoint string
		Status       int
		Latency      time.Duration
		RetryCount   int // attempts made, this one included
		Error        string
	}
	// Parked says that a letter now waits for a person.
	Parked struct {
		At
		ID, Endpoint string
		Reason       deadletter.ParkReason
	}
	// Released says that somebody put a letter back into the queue.
	Released struct {
		At
		ID, By string
	}
	// Deleted says that somebody deleted a letter.
	Deleted struct {
		At
		ID, By string
	}
	// Edited says that somebody changed a letter.
	Edited struct {
		At
		ID, By string
	}
	// Held says that somebody holds a letter, or has let it go.
	Held struct {
		At
		ID, By string
	}
	// LeaseLost says that another engine may have the letter now.
	LeaseLost struct {
		At
		ID string
	}
	// BreakerMoved says that an endpoint's breaker opened, closed, or lets a probe through.
	BreakerMoved struct {
		At
		Endpoint string
		State    BreakerState
		Until    time.Time // when an open one lets a probe through
	}
	// DepthRead is what the queue says of itself.
	DepthRead struct {
		At
		Queue string
		Depth deadletter.Depth
	}
	// Trouble is a failure that an operator should know of, with what to do about it.
	Trouble struct {
		At
		Message, Hint string
	}
	// Alert says, once, that a person should act.
	Alert struct {
		At
		Kind          AlertKind
		Endpoint, ID  string // of the letter it is about, which may be none
		Message, Hint string
	}
)

func (Captured) isEvent()     {}
func (Received) isEvent()     {}
func (Scheduled) isEvent()    {}
func (Attempting) isEvent()   {}
func (Delivered) isEvent()    {}
func (Failed) isEvent()       {}
func (Parked) isEvent()       {}
func (Released) isEvent()     {}
func (Deleted) isEvent()      {}
func (Edited) isEvent()       {}
func (Held) isEvent()         {}
func (LeaseLost) isEvent()    {}
func (BreakerMoved) isEvent() {}
func (DepthRead) isEvent()    {}
func (Trouble) isEvent()      {}
func (Alert) isEvent()        {}

// BreakerState is what an endpoint's breaker lets through.
type BreakerState string

// The states of a breaker.
const (
	Closed   BreakerState = "closed"    // everything
	Open     BreakerState = "open"      // nothing, until a moment
	HalfOpen BreakerState = "half-open" // one letter, as a probe
)
