package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/user"
	"time"

	"rehook/cmd/config"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/remote"
	"rehook/ui"
)

// screen is "rehook" by itself: the engine runs as long as the screen is shown. Where one runs already, the
// screen is attached to that.
func (a *app) screen(ctx context.Context, cfg *config.Config, _ []string) (err error) {
	shown := a.look(cfg)
	shown.Webhooks, shown.WebhooksHint = readerOf(cfg.Genesys)
	shown.Typed = typed{cfg.StateDir}.lines()
	if cfg.ReadOnly {
		cfg.Paused = true // nobody here may let it go on
	} else {
		shown.Remember = typed{cfg.StateDir}.add
	}
	o, err := newOpener(cfg)
	if is[*heldError](err) {
		shown.Engine = remote.New(control(cfg.StateDir).dial)
		kept := &payloads{cfg: cfg}
		defer func() { err = errors.Join(err, kept.close()) }()
		shown.Payload = kept.read
		return a.show(ctx, shown)
	}
	if err != nil {
		return err
	}
	shown.Engine, shown.Payload, shown.OwnsEngine = o, o.payload, true
	return a.beside(ctx, o.run, func(ctx context.Context) error {
		if o.fails(ctx) {
			return nil
		}
		return a.show(ctx, shown)
	})
}

// leaveWithin is how long the engine takes at most to stop when its screen is left: a person waits for the prompt, or
// the line is gone and nobody does.
const leaveWithin = time.Second

// underScreen is how an engine works that ends with its screen.
func underScreen(cfg *config.Config) manner {
	return manner{pausedBy: pausedBy(cfg), stopWithin: leaveWithin}
}

// look is what the settings say of a screen.
func (a *app) look(cfg *config.Config) ui.Config {
	shown := ui.Config{
		Header: sentHeader, By: operator(), Editor: a.editor(), Mask: cfg.Mask, Production: cfg.Production, ReadOnly: cfg.ReadOnly, NoBell: cfg.NoBell,
	}
	if cfg.Given("ascii") {
		shown.ASCII = &cfg.ASCII
	}
	return shown
}

// sentHeader is what a letter is sent with, for the screen.
func sentHeader(l *deadletter.Letter) http.Header {
	request := delivery.ForLetter(l)
	return request.Header()
}

// patience is how long a stop may take before it is said what it waits for.
const patience = time.Second

// beside runs what serves as long as what is shown, and waits for both; when one ends, so does the other.
func (a *app) beside(ctx context.Context, serve, show func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() {
		defer stop()
		served <- serve(ctx)
	}()
	err := show(ctx)
	stop()
	defer a.stopping()()
	return errors.Join(err, <-served)
}

// stopping says what an engine waits for that takes long to stop, until what it returns is called.
func (a *app) stopping() (stopped func()) {
	slow := time.AfterFunc(patience, func() {
		_, _ = fmt.Fprintln(a.stderr, "stopping: attempts in flight end first, then leases go back to the queue")
	})
	return func() { slow.Stop() }
}

// show shows a screen, or tells the same in lines where there is none: on a serial line, in a pipe.
func (a *app) show(ctx context.Context, cfg ui.Config) error {
	cfg.Input, cfg.Output = a.stdin, a.stdout
	if !a.hasScreen() {
		return ui.Tell(ctx, cfg, a.getenv)
	}
	return ui.Run(ctx, cfg)
}

// hasScreen tells whether a screen can be drawn. A terminal that is unknown cannot be told from one that cannot.
func (a *app) hasScreen() bool {
	switch a.getenv("TERM") {
	case "", "dumb", "unknown":
		return false
	}
	return isTerminal(a.stdin) && isTerminal(a.stdout)
}

func (a *app) getenv(name string) string {
	value, _ := a.lookup(name)
	return value
}

// operator is who asks, for what the engine writes down.
func operator() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "operator"
}
