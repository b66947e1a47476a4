package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// Capture keeps letters. When Send has returned nil the letter is safe; an error means that it may not be.
type Capture interface {
	Send(ctx context.Context, l *deadletter.Letter) error
}

// Config is what a listener does with what it receives.
type Config struct {
	// ForwardTo is the URL for whatever is not in Routes; "": such requests are answered with 404. Where it names
	// no path, as in https://crm.example.com, the request's path is appended; where it does, it is used as it is.
	ForwardTo string
	// Routes are URLs by the exact path of the request, used as they are. Here as with ForwardTo the request's
	// query follows the URL's own.
	Routes map[string]string
	// Secret checks X-Hub-Signature-256; empty: signatures are passed on unchecked.
	Secret []byte
	// Timeout is for forwarding; 0: 5 s. At most 6 s, so that there is time left to capture.
	Timeout time.Duration
	// MaxBody is how large a webhook may be, in bytes; 0: 8 MiB.
	MaxBody int64
	// MaxForwards is how many webhooks are forwarded at once to each URL of ForwardTo and Routes; 0: 64. What comes
	// beyond that is captured at once and left to the engine.
	MaxForwards int
	// MaxRequests is how many requests are held at once in all; 0: 256. What comes beyond that is answered with 503.
	MaxRequests int

	Client  *delivery.Client // forwards; required
	Capture Capture          // keeps what could not be forwarded; required
	Logger  *slog.Logger     // nil: nothing is logged
}

const (
	answerWithin   = 9 * time.Second // of the 10 s that Genesys waits
	captureReserve = 3 * time.Second // of these
	defaultTimeout = 5 * time.Second
	defaultMaxBody = 8 << 20 // what is kept elsewhere of a payload that SQS does not take

	// Bodies are held in memory. Few webhooks are large; without a bound of their own, strangers could have all
	// requests hold the most.
	largeBody = 2 << 20
	largeMost = 32
)

// Listener is an [http.Handler]; Run serves it.
type Listener struct {
	cfg    Config
	routes map[string]*route // by exact path
	rest   *route            // whatever is not in routes; nil: nothing
	held   slots
	large  slots // of those held, for more than largeBody bytes
}

// New checks the configuration; its error names everything that is wrong with it.
func New(cfg Config) (*Listener, error) {
	l := &Listener{}
	if err := errors.Join(cfg.check(), l.addRoutes(cfg)); err != nil {
		return nil, fmt.Errorf("listener: %w", err)
	}
	cfg.setDefaults()
	l.cfg = cfg
	l.held = make(slots, cfg.MaxRequests)
	l.large = make(slots, largeMost)
	for _, r := range l.routes {
		r.turns = make(slots, cfg.MaxForwards)
	}
	if l.rest != nil {
		l.rest.turns = make(slots, cfg.MaxForwards)
	}
	return l, nil
}

func (c *Config) check() error {
	var errs []error
	bad := func(is bool, format string, args ...any) {
		if is {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	bad(c.Client == nil || c.Capture == nil, "a client and a capture are needed")
	bad(c.ForwardTo == "" && len(c.Routes) == 0, "nowhere to forward to: give a URL or routes")
	bad(c.Timeout < 0 || c.Timeout > answerWithin-captureReserve,
		"timeout %v: it must be 0 to %v, as the sender waits 10s in all", c.Timeout, answerWithin-captureReserve)
	bad(c.MaxBody < 0 || c.MaxForwards < 0 || c.MaxRequests < 0, "a bound is negative")
	return errors.Join(errs...)
}

func (c *Config) setDefaults() {
	setDefault(&c.Timeout, defaultTimeout)
	setDefault(&c.MaxBody, defaultMaxBody)
	setDefault(&c.MaxForwards, 64)
	setDefault(&c.MaxRequests, 256)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
