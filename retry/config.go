package retry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/record"
)

// Queue is the pair of queues that the engine works on, waiting and parked. Its errors wrap
// [deadletter.ErrLeaseLost] and [deadletter.ErrNotDeleted] where they apply; every other error means that
// the call may be repeated.
type Queue interface {
	// Receive waits for letters, up to 20 s, and leases what comes, ten at most. Letters may come beside an error that
	// wraps [deadletter.ErrBodyAway].
	Receive(ctx context.Context) ([]deadletter.Lease, error)
	// Delete ends a letter.
	Delete(ctx context.Context, l deadletter.Lease) error
	// Extend makes leases end d from now; 0 gives them back. One outcome each, in their order.
	Extend(ctx context.Context, d time.Duration, leases ...deadletter.Lease) []error
	// Replace sends a letter and, once that is accepted, deletes the one that it stands for.
	Replace(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error
	// Park does the same, to the parked queue. The lease may be of that queue, too.
	Park(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error
	// Release does the same from the parked queue to the waiting one.
	Release(ctx context.Context, l deadletter.Lease, with *deadletter.Letter) error
	// ReceiveParked leases letters of the parked queue, and does not wait.
	ReceiveParked(ctx context.Context) ([]deadletter.Lease, error)
	// Depth reads how many messages there are.
	Depth(ctx context.Context) (deadletter.Depth, error)
	// Retention is how long the waiting queue keeps a message.
	Retention() time.Duration
	// ParkedRetention is the same of the parked queue; 0 if that is not known.
	ParkedRetention() time.Duration
}

// Deliverer makes one attempt. [delivery.Client] is one.
type Deliverer interface {
	Attempt(ctx context.Context, r delivery.Request) delivery.Result
}

// Config of an engine. Queue and Deliver are needed; the rest has defaults.
type Config struct {
	Queue   Queue
	Deliver Deliverer

	Name       string // of the queue, for events and screens
	ParkedName string // of the parked queue
	Where      string // "embedded", a region, an address: for screens

	MaxRetries  int           // attempts from the queue before a letter is parked; default 5
	BackoffBase time.Duration // default 1 s
	BackoffCap  time.Duration // default 15 min
	Timeout     time.Duration // the longest that an attempt can take: what Deliver holds to; default 10 s
	Concurrency int           // attempts at once; default 64
	PerEndpoint int           // attempts at once to one endpoint; default 8
	Inventory   int           // letters held at most; default 10,000
	Bytes       int64         // payload bytes held at most; default 256 MiB
	DepthEvery  time.Duration // how often the depth is read while somebody watches; default 5 s

	PerEndpointRate float64 // attempts a second to one endpoint; 0: as many as there are slots for

	Routes map[string]string // endpoints of letters that name none, by source: [AnySource] for those of every other

	Requests func() deadletter.Requests // how many Queue has cost; nil: that is not known

	Payloads Payloads // of letters whose payload is not in the queue; nil: such letters are parked

	// StopWithin is how long [Engine.Run] takes at most to end once its context has: attempts get half of that, and what is
	// under way then is cut off, as a crash would do it. A letter is attempted again later, though its endpoint may have
	// taken it; a lease that could not be given back ends by itself. 0: what is under way gets all its time.
	StopWithin time.Duration

	PausedBy string // attempt nothing until told to, at the wish of this; "": attempt at once

	Deliveries *record.Deliveries // remembers deliveries beyond the engine's life; nil: as long as it lives

	Trash Trash // keeps what is deleted or edited by hand; nil: nothing is
	Audit Audit // is told of every command; nil: nobody is

	Rand   *rand.Rand // of the jitter; default: seeded by the runtime. Used by the engine's loop alone
	Logger *slog.Logger
}

// longestTimeout keeps an attempt's lease far below the 12 h that SQS allows.
const longestTimeout = time.Hour

// withDefaults fills in what is not set and says all that is wrong.
func (c Config) withDefaults() (Config, error) {
	var errs []error
	if c.Queue == nil || c.Deliver == nil {
		errs = append(errs, errors.New("retry: a queue and a deliverer are needed"))
	}
	setDefault(&c.MaxRetries, 5, "max retries", &errs)
	setDefault(&c.BackoffBase, time.Second, "backoff base", &errs)
	setDefault(&c.BackoffCap, 15*time.Minute, "backoff cap", &errs)
	setDefault(&c.Timeout, 10*time.Second, "timeout", &errs)
	setDefault(&c.Concurrency, 64, "concurrency", &errs)
	setDefault(&c.PerEndpoint, 8, "attempts at once to one endpoint", &errs)
	setDefault(&c.Inventory, 10_000, "inventory", &errs)
	setDefault(&c.Bytes, 256<<20, "inventory bytes", &errs)
	setDefault(&c.DepthEvery, 5*time.Second, "depth interval", &errs)
	if c.StopWithin < 0 {
		errs = append(errs, fmt.Errorf("retry: the time to stop must not be negative, but is %v", c.StopWithin))
	}
	errs = append(errs, wrongRoutes(c.Routes)...)
	if !validRate(c.PerEndpointRate) {
		errs = append(errs, fmt.Errorf("retry: %v attempts a second to one endpoint: it must be 0 or more", c.PerEndpointRate))
	}
	if c.Timeout > longestTimeout {
		errs = append(errs, fmt.Errorf("retry: the timeout %v is longer than %v", c.Timeout, longestTimeout))
	}
	if c.BackoffCap < c.BackoffBase {
		errs = append(errs, fmt.Errorf("retry: the backoff cap %v is below its base %v", c.BackoffCap, c.BackoffBase))
	}
	if c.Rand == nil {
		c.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) //nolint:gosec // jitter is no secret
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, errors.Join(errs...)
}

// validRate is written so that NaN is refused.
func validRate(perSecond float64) bool { return perSecond >= 0 && perSecond <= math.MaxInt32 }

func setDefault[T int | int64 | time.Duration](v *T, to T, what string, errs *[]error) {
	switch {
	case *v == 0:
		*v = to
	case *v < 0:
		*errs = append(*errs, fmt.Errorf("retry: %s must not be negative, but is %v", what, *v))
	}
}
