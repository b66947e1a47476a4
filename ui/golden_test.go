package ui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"rehook/genesys"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

func organization(context.Context) (genesys.Listing, error) {
	return genesys.Listing{Org: "acme", Region: "mypurecloud.ie", Webhooks: []genesys.Webhook{
		{Name: "CRM outbound", Endpoint: "https://crm.example.com/genesys/hook", Status: "Active"},
		{Name: "ERP notifier", Endpoint: "http://erp.example.com/in", Status: "Active", Findings: []genesys.Finding{{Severity: genesys.Warning, Message: "http, no TLS"}}},
		{Name: "Chat", Endpoint: "https://chat.example.com", Status: "Error", Problem: "endpoint unreachable"},
	}}, nil
}

func config(e *engine) ui.Config {
	return ui.Config{Engine: e, By: "ben", Title: "demo", Webhooks: organization}
}

// scene is a state of the screen that has a golden of its own, at every size.
type scene struct {
	with func(*engine, *ui.Config) // what is otherwise than with letters of every kind; nil: nothing
	then func(*terminal, *engine)  // what happens once it is open; nil: nothing
	keys string                    // what is pressed then, with blanks between
}

// scenes are all of them: each pane, alone and among the others, and each state that a screen can be in.
func scenes() map[string]scene {
	all := map[string]scene{
		"empty": {with: func(e *engine, _ *ui.Config) {
			e.entries, e.status.Endpoints, e.status.Depth, e.status.FirstExpiry = nil, nil, deadletter.Depth{}, time.Time{}
		}},
		"loading": {with: func(e *engine, cfg *ui.Config) {
			cfg.Engine = absent{e}
			cfg.Webhooks = func(ctx context.Context) (genesys.Listing, error) { <-ctx.Done(); return genesys.Listing{}, ctx.Err() }
		}},
		"noengine": {with: func(e *engine, _ *ui.Config) { e.refuses = errors.New("dial unix control.sock: connection refused") }},
		"linkdown": {with: func(e *engine, _ *ui.Config) {
			e.status.LinkDown, e.status.LinkSince = true, time.Now()
			e.status.LinkError, e.status.LinkHint = "dial tcp: no such host", "check the network and AWS_REGION"
		}, then: func(x *terminal, _ *engine) { x.pass(5 * time.Minute) }},
		"paused": {with: func(e *engine, _ *ui.Config) {
			e.status.Paused, e.status.PausedBy, e.status.PausedAt = true, "anna", time.Now()
		}},
		"readonly": {with: func(_ *engine, cfg *ui.Config) { cfg.ReadOnly = true }},
		"noorg": {with: func(_ *engine, cfg *ui.Config) {
			cfg.Webhooks, cfg.WebhooksHint = nil, "set GENESYSCLOUD_OAUTHCLIENT_ID"
		}, keys: "3"},
		"filtered":  {keys: "/ e r p enter"},
		"unmatched": {keys: "/ z z z enter"},
		"selected":  {keys: "j space space v j"},
		"groups":    {with: func(e *engine, _ *ui.Config) { causes(e) }, keys: "t"},
		"parked":    {keys: "w"},
		"delivered": {keys: "w w"},
		"attempts":  {keys: "j j j enter right"},
		"request":   {keys: "j j j enter right right"},
		"search":    {keys: "j enter / i d enter"},
		"plan":      {keys: "a r"},
		"options":   {keys: "a R tab space"},
		"canary":    {then: stopsHalfway, keys: "a r enter"},
		"outcome":   {then: endsMixed, keys: "a r enter"},
		"delete":    {keys: "a x 1"},
		"park":      {keys: "j p"},
		"jobs":      {with: func(e *engine, _ *ui.Config) { works(e) }, keys: "J"},
		"help":      {keys: "?"},
		"quit":      {with: func(e *engine, cfg *ui.Config) { cfg.OwnsEngine, e.status.Counters.InFlight = true, 3 }, keys: "q"},
		"command":   {keys: ": r e"},
		"commands":  {keys: "ctrl+p r e d"},
		"why":       {keys: "r"}, // a key that cannot work now
	}
	for digit, name := range map[string]string{"1": "queues", "2": "endpoints", "3": "genesys", "4": "messages", "5": "detail", "6": "engine"} {
		all[name] = scene{keys: digit}
		all[name+"_zoomed"] = scene{keys: digit + " z"}
	}
	return all
}

// absent is an engine that does not answer yet.
type absent struct{ *engine }

func (absent) Subscribe(ctx context.Context) (retry.Feed, error) { <-ctx.Done(); return nil, ctx.Err() }

// stopsHalfway has an engine do half of what it is asked.
func stopsHalfway(_ *terminal, e *engine) {
	e.do = func(ctx context.Context, _ retry.Command) ([]retry.Result, error) {
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Stream = append(u.Stream, retry.Delivered{ID: id(0), Status: 200, Latency: time.Millisecond}, retry.Failed{ID: id(1), Status: 503})
		})
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

// endsMixed has it say what became of each letter.
func endsMixed(_ *terminal, e *engine) {
	e.do = func(context.Context, retry.Command) ([]retry.Result, error) {
		return []retry.Result{
			{ID: id(0), Did: retry.DidDeliver, Note: "200"},
			{ID: id(1), Did: retry.DidFail, Note: "503 Service Unavailable"},
			{ID: id(2), Did: retry.DidSkip, Note: "held"},
		}, nil
	}
}

// TestGoldenScreens holds each scene, at five sizes, to its file, and every picture is whole.
func TestGoldenScreens(t *testing.T) {
	for name, s := range scenes() {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {160, 45}, {200, 50}} {
				fmt.Fprintf(&got, "-- %dx%d --\n", size[0], size[1])
				synctest.Test(t, func(t *testing.T) { s.shoot(t, size[0], size[1], &got) })
			}
			isGolden(t, name, got.String())
		})
	}
}

// shoot writes the scene as it is seen at a size.
func (s scene) shoot(t *testing.T, width, height int, to *strings.Builder) {
	t.Helper()
	e := newEngine(some()...)
	cfg := config(e)
	if s.with != nil {
		s.with(e, &cfg)
	}
	x := open(t, cfg, width, height)
	defer x.close()
	if s.then != nil {
		s.then(x, e)
	}
	x.press(strings.Fields(s.keys)...)
	x.whole()
	for _, row := range x.rows() {
		to.WriteString(strings.TrimRight(row, " ") + "\n")
	}
}

func TestNoGoldenIsOfAScreenThatIsNoMore(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden"))
	if err != nil {
		t.Fatal(err)
	}
	all := scenes()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".golden")
		text, err := os.ReadFile(file)
		if _, ok := all[name]; err != nil || !ok && strings.HasPrefix(string(text), "-- ") {
			t.Errorf("%s is of no scene: delete it (%v)", file, err)
		}
	}
}

func TestTheWholeScreenWithoutColour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := open(t, config(newEngine(some()...)), 120, 40, tea.WithColorProfile(colorprofile.ASCII))
		defer x.close()
		x.golden("nocolor_120x40")
		for y := range x.height {
			for col := range x.width {
				if c := x.cell(col, y); c.Style.Fg != nil || c.Style.Bg != nil {
					t.Fatalf("the cell at %d,%d has a colour", col, y)
				}
			}
		}
	})
}
