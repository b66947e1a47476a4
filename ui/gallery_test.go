package ui_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"rehook/genesys"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

// states are what a screen may have to show.
var states = map[string]func() (*engine, ui.Config){
	"busy": func() (*engine, ui.Config) {
		e := newEngine(some()...)
		e.plan = foretell
		return e, works(e)
	},
	"grouped": func() (*engine, ui.Config) {
		e := caused()
		e.plan = foretell
		return e, config(e)
	},
	"hostile": func() (*engine, ui.Config) {
		e := newEngine(hostile()...)
		e.plan = foretell
		return e, config(e)
	},
	"empty": func() (*engine, ui.Config) {
		e := newEngine()
		e.status.Endpoints, e.status.Depth, e.status.FirstExpiry = nil, deadletter.Depth{}, time.Time{}
		cfg := config(e)
		cfg.Webhooks = func(context.Context) (genesys.Listing, error) { return genesys.Listing{}, nil }
		return e, cfg
	},
	"attaching": func() (*engine, ui.Config) {
		e := newEngine()
		cfg := config(e)
		cfg.Engine = absent{e}
		cfg.Webhooks = func(ctx context.Context) (genesys.Listing, error) {
			<-ctx.Done()
			return genesys.Listing{}, ctx.Err()
		}
		return e, cfg
	},
	"no engine": func() (*engine, ui.Config) {
		e := newEngine(some()...)
		e.refuses = errors.New("dial unix control.sock: connection refused")
		cfg := config(e)
		cfg.Webhooks = func(context.Context) (genesys.Listing, error) {
			return genesys.Listing{}, errors.New("401 unauthorized: check the client secret")
		}
		return e, cfg
	},
	"link down": func() (*engine, ui.Config) {
		e := newEngine(some()...)
		e.status.LinkDown, e.status.LinkSince = true, time.Now()
		e.status.LinkError, e.status.LinkHint = "dial tcp: no such host", "check the network and AWS_REGION"
		cfg := config(e)
		cfg.Webhooks, cfg.WebhooksHint = nil, "set GENESYSCLOUD_OAUTHCLIENT_ID"
		return e, cfg
	},
	"production": func() (*engine, ui.Config) {
		e := newEngine(some()...)
		return e, production(e)
	},
	"paused and read-only": func() (*engine, ui.Config) {
		e := newEngine(some()...)
		e.status.Paused, e.status.PausedBy, e.status.PausedAt = true, "anna", time.Now()
		cfg := config(e)
		cfg.ReadOnly = true
		return e, cfg
	},
}

// foretell plans for two endpoints, one of which takes nothing.
func foretell(_ context.Context, c retry.Command) (retry.Plan, error) {
	return retry.Plan{
		Rate: 5, Canary: true, Takes: time.Minute,
		Endpoints: []retry.Planned{
			{Endpoint: retry.Endpoint{Endpoint: "https://crm.example.com", State: retry.Open, Until: time.Now().Add(time.Minute)}, Letters: 2},
			{Endpoint: retry.Endpoint{Endpoint: "https://erp.example.com"}, Letters: 1},
		},
		Cannot: []retry.Reason{{Letters: 1, Why: "in flight"}},
	}, nil
}

// everyScreen shows all states, every pane of them alone, and what every key opens in every pane, and looks at each.
func everyScreen(t *testing.T, width, height int, look func(x *terminal, where string), opts ...tea.ProgramOption) {
	t.Helper()
	for name, state := range states {
		synctest.Test(t, func(t *testing.T) {
			e, cfg := state()
			x := open(t, cfg, width, height, opts...)
			defer x.close()
			e.tell(func(u *retry.Update, _ *retry.Status) { u.Stream = ofEachKind() })
			x.pass(time.Second)
			look(x, name)
			for _, pane := range []string{"1", "2", "3", "4", "5", "6"} {
				x.press(pane, "z")
				look(x, name+", zoomed "+pane)
				x.press("z")
			}
			switch name {
			case "grouped":
				x.press("4", "t", "space")
			case "busy":
			default:
				return
			}
			for _, pane := range []string{"4", "5"} {
				for _, b := range ui.KeyMap() {
					key := b.Keys[0]
					if key == "q" || strings.HasPrefix(key, "ctrl+") && key != "ctrl+p" {
						continue // those leave
					}
					x.press(pane, key)
					look(x, name+", "+key+" in "+pane)
					x.press("esc", "esc")
				}
			}
			x.resize(50, 12)
			look(x, name+", too small")
		})
	}
}

// ofEachKind is one of each that the stream tells of.
func ofEachKind() []retry.Event {
	at := retry.At{Time: time.Now()}
	const erp = "https://erp.example.com/in"
	return []retry.Event{
		retry.Captured{At: at, ID: id(0), Endpoint: erp, Status: 503},
		retry.Delivered{At: at, ID: id(0), Endpoint: erp, Status: 200, Latency: 84 * time.Millisecond},
		retry.Failed{At: at, ID: id(0), Endpoint: erp, Status: 503},
		retry.Parked{At: at, ID: id(1), Endpoint: erp, Reason: deadletter.Exhausted},
		retry.BreakerMoved{At: at, Endpoint: "https://erp.example.com", State: retry.Open, Until: time.Now()},
		retry.LeaseLost{At: at, ID: id(2)},
		retry.Trouble{At: at, Message: "the queue is gone", Hint: "make it"},
	}
}
