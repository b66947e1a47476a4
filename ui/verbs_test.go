package ui_test

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rehook/retry"
	"rehook/ui"
)

// asked is the only command that the engine was given.
func asked[C retry.Command](t *testing.T, e *engine) C {
	t.Helper()
	all := e.commands()
	if len(all) != 1 {
		t.Fatalf("asked for %+v, want one command", all)
	}
	c, ok := all[0].(C)
	if !ok {
		t.Fatalf("asked for %+v, want a %T", all[0], c)
	}
	return c
}

// does answers any command over letters as done.
func does(ids *[]string) func(context.Context, retry.Command) ([]retry.Result, error) {
	return func(_ context.Context, c retry.Command) ([]retry.Result, error) {
		switch c := c.(type) {
		case retry.Redrive:
			*ids = c.IDs
		case retry.Park:
			*ids = c.IDs
		case retry.Hold:
			*ids = c.IDs
		case retry.Release:
			*ids = c.IDs
		case retry.Delete:
			*ids = c.IDs
		case retry.Limit:
			return []retry.Result{{ID: c.Endpoint, Did: retry.DidLimit, Note: "2 at once, 5 a second"}}, nil
		default:
			return nil, nil
		}
		var results []retry.Result
		for _, id := range *ids {
			results = append(results, retry.Result{ID: id, Did: "seen to"})
		}
		return results, nil
	}
}

// verbTests say of every verb of the command line what is seen of it.
var verbTests = map[string]func(x *terminal, e *engine){
	"redrive": func(x *terminal, e *engine) {
		x.press("j")
		x.speak("redrive")
		x.says(id(0)[:8] + " seen to")
		if got := asked[retry.Redrive](x.t, e); !slices.Equal(got.IDs, []string{id(0)}) || got.By != "ben" {
			x.t.Errorf("asked for %+v", got)
		}
	},
	"park": func(x *terminal, e *engine) {
		x.press("j")
		x.speak("park --why 'CRM is being migrated'")
		x.shows("PARK 1 LETTER", "because: CRM is being migrated")
		x.press("enter")
		x.says(id(0)[:8] + " seen to")
		if got := asked[retry.Park](x.t, e); got.Why != "CRM is being migrated" {
			x.t.Errorf("asked for %+v", got)
		}
	},
	"hold": func(x *terminal, e *engine) {
		x.press("j", "space", "space")
		x.speak("hold")
		x.shows("HOLD OR LET GO OF 2 LETTERS")
		x.press("enter")
		if got := asked[retry.Hold](x.t, e); !slices.Equal(got.IDs, []string{id(0), id(1)}) {
			x.t.Errorf("asked for %+v", got)
		}
	},
	"release": func(x *terminal, e *engine) {
		x.speak("release reason:exhausted")
		x.shows("RELEASE 1 LETTER", "1  crm.example.com")
		x.press("enter")
		if got := asked[retry.Release](x.t, e); !slices.Equal(got.IDs, []string{id(11)}) {
			x.t.Errorf("asked for %+v", got)
		}
	},
	"delete": func(x *terminal, e *engine) {
		x.speak("delete endpoint:erp")
		x.shows("DELETE 4 LETTERS", "type 4 to delete them")
		x.press("enter")
		if len(e.commands()) != 0 {
			x.t.Fatalf("asked for %+v, though the count was not typed", e.commands())
		}
		x.press("4", "enter")
		if got := asked[retry.Delete](x.t, e); len(got.IDs) != 4 {
			x.t.Errorf("asked for %+v", got)
		}
	},
	"edit": func(x *terminal, _ *engine) {
		x.press("j")
		x.speak("edit")
		x.shows("✗ edit: no editor is set: VISUAL or EDITOR")
	},
	"export": func(x *terminal, e *engine) {
		path, want := filepath.Join(x.t.TempDir(), "letters.ndjson"), ndjson(x.t, e.kept(7)...)
		x.speak("export status:429 --file " + path)
		x.pass(time.Second)
		x.says("✓ 1 letter in ")
		holds(x.t, path, want)
		x.speak("export --parked")
		x.shows("export 2 letters to rehook-gen-webhook-dlq-")
		x.press("esc")
		x.speak("export nothing-like-it")
		x.shows("✗ export: no waiting letter matches")
		x.press("ctrl+u", "esc")
		x.press("j", "space", "j", "space")
		x.speak("export")
		x.shows("export 2 letters to ")
		x.press("esc")
		x.speak("export --file x/")
		x.shows("✗ --file: that is a folder: name a file in it")
	},
	"pause": func(x *terminal, e *engine) {
		x.speak("pause --why maintenance")
		x.says("paused: nothing is attempted")
		if got := asked[retry.Pause](x.t, e); got.Why != "maintenance" || got.By != "ben" {
			x.t.Errorf("asked for %+v", got)
		}
	},
	"resume": func(x *terminal, e *engine) {
		x.speak("resume")
		x.says("resumed")
		asked[retry.Resume](x.t, e)
	},
	"limit": func(x *terminal, e *engine) {
		x.speak("limit crm.example.com --rate 5 --at-once=2")
		x.says("https://crm.example.com: 2 at once, 5 a second")
		want := retry.Limit{Endpoint: "https://crm.example.com", Rate: 5, AtOnce: 2, By: "ben"}
		if got := asked[retry.Limit](x.t, e); got != want {
			x.t.Errorf("asked for %+v, want %+v", got, want)
		}
	},
	"ls": func(x *terminal, _ *engine) {
		x.speak("ls status:429")
		x.shows("1 of waiting 11", "/status:429")
		x.speak("filter --parked reason:unauthorized")
		x.shows("1 of parked 2")
		x.speak("ls")
		x.shows(" waiting 11 ")
		x.hides("/reason")
	},
	"waiting": func(x *terminal, _ *engine) {
		x.press("w")
		x.speak("waiting endpoint:crm")
		x.shows("2 of waiting 11")
	},
	"parked": func(x *terminal, _ *engine) {
		x.speak("parked")
		x.shows("every attempt failed", "unauthorized")
	},
	"delivered": func(x *terminal, _ *engine) {
		x.speak("delivered")
		x.shows("nothing has been delivered yet")
	},
	"sort": func(x *terminal, _ *engine) {
		x.speak("sort age")
		x.shows("↓ age")
		x.speak("sort expires --reverse")
		x.shows("↑ expires")
	},
	"group": func(x *terminal, _ *engine) {
		x.speak("group")
		x.shows("by cause", "COUNT")
	},
	"show": func(x *terminal, _ *engine) {
		x.speak("ls status:429")
		x.speak("show " + id(11)[:8])
		x.shows("━ 5 DETAIL  "+id(11)[:8], " parked 2 ")
		x.cursorOn(11)
	},
	"queues":    func(x *terminal, _ *engine) { x.speak("queues"); x.shows("━ 1 QUEUES") },
	"endpoints": func(x *terminal, _ *engine) { x.speak("endpoints"); x.shows("━ 2 ENDPOINTS") },
	"webhooks":  func(x *terminal, _ *engine) { x.speak("webhooks"); x.shows("━ 3 GENESYS") },
	"events":    func(x *terminal, _ *engine) { x.speak("events"); x.shows("━ 6 ENGINE") },
	"jobs": func(x *terminal, e *engine) {
		x.speak("jobs")
		x.shows("✗ jobs: nothing is under way")
		x.press("esc")
		e.tell(func(_ *retry.Update, s *retry.Status) {
			s.Jobs = []retry.Job{{ID: "1", Verb: "redrive", By: "anna", Total: 5, Left: 2}}
		})
		x.pass(time.Second)
		x.speak("jobs")
		x.shows("JOBS", "redrive by anna")
	},
	"help": func(x *terminal, _ *engine) { x.speak("help"); x.shows("KEYS HERE") },
	"quit": func(x *terminal, _ *engine) {
		x.speak("q")
		if !x.quits() {
			x.t.Error("it does not quit")
		}
	},
}

// documented are the verbs of the table in docs/keys.md, which is made from the one that the screen has.
func documented() []string {
	_, table, _ := strings.Cut(ui.KeysMarkdown(), "## Command line")
	var names []string
	for _, found := range regexp.MustCompile("(?m)^\\| `([a-z]+)").FindAllStringSubmatch(table, -1) {
		names = append(names, found[1])
	}
	return names
}

func TestEveryVerbOfTheCommandLineDoesSomethingThatIsSeen(t *testing.T) {
	verbs := documented()
	if len(verbs) < 20 {
		t.Fatalf("documented are %v", verbs)
	}
	for _, name := range verbs {
		test := verbTests[name]
		if test == nil {
			t.Errorf("%s has no test", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			screen(t, func(x *terminal, e *engine) {
				var ids []string
				e.do = does(&ids)
				test(x, e)
			})
		})
	}
}

func TestOfTwoEndpointsOfAHostTheOneThatIsMeantIsLimited(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		var ids []string
		e.do = does(&ids)
		e.tell(func(_ *retry.Update, s *retry.Status) {
			s.Endpoints = append(s.Endpoints, retry.Endpoint{Endpoint: "http://crm.example.com", State: retry.Closed})
		})
		x.pass(time.Second)
		x.press(":", "limit ")
		x.offers("https://crm.example.com  erp.example.com  ops.example.com  http://crm.example.com  --rate  --at-once  --why")
		x.press("crm.example.com", "enter")
		x.shows(`"crm.example.com" could be https://crm.example.com or http://crm.example.com: write which`)
		x.press("esc")
		x.speak("limit http://crm.example.com")
		if got := asked[retry.Limit](t, e); got.Endpoint != "http://crm.example.com" {
			t.Errorf("asked for %+v", got)
		}
	})
}

func TestAnEndpointThatTheEngineDoesNotKnowIsNotLimited(t *testing.T) {
	screen(t, func(x *terminal, e *engine) {
		e.do = func(context.Context, retry.Command) ([]retry.Result, error) {
			return []retry.Result{{ID: "https://crm.example.com", Did: retry.DidSkip, Note: "no such endpoint"}}, nil
		}
		x.speak("limit https://crm.example.com/genesys/hook")
		x.says("· https://crm.example.com: no such endpoint")
	})
}
