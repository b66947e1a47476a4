package ui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys"
	"rehook/retry"
	"rehook/ui"
)

// pressed is what a key of the key map does: on a screen with letters of every kind, after other keys.
type pressed struct {
	after string // what is pressed first, with blanks between
	shows string // is on the screen then, and was not before
	hides string // was on the screen, and is no more
	asks  string // the kind of command that the engine is asked, and was not before
	quits bool

	with func(*engine, *ui.Config) // what must be otherwise for the key to mean this; nil: nothing
	// off is what is pressed first on a screen without letters and without an engine, for the key to say why it cannot
	// work; "-": there it works.
	off string
}

// everyKey has a row for each binding, named as [ui.Binding] says. A new key needs one here.
func everyKey() map[string]pressed {
	paused := func(e *engine, _ *ui.Config) { e.status.Paused, e.status.PausedAt = true, time.Now() }
	unread := func(_ *engine, cfg *ui.Config) {
		reads := 0
		cfg.Webhooks = func(ctx context.Context) (genesys.Listing, error) {
			if reads++; reads == 1 {
				return genesys.Listing{}, errors.New("timeout")
			}
			return organization(ctx)
		}
	}
	eventful := func(e *engine, _ *ui.Config) {
		e.backlog = []retry.Event{retry.Released{At: retry.At{Time: time.Now()}, ID: id(1), By: "anna"}}
	}
	noEditor := func(_ *engine, cfg *ui.Config) { cfg.Editor = "nowhere-to-be-found" }
	return map[string]pressed{
		"everywhere: j down":                  {shows: "▸  a0000000"},
		"everywhere: k up":                    {after: "j", shows: "▸  a000000a"},
		"everywhere: ctrl+d half down":        {shows: "▸  a0000004"},
		"everywhere: ctrl+u half up":          {after: "ctrl+d", shows: "▸  a000000a"},
		"everywhere: g top":                   {after: "G", shows: "▸  a000000a"},
		"everywhere: G bottom":                {shows: "▸  a0000008"},
		"everywhere: tab next pane":           {shows: "━ 5 DETAIL"},
		"everywhere: shift+tab previous pane": {shows: "━ 3 GENESYS"},
		"everywhere: 1 pane":                  {shows: "━ 1 QUEUES"},
		"everywhere: 2 ":                      {shows: "━ 2 ENDPOINTS"},
		"everywhere: 3 ":                      {shows: "━ 3 GENESYS"},
		"everywhere: 4 ":                      {after: "1", shows: "━ 4 MESSAGES"},
		"everywhere: 5 ":                      {shows: "━ 5 DETAIL"},
		"everywhere: 6 ":                      {shows: "━ 6 ENGINE"},
		"everywhere: z zoom":                  {hides: "1 QUEUES"},

		"messages: enter open":                     {after: "j", shows: "━ 5 DETAIL  a0000000"},
		"messages: enter open group":               {after: "t", shows: "one cause", off: "t"},
		"detail: enter fold":                       {after: "j enter", shows: "{ 5 keys }"},
		"detail: right next tab":                   {after: "j j enter", shows: "attempts from the queue"},
		"detail: left previous tab":                {after: "j enter", shows: "POST /in HTTP/1.1"},
		"detail: / search":                         {after: "enter", shows: "enter keeps it, n and N go on"},
		"messages: / filter":                       {shows: "enter keep"},
		"detail: n next hit":                       {after: "enter / i d enter", shows: "/id 2 of"},
		"detail: N previous hit":                   {after: "enter / i d enter n", shows: "/id 1 of"},
		"endpoints: enter its letters":             {after: "2", shows: `endpoint:"crm.example.com"`},
		"genesys: enter its letters":               {after: "3 j", shows: `endpoint:"erp.example.com"`},
		"genesys: enter read again":                {with: unread, after: "3", shows: "✓ CRM outbound"},
		"messages: w view":                         {shows: "every attempt failed"},
		"messages: t by cause":                     {shows: "COUNT", off: "w w"},
		"messages: s sort":                         {shows: "↓ age", off: "t"},
		"messages: S reverse":                      {shows: "↑ due", off: "t"},
		"detail: m unmask":                         {after: "j enter left", shows: "sha256=hunter2"},
		"messages, detail: y copy":                 {after: "j", shows: "payload of a0000000 (160 B) sent to the terminal's clipboard"},
		"messages, detail: Y copy as curl":         {after: "j", shows: "secrets masked"},
		"everywhere: J jobs":                       {shows: "park by you"},
		"everywhere: esc back":                     {after: "j space", hides: "● 1 selected"},
		"messages: space select":                   {shows: "● 1 selected"},
		"messages: v range":                        {shows: "● 1 selecting"},
		"messages: a all":                          {shows: "● 11 selected"},
		"messages, detail: r redrive":              {after: "j", shows: "redriving a0000000", asks: "retry.Redrive"},
		"messages, detail: R redrive with options": {after: "j", shows: "WITH OPTIONS"},
		"messages, detail: r release":              {after: "w", shows: "releasing a000000b", asks: "retry.Release", off: "w"},
		"messages, detail: p park":                 {after: "j", shows: "PARK 1 LETTER"},
		"messages, detail: h hold":                 {after: "j", shows: "holding or letting go of a0000000", asks: "retry.Hold"},
		"messages, detail: x delete":               {after: "j", shows: "DELETE 1 LETTER"},
		"everywhere: P resume":                     {with: paused, asks: "retry.Resume"},
		"everywhere: P pause":                      {asks: "retry.Pause"},
		"detail: c copy path":                      {after: "j enter j", shows: ".id sent to the terminal's clipboard"},
		"messages, detail: E export":               {after: "j", shows: "export 1 letter to "},
		"messages, detail: e edit":                 {with: noEditor, after: "j", shows: `the editor "nowhere-to-be-found" was not found`},
		"engine: / filter":                         {with: eventful, after: "6", shows: "enter keeps it", off: "-"},
		"engine: space pause stream":               {with: eventful, after: "6", shows: "‖ paused, 0 since", off: "-"},
		"engine: space resume stream":              {with: eventful, after: "6 space", hides: "‖ paused, 0 since"},
		"everywhere: : command":                    {shows: "esc leaves"},
		"everywhere: ctrl+p commands":              {shows: "COMMANDS"},
		"everywhere: ctrl+z suspend":               {shows: "there is no shell behind this terminal"},
		"everywhere: ? help":                       {shows: "KEYS HERE"},
		"everywhere: q quit":                       {quits: true},
		"everywhere: ctrl+c interrupt":             {quits: true},
	}
}

// ofEveryKind is a screen on which every key can mean something.
func ofEveryKind() *engine {
	e := newEngine(some()...)
	causes(e)
	works(e)
	e.do = func(ctx context.Context, _ retry.Command) ([]retry.Result, error) { // it never comes to an end
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return e
}

// causes gives every letter one of two causes.
func causes(e *engine) {
	e.status.Causes = caused().status.Causes
	for n, entry := range some() {
		entry.Cause = e.status.Causes[n%2].Key
		e.entries[entry.Letter.ID] = entry
	}
}

func TestEveryKeyDoesWhatItIsFor(t *testing.T) {
	rows := everyKey()
	for _, b := range ui.KeyMap() {
		row, ok := rows[b.Is]
		if !ok {
			t.Errorf("everyKey has no row for %q: say what is seen when it is pressed", b.Is)
			continue
		}
		delete(rows, b.Is)
		if row.shows == "" && row.hides == "" && row.asks == "" && !row.quits {
			t.Errorf("the row of everyKey for %q says nothing that can be seen", b.Is)
		}
		for _, key := range b.Keys {
			t.Run(b.Is+"/"+key, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { row.holds(t, key) })
			})
		}
	}
	for is := range rows {
		t.Errorf("everyKey has a row for %q, which the key map has not", is)
	}
}

// far are keys whose names are words that tests type.
var far = map[string]string{"pgdown": "\x1b[6~", "pgup": "\x1b[5~", "home": "\x1b[H", "end": "\x1b[F"}

// holds tells whether the key does it, and whether it had not been done before.
func (row pressed) holds(t *testing.T, key string) {
	t.Helper()
	e := ofEveryKind()
	cfg := config(e)
	row.change(e, &cfg)
	x := open(t, cfg, 120, 40)
	defer x.close()
	x.press(strings.Fields(row.after)...)
	before, asked := x.text(), len(e.commands())
	if sent, ok := far[key]; ok {
		key = sent
	}
	x.press(key)
	x.pass(time.Second) // what it asks for has come
	after := x.text()
	if strings.Contains(before, row.shows) != (row.shows == "") || !strings.Contains(after, row.shows) {
		t.Errorf("it does not bring %q up:\n%s", row.shows, after)
	}
	if !strings.Contains(before, row.hides) || strings.Contains(after, row.hides) != (row.hides == "") {
		t.Errorf("it does not take %q away:\n%s", row.hides, after)
	}
	var kinds strings.Builder
	for _, c := range e.commands()[asked:] {
		fmt.Fprintf(&kinds, "%T", c)
	}
	if kinds.String() != row.asks {
		t.Errorf("the engine is asked for %q, want %q", kinds.String(), row.asks)
	}
	if x.over() != row.quits {
		t.Errorf("the program has ended: %v, want %v", x.over(), row.quits)
	}
}

func (row pressed) change(e *engine, cfg *ui.Config) {
	if row.with != nil {
		row.with(e, cfg)
	}
}

func TestEveryKeyThatCannotWorkSaysWhy(t *testing.T) {
	rows := everyKey()
	for _, b := range ui.KeyMap() {
		row := rows[b.Is]
		if !b.Offs || row.off == "-" {
			continue
		}
		t.Run(b.Is, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEngine()
				e.status.Endpoints = nil
				cfg := config(e)
				cfg.Webhooks = nil
				row.change(e, &cfg)
				x := open(t, cfg, 120, 40)
				defer x.close()
				e.end()
				x.pass(time.Second)
				x.press(b.Pane)
				x.press(strings.Fields(row.off)...)
				x.press(b.Keys[0])
				x.says(" " + b.Name + ": ")
			})
		})
	}
}

func TestNoKeyOfAReadOnlyScreenChangesAnything(t *testing.T) {
	rows := everyKey()
	for _, b := range ui.KeyMap() {
		if !b.Acts {
			continue
		}
		t.Run(b.Is, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				row, e := rows[b.Is], ofEveryKind()
				cfg := config(e)
				row.change(e, &cfg)
				cfg.ReadOnly = true
				x := open(t, cfg, 120, 40)
				defer x.close()
				x.press(strings.Fields(row.after)...)
				x.press(b.Keys[0], "enter", "enter")
				if len(e.commands()) > 0 {
					t.Errorf("asked for %+v", e.commands())
				}
			})
		})
	}
}
