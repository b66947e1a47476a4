package retry

import (
	"context"
	"time"

	"rehook/retry/deadletter"
)

// Feed is a screen's view of the engine, pulled at the screen's own pace.
type Feed interface {
	// Next waits until something has changed since the last call and tells what, merged: a letter that
	// changed ten times comes once, as it is now. The first update is a snapshot. It returns the context's
	// error, or [ErrStopped] when the engine has ended.
	Next(ctx context.Context) (Update, error)
}

// Update is what changed. All of it is read only: letters are shared with the engine.
type Update struct {
	Reset   bool     // Letters are all there are: forget what was known before
	Letters []Entry  // new or changed
	Gone    []string // ids that have left the inventory
	Status  Status   // whole, every time
	Stream  []Event  // what happened, oldest first; the latest 200 if there were more
	Missed  int      // events that Stream leaves out
}

// Entry is a letter and what the engine does about it.
type Entry struct {
	Letter      *deadletter.Letter
	Phase       Phase
	Wait        Wait      // what a waiting letter waits for
	Due         time.Time // when it will be attempted, or was delivered; zero if that is not known
	WaitSince   time.Time // when the wait for Due began: a bar runs from here
	HeldBy      string
	ReceivedAt  time.Time // when this engine first saw it
	ExpiresAt   time.Time // when the queue's retention would drop it
	LeasedUntil time.Time // at least; an extension is no change to tell of. Zero: it is not leased, the queue has it
	Receives    int
	Cause       string // the key of its [Cause]; "" once it was delivered
}

// Phase is where a letter stands.
type Phase string

// The phases of a letter.
const (
	Waiting  Phase = "waiting"   // for what Entry.Wait says
	InFlight Phase = "in flight" // being attempted now
	Settling Phase = "settling"  // attempted; the queue is being told
	InParked Phase = "parked"    // in the parked queue
	Done     Phase = "delivered" // the last delivered letters stay to be looked at
)

// Wait is what a waiting letter waits for.
type Wait string

// What a letter can wait for.
const (
	ForBackoff    Wait = "backoff"     // its own, until Due
	ForRetryAfter Wait = "retry-after" // the endpoint asked for it, until Due
	ForBreaker    Wait = "breaker"     // the endpoint's breaker is open until Due
	ForTurn       Wait = "turn"        // a free slot in its lane
	ForRelease    Wait = "held"        // the operator in HeldBy
	ForResume     Wait = "paused"      // the engine is paused
	ForCommand    Wait = "command"     // its turn in a redrive that begins one letter after the other
	ForParking    Wait = "parking"     // to be parked: that did not work, and is tried again at Due
)

// Status is everything but the letters.
type Status struct {
	At        time.Time
	Queue     string // name of the queue
	Parked    string // name of the parked queue
	Where     string // "embedded", or the region, or the endpoint of the queue
	StartedAt time.Time

	MaxRetries int // attempts from the queue before a letter is parked; 0: not known

	Depth   deadletter.Depth
	DepthAt time.Time // when Depth was read; zero: never

	Requests deadletter.Requests // to the queues; zero: not known

	LinkDown  bool      // the queue cannot be reached
	LinkSince time.Time // since when the link is as it is
	LinkError string    // why it is down
	LinkHint  string    // what to do about it

	Paused   bool
	PausedBy string
	PausedAt time.Time

	Endpoints []Endpoint // in order of name
	Causes    []Cause    // of the letters that wait or are parked, the largest first
	Jobs      []Job      // commands over letters: those under way, then the latest that have ended
	Counters  Counters
	PerSecond Rates

	Held, HeldMax           int   // letters in the inventory, and how many fit
	HeldBytes, HeldBytesMax int64 // the same in bytes of payload

	FirstExpiry time.Time // of all letters in the inventory and of the parked ones that are known; zero: none
}

// Rates are averages over the last ten seconds, each a second.
type Rates struct{ Delivered, Failed, Received float64 }

// Endpoint is one lane.
type Endpoint struct {
	Endpoint   string // scheme, host and port
	State      BreakerState
	Until      time.Time // an open breaker probes then
	NotBefore  time.Time // the endpoint asked for quiet until then
	Waiting    int       // letters that wait for it
	InFlight   int
	Limit      int     // attempts at once, at present
	Rate       float64 // attempts a second, at present; 0: as many as there are slots for
	Learned    bool    // Rate is what the endpoint has taught by answering 429
	LimitedBy  string  // the operator who has set bounds for it; "": nobody, those of the configuration hold
	Delivered  int64
	Failed     int64
	LastStatus int
	LastError  string
	Since      time.Time     // since when it is in this state
	Latency    time.Duration // of the last answers, averaged
	P50, P95   time.Duration // that half, and 95 %, of the last 128 answers took at most; 0: there was none
}

// Counters count letters since the engine started, but for Attempts and Failures, which count attempts.
// At every quiet moment In equals Out.
type Counters struct {
	Captured int64 // by the listener beside this engine, into the queue
	Taken    int64 // letters that came into the inventory for the first time

	Waiting   int64 // in the inventory now, or just replaced and on their way back
	InFlight  int64 // being attempted or settled now
	Delivered int64
	Parked    int64
	Deleted   int64 // by hand, of those that waited
	Left      int64 // lease lost or given back: another engine has them, or the queue; or only a copy was left of one

	Attempts   int64
	Failures   int64
	Duplicates int64 // second copies of a letter, deleted without being attempted
}

// In is how many letters the engine has answered for.
func (c Counters) In() int64 { return c.Taken }

// Out is what became of them.
func (c Counters) Out() int64 {
	return c.Waiting + c.InFlight + c.Delivered + c.Parked + c.Deleted + c.Left
}
