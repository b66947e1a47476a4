package retry

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// Command is what an operator asks of the engine. Every command says who asks and why; those over letters carry the
// ids, frozen at the moment of asking.
//
//sumtype:decl
type Command interface {
	order() order
}

// The commands. By is who asks, and Why their reason, both for the audit log.
type (
	// Redrive attempts letters now, whatever their backoff or breaker says.
	Redrive struct {
		IDs []string
		// To is the endpoint of this attempt; "": each letter's own. What it does not take goes on as before with its
		// own endpoint, and has spent no attempt: retry_count and attempts tell of that one alone.
		To string
		// Rate is how many begin a second, evenly, where their lanes let them; 0: as many as those let through.
		Rate float64
		// Canary begins with one letter, then ten, then the rest: each step when the one before has ended, and none
		// when too many of that have failed.
		Canary  bool
		By, Why string
	}
	// Park moves letters to the parked queue.
	Park struct {
		IDs     []string
		By, Why string
	}
	// Release brings parked letters back, with their retry count at zero.
	Release struct {
		IDs     []string
		By, Why string
	}
	// Hold keeps letters from being attempted until they are let go; a held letter is let go by the same command.
	Hold struct {
		IDs     []string
		By, Why string
	}
	// Delete ends letters that wait or are parked, once each is in the trash.
	Delete struct {
		IDs     []string
		By, Why string
	}
	// Edit changes a letter that waits or is parked, once the letter as it was is in the trash.
	Edit struct {
		ID       string
		Payload  []byte             // nil: as it was
		Endpoint string             // "": as it was
		Headers  deadletter.Headers // nil: as they were
		Redrive  bool               // and attempt it now. A parked letter must be: an edited one waits
		By, Why  string
	}
	// Limit bounds what one endpoint gets until the engine ends: attempts a second, and at once. A bound of 0 is that of
	// the configuration. The endpoint is a lane's name, or a URL of its letters. The one result has it for its ID.
	Limit struct {
		Endpoint string
		Rate     float64
		AtOnce   int
		By, Why  string
	}
	// Pause stops attempts; what is in flight ends. Leases are kept.
	Pause struct{ By, Why string }
	// Resume starts attempts again.
	Resume struct{ By, Why string }
	// Cancel ends a command that is under way: what it has not begun is left as it was.
	Cancel struct{ Job, By, Why string }
)

// order is what commands have in common, as the audit log and the list of jobs tell it.
type order struct {
	verb    string
	by, why string
	ids     []string // the letters, each once
	detail  map[string]string
}

func (c Redrive) order() order {
	o := order{verb: "redrive", by: c.By, why: c.Why, ids: c.IDs, detail: map[string]string{}}
	if c.To != "" {
		o.detail["to"] = deadletter.MaskURL(c.To)
	}
	if c.Rate > 0 {
		o.detail["rate"] = strconv.FormatFloat(c.Rate, 'g', -1, 64)
	}
	if c.Canary {
		o.detail["canary"] = "true"
	}
	return o
}

func (c Edit) order() order {
	o := order{verb: "edit", by: c.By, why: c.Why, ids: []string{c.ID}, detail: map[string]string{}}
	if c.Payload != nil {
		o.detail["payload_sha256"] = hexSum(c.Payload)
		o.detail["payload_bytes"] = strconv.Itoa(len(c.Payload))
	}
	if c.Endpoint != "" {
		o.detail["endpoint"] = deadletter.MaskURL(c.Endpoint)
	}
	if c.Headers != nil { // their values may be secret
		o.detail["headers"] = fmt.Sprint(slices.Sorted(maps.Keys(c.Headers)))
	}
	if c.Redrive {
		o.detail["redrive"] = "true"
	}
	return o
}

func (c Park) order() order    { return order{verb: "park", by: c.By, why: c.Why, ids: c.IDs} }
func (c Release) order() order { return order{verb: "release", by: c.By, why: c.Why, ids: c.IDs} }
func (c Hold) order() order    { return order{verb: "hold", by: c.By, why: c.Why, ids: c.IDs} }
func (c Delete) order() order  { return order{verb: "delete", by: c.By, why: c.Why, ids: c.IDs} }
func (c Limit) order() order {
	return order{verb: "limit", by: c.By, why: c.Why, detail: map[string]string{
		"endpoint": deadletter.MaskURL(c.Endpoint), "rate": strconv.FormatFloat(c.Rate, 'g', -1, 64), "at_once": strconv.Itoa(c.AtOnce),
	}}
}
func (c Pause) order() order  { return order{verb: "pause", by: c.By, why: c.Why} }
func (c Resume) order() order { return order{verb: "resume", by: c.By, why: c.Why} }
func (c Cancel) order() order {
	return order{verb: "cancel", by: c.By, why: c.Why, detail: map[string]string{"job": c.Job}}
}

// ErrRefused says that a command was not begun: it asks for what cannot be.
var ErrRefused = errors.New("refused")

// slowest is the lowest rate: a letter an hour.
const slowest = 1 / float64(time.Hour/time.Second)

// check says what is wrong with a command. Its error wraps [ErrRefused].
func (e *Engine) check(c Command) error {
	switch c := c.(type) {
	case Redrive:
		if c.Rate != 0 && (math.IsNaN(c.Rate) || math.IsInf(c.Rate, 0) || c.Rate < slowest) {
			return fmt.Errorf("redrive: %w: a rate of %v letters a second: it must be a number, and one an hour at least", ErrRefused, c.Rate)
		}
		return checkEndpoint("redrive", c.To)
	case Edit:
		switch {
		case c.Payload == nil && c.Endpoint == "" && c.Headers == nil:
			return fmt.Errorf("edit letter %q: %w: nothing is changed", c.ID, ErrRefused)
		case e.cfg.Trash == nil:
			return fmt.Errorf("edit letter %q: %w: this engine has no trash to keep it in first", c.ID, ErrRefused)
		}
		return checkEndpoint("edit", c.Endpoint)
	case Delete:
		if e.cfg.Trash == nil {
			return fmt.Errorf("delete: %w: this engine has no trash to keep letters in first", ErrRefused)
		}
	case Limit:
		if !validRate(c.Rate) || c.AtOnce < 0 {
			return fmt.Errorf("limit: %w: %v a second and %d at once: they must be 0 or more", ErrRefused, c.Rate, c.AtOnce)
		}
	case Park, Release, Hold, Pause, Resume, Cancel:
	}
	return nil
}

func checkEndpoint(verb, to string) error {
	if to == "" {
		return nil
	}
	if _, err := delivery.EndpointOf(to); err != nil {
		return fmt.Errorf("%s: %w: %w", verb, ErrRefused, err)
	}
	return nil
}

// Result is what really happened to one letter of a command.
type Result struct {
	ID   string
	Did  Did
	Note string // why, in words: the status, or what kept it from happening
}

// Did is the end of a command for one letter.
type Did string

// What a command can come to.
const (
	DidDeliver Did = "delivered"
	DidFail    Did = "failed" // attempted and refused; the letter waits again or is parked
	DidPark    Did = "parked"
	DidRelease Did = "released"
	DidHold    Did = "held"
	DidLetGo   Did = "let go"
	DidDelete  Did = "deleted"
	DidEdit    Did = "edited"
	DidLimit   Did = "limited"
	DidSkip    Did = "skipped" // left as it was
)
