package ui_test

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"rehook/genesys"
	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

// hostility is text that does something to a terminal, or to a reader, and how it is shown instead.
type hostility struct {
	name string
	text string
	mark string
	raw  string // what must not reach the terminal; empty: the text
}

// hostilities are short, and what is hostile comes first: they are seen in narrow columns too.
func hostilities() []hostility {
	return []hostility{
		{"NUL", "\x00QZ", "␀QZ", ""},
		{"bell", "\aQZ", "␇QZ", ""},
		{"backspace", "\b\bQZ", "␈␈QZ", ""},
		{"tab", "\tQZ", "␉QZ", ""},
		{"line feed", "\nQZ", "␊QZ", ""},
		{"vertical tab", "\vQZ", "␋QZ", ""},
		{"form feed", "\fQZ", "␌QZ", ""},
		{"carriage return", "\rQZ", "␍QZ", ""},
		{"shift out", "\x0eQZ", "␎QZ", ""},
		{"cancel", "\x18QZ", "␘QZ", ""},
		{"delete", "\x7fQZ", "␡QZ", "\x7f"},
		{"reset", "\x1bc", "␛c", ""},
		{"CSI", "\x1b[77;7HQ", "␛[77", ""},
		{"SGR", "\x1b[5;35mQ", "␛[5;", ""},
		{"OSC 0", "\x1b]0;QZ\a", "␛]0;", ""},
		{"OSC 2 without end", "\x1b]2;QZ", "␛]2;Q", ""},
		{"OSC 8", "\x1b]8;;http://q\x1b\\Q\x1b]8;;\x1b\\", "␛]8;", "\x1b]8;"},
		{"OSC 9", "\x1b]9;QZ\a", "␛]9;", ""},
		{"OSC 52", "\x1b]52;c;aGk=\a", "␛]52", "\x1b]52;c;aGk="},
		{"OSC 1337", "\x1b]1337;QZ\x1b\\", "␛]13", "\x1b]1337"},
		{"DCS", "\x1bP1$r0m\x1b\\", "␛P1$", "\x1bP"},
		{"DCS without end", "\x1bP+qQZ", "␛P+q", "\x1bP"},
		{"APC", "\x1b_GQ\x1b\\", "␛_GQ", "\x1b_"},
		{"PM", "\x1b^QZ\x1b\\", "␛^QZ", "\x1b^"},
		{"SOS", "\x1bXQZ\x1b\\", "␛XQZ", "\x1bX"},
		{"C1 CSI", "\u009b31m", "‹9B›3", "\u009b"},
		{"C1 OSC", "\u009d0;Q\u009c", "‹9D›0", "\u009d"},
		{"C1 next line", "\u0085Q", "‹85›Q", "\u0085"},
		{"C1 in a byte", "\x9b31m", "‹9B›3", "\x1b\x9b"},
		{"a byte that is no UTF-8", "\xffQ", "‹FF›Q", "\xff"},
		{"overlong UTF-8", "\xc0\xafQ", "‹C0›", "\xc0\xaf"},
		{"a surrogate", "\xed\xa0\x80", "‹ED›", "\xed\xa0\x80"},
		{"cut UTF-8", "\xe2\x82", "‹E2›", ""},
		{"override", "\u202eQZ", "‹202E›", "\u202e"},
		{"isolate", "\u2066Q\u2069", "‹2066›", "\u2066"},
		{"right to left mark", "\u200fQ", "‹200F›", "\u200f"},
		{"Arabic letter mark", "\u061cQ", "‹61C›Q", "\u061c"},
		{"zero width space", "\u200bQ", "‹200B›", "\u200b"},
		{"word joiner", "\u2060Q", "‹2060›", "\u2060"},
		{"byte order mark", "\ufeffQ", "‹FEFF›", "\ufeff"},
		{"variation selector", "❤\ufe0f", "❤‹FE0F", "\ufe0f"},
		{"a late variation selector", "\U000e0100", "‹E0100›", "\U000e0100"},
		{"tag", "\U000e0041", "‹E0041›", "\U000e0041"},
		{"flood of marks", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "‹301›", "\u0301\u0301\u0301"},
		{"a mark on nothing", " \u0301Q", " ‹301›", " \u0301"},
		{"soft hyphen", "\u00adQ", "‹AD›Q", "\u00ad"},
		{"line separator", "\u2028Q", "‹2028›", "\u2028"},
		{"paragraph separator", "\u2029Q", "‹2029›", "\u2029"},
		{"Mongolian vowel separator", "\u180eQ", "‹180E›", "\u180e"},
		{"interlinear annotation", "\ufff9Q", "‹FFF9›", "\ufff9"},
		{"musical format", "\U0001d173", "‹1D173›", "\U0001d173"},
		{"hieroglyphic format", "\U00013430", "‹13430›", "\U00013430"},
		{"deprecated format", "\u206aQ", "‹206A›", "\u206a"},
		{"invisible operator", "\u2061Q", "‹2061›", "\u2061"},
		{"private use", "\ue000Q", "‹E000›", "\ue000"},
		{"private plane", "\U000f0000", "‹F0000›", "\U000f0000"},
		{"noncharacter", "\ufffeQ", "‹FFFE›", "\ufffe"},
		{"Hangul filler", "\u3164Q", "‹3164›", "\u3164"},
		{"Hangul jamo", "\u1100\u1161", "ᄀ‹1161", "\u1161"},
		{"blank braille", "\u2800Q", "‹2800›", "\u2800"},
		{"joined emoji", "👩\u200d👩", "👩‹200D", "\u200d"},
	}
}

func (h hostility) mustNotReach() string {
	if h.raw != "" {
		return h.raw
	}
	return h.text
}

// stage is a place where text from outside shows. It has the text shown there.
type stage struct {
	name  string
	once  []string // keys that lead there
	show  func(x *terminal, e *engine, text string)
	lines bool // newlines and tabs are what they are, and what is no text may be shown otherwise
	typed bool // spaces of all kinds are one, and nothing but UTF-8 can be typed
}

func stages() []stage {
	return []stage{
		{name: "cells", show: func(x *terminal, e *engine, text string) {
			bad := letter(0, "https://"+text+".example.com/")
			bad.Letter.ID, bad.Letter.Error, bad.Letter.ErrorCode = text+"0123456", text, 0
			bad.Wait, bad.HeldBy, bad.Due = retry.ForRelease, text, time.Time{}
			x.reset(e, bad)
		}},
		{name: "parked reason", once: []string{"w"}, show: func(x *terminal, e *engine, text string) {
			x.reset(e, parked(letter(0, "https://a.example.com"), deadletter.ParkReason(text)))
		}},
		{name: "payload", lines: true, show: func(x *terminal, e *engine, text string) {
			bad := letter(0, "https://a.example.com")
			bad.Letter.Payload = []byte("." + text)
			x.reset(e, bad)
			x.press("5")
		}},
		{name: "payload as a tree", lines: true, show: func(x *terminal, e *engine, text string) {
			bad := letter(0, "https://a.example.com")
			quoted, err := json.Marshal(map[string]string{text: text})
			must(err)
			bad.Letter.Payload = quoted
			x.reset(e, bad)
			x.press("5")
		}},
		{name: "attempts", once: []string{"5", "right"}, show: func(x *terminal, e *engine, text string) {
			bad := letter(0, "https://a.example.com")
			bad.Letter.Attempts = []deadletter.Attempt{{At: time.Now(), Error: text, Response: text}}
			bad.Letter.RetryCount, bad.Letter.Source = 1, text
			x.reset(e, bad)
		}},
		{name: "request", once: []string{"5", "right", "right"}, show: func(x *terminal, e *engine, text string) {
			bad := letter(0, "https://a.example.com/"+text)
			bad.Letter.Headers = deadletter.Headers{"X-" + text: {text}}
			x.reset(e, bad)
		}},
		{name: "endpoints", show: func(x *terminal, e *engine, text string) {
			e.tell(func(_ *retry.Update, s *retry.Status) {
				s.Endpoints = []retry.Endpoint{{Endpoint: "https://" + text, LastError: text, State: retry.BreakerState(text), LimitedBy: text}}
			})
			x.pass(time.Second)
		}},
		{name: "stream", show: func(x *terminal, e *engine, text string) {
			at := retry.At{Time: time.Now()}
			e.tell(func(u *retry.Update, _ *retry.Status) {
				u.Stream = []retry.Event{
					retry.Trouble{At: at, Message: text, Hint: text},
					retry.Failed{At: at, ID: text, Endpoint: text, Error: text},
					retry.Released{At: at, ID: text, By: text},
					retry.Parked{At: at, ID: text + "2", Endpoint: text, Reason: deadletter.ParkReason(text)},
					retry.BreakerMoved{At: at, Endpoint: text, State: retry.Open},
					retry.Alert{At: at, Kind: retry.AlertBreaker, Endpoint: text, Message: text, Hint: text},
				}
			})
			x.pass(time.Second)
		}},
		{name: "queue", show: func(x *terminal, e *engine, text string) {
			e.tell(func(_ *retry.Update, s *retry.Status) {
				s.Queue, s.Where, s.Parked, s.Paused, s.PausedBy = text, text, text, true, text
			})
			x.pass(time.Second)
		}},
		{name: "link", show: func(x *terminal, e *engine, text string) {
			e.tell(func(_ *retry.Update, s *retry.Status) { s.LinkDown, s.LinkError, s.LinkHint = true, text, text })
			x.pass(time.Second)
		}},
		{name: "jobs", show: func(x *terminal, e *engine, text string) {
			e.tell(func(_ *retry.Update, s *retry.Status) {
				s.Jobs = []retry.Job{{ID: "1", Verb: text, By: text, To: text, Why: text, Total: 2, Left: 1, Stopped: text}}
			})
			x.press("esc", "J")
		}},
		{name: "groups", once: []string{"t"}, show: func(x *terminal, e *engine, text string) {
			bad := letter(0, "https://a.example.com")
			bad.Cause = text
			e.tell(func(_ *retry.Update, s *retry.Status) {
				s.Causes = []retry.Cause{{Key: text, Endpoint: text, Reason: text, Shape: text, First: time.Now(), Last: time.Now()}}
			})
			x.reset(e, bad)
		}},
		{name: "plan", show: func(x *terminal, e *engine, text string) {
			e.plan = func(context.Context, retry.Command) (retry.Plan, error) {
				return retry.Plan{
					Verb: text, Letters: 1, Endpoints: []retry.Planned{{Letters: 1, Endpoint: retry.Endpoint{Endpoint: text}}},
					Cannot: []retry.Reason{{Why: text, Letters: 1}},
				}, nil
			}
			x.press("esc", "p")
		}},
		{name: "plan that is refused", show: func(x *terminal, e *engine, text string) {
			e.plan = func(context.Context, retry.Command) (retry.Plan, error) { return retry.Plan{}, errors.New(text) }
			x.press("esc", "p")
		}},
		{name: "outcome", show: func(x *terminal, e *engine, text string) {
			e.do = func(context.Context, retry.Command) ([]retry.Result, error) {
				return []retry.Result{{ID: text, Did: retry.Did(text), Note: text}, {ID: id(1), Did: retry.DidFail, Note: text}}, errors.New(text)
			}
			x.press("esc", "esc", "esc", "v", "j", "space", "p", "enter")
		}},
		{name: "what was done", show: func(x *terminal, e *engine, text string) {
			e.do = func(context.Context, retry.Command) ([]retry.Result, error) {
				return []retry.Result{{ID: text + "01234567", Did: retry.Did(text), Note: text}}, nil
			}
			x.press("g", "r")
		}},
		{name: "what the engine refuses", show: func(x *terminal, e *engine, text string) {
			e.do = func(context.Context, retry.Command) ([]retry.Result, error) { return nil, errors.New(text) }
			x.press("P")
		}},
		{name: "filter", typed: true, show: func(x *terminal, _ *engine, text string) {
			x.press("esc", "esc", "/")
			x.program.Send(tea.PasteMsg{Content: text})
			x.pass(time.Second)
		}},
		{name: "search", typed: true, show: func(x *terminal, _ *engine, text string) {
			x.press("esc", "esc", "5", "/")
			x.program.Send(tea.PasteMsg{Content: text})
			x.pass(time.Second)
		}},
		{name: "command line", typed: true, show: func(x *terminal, _ *engine, text string) {
			x.press("esc", "esc", ":")
			x.program.Send(tea.PasteMsg{Content: text})
			x.pass(time.Second)
			x.press("enter")
		}},
		{name: "completion", typed: true, lines: true, show: func(x *terminal, e *engine, text string) {
			x.reset(e, letter(0, "https://"+text+".example.com/"))
			e.tell(func(_ *retry.Update, s *retry.Status) {
				s.Endpoints = []retry.Endpoint{{Endpoint: "https://" + text}, {Endpoint: "https://" + text + "2"}}
			})
			x.press("esc", ":", "redrive endpoint:", "tab", "tab")
		}},
		{name: "palette", typed: true, show: func(x *terminal, _ *engine, text string) {
			x.press("esc", "esc", "ctrl+p")
			x.program.Send(tea.PasteMsg{Content: text})
			x.pass(time.Second)
		}},
		{name: "export", typed: true, show: func(x *terminal, _ *engine, text string) {
			x.press("esc", "esc", "E", "ctrl+u")
			x.program.Send(tea.PasteMsg{Content: text})
			x.pass(time.Second)
		}},
		{name: "file that cannot be written", typed: true, show: func(x *terminal, _ *engine, text string) {
			x.press("esc", "esc", "E", "ctrl+u")
			x.program.Send(tea.PasteMsg{Content: "/nowhere/" + text})
			x.pass(time.Second)
			x.press("enter")
		}},
		{name: "a filter that is wrong", typed: true, show: func(x *terminal, _ *engine, text string) {
			x.press("esc", "esc", "/")
			x.program.Send(tea.PasteMsg{Content: "status:" + text})
			x.pass(time.Second)
			x.press("enter")
		}},
	}
}

// reset has the engine hold these letters alone, and the screen show them from the beginning.
func (x *terminal) reset(e *engine, entries ...retry.Entry) {
	x.press("esc", "4")
	e.tell(func(u *retry.Update, _ *retry.Status) {
		clear(e.entries)
		u.Reset, u.Letters = true, entries
	})
	x.pass(1500 * time.Millisecond)
}

func TestHostileTextIsSeenAsMarksEverywhere(t *testing.T) {
	for _, place := range stages() {
		t.Run(place.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEngine(letter(0, "https://a.example.com"), letter(1, "https://a.example.com"))
				x := open(t, config(e), 120, 30)
				defer x.close()
				x.press(place.once...)
				for _, h := range hostilities() {
					x.writtenSince()
					place.show(x, e, h.text)
					x.harmless(h, !place.lines && (!place.typed || typable(h.text)))
					if t.Failed() {
						return
					}
				}
			})
		})
	}
}

// typable tells whether a text stays as it is when it is typed.
func typable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsSpace)
}

// harmless fails unless something hostile has not reached the terminal, tears nothing, and is seen as a mark.
func (x *terminal) harmless(h hostility, seen bool) {
	x.t.Helper()
	if raw := h.mustNotReach(); strings.Contains(x.bytes(), raw) {
		x.t.Errorf("%s: %q reaches the terminal", h.name, raw)
	}
	if strings.ContainsAny(x.windowTitle(), "\x00\a\x1b\u009b\u202eQ") {
		x.t.Errorf("%s: the title is %q", h.name, x.windowTitle())
	}
	x.whole()
	if seen && !strings.Contains(x.text(), h.mark) {
		x.t.Errorf("%s: %q is not seen:\n%s", h.name, h.mark, x.text())
	}
}

// Webhooks are read every five minutes; a screen for each kind is quicker.
func TestHostileWebhooksAreSeenAsMarks(t *testing.T) {
	for _, h := range hostilities() {
		for name, read := range map[string]func() (genesys.Listing, error){
			"name": func() (genesys.Listing, error) {
				return genesys.Listing{Region: h.text, Org: h.text, Webhooks: []genesys.Webhook{{
					Name: h.text, Status: h.text, Endpoint: "https://" + h.text, Problem: h.text,
					Findings: []genesys.Finding{{Severity: genesys.Failure, Subject: h.text, Message: h.text, Hint: h.text}},
				}}}, nil
			},
			"error": func() (genesys.Listing, error) { return genesys.Listing{}, errors.New(h.text) },
		} {
			t.Run(h.name+" "+name, func(t *testing.T) {
				hostileOrg := func(e *engine) ui.Config {
					cfg := config(e)
					cfg.Title, cfg.By = h.text, h.text
					cfg.Webhooks = func(context.Context) (genesys.Listing, error) { return read() }
					return cfg
				}
				screenOf(t, hostileOrg, func(x *terminal, _ *engine) {
					x.press("3")
					x.harmless(h, true)
				})
			})
		}
	}
}

// A command that is pasted must not type: a terminal passes on what it is sent, control characters and all, and the end
// of a paste can be part of it. What the shell makes of the command is exactly the letter.
func TestACopiedCurlCommandIsHarmlessAndExact(t *testing.T) {
	for turn, h := range append(hostilities(), hostility{name: "end of paste", text: "\x1b[201~'; touch pwned #'%s\\n"}, hostility{name: "nothing", text: "世界, {a,b} é"}) {
		payload, command := []byte("@a 'b' 100% \\n " + h.text + "\n")[turn%2:], "" // some begin as a file's name would
		screen(t, func(x *terminal, e *engine) {
			bad := letter(0, "https://a.example.com/"+h.text)
			bad.Letter.Payload = payload
			bad.Letter.Headers = deadletter.Headers{"X-A": {h.text}}
			x.reset(e, bad)
			x.writtenSince()
			x.press("Y")
			command = x.copied()
			if !utf8.Valid(payload) {
				x.says("not text")
			}
		})
		if !utf8.Valid(payload) {
			continue
		}
		for _, r := range strings.ReplaceAll(command, "\n", "") {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0x200b || r == 0xfffd {
				t.Fatalf("%s: the command holds %U: %q", h.name, r, command)
			}
		}
		// curl is a function here that gives what it would send.
		script := `curl() { for a; do last=$a; done; case $last in @-) cat ;; @*) echo a file ;; *) printf %s "$last" ;; esac; }` + "\n" + command
		sent, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
		if err != nil || string(sent) != string(payload) {
			t.Errorf("%s: the shell sends %q (%v), want %q; of %q", h.name, sent, err, payload, command)
		}
	}
}

// All kinds at once, each in a line that is changed: what differs is shown as marks too.
func TestHostileChangesAreSeenAsMarks(t *testing.T) {
	var payload strings.Builder
	for _, h := range hostilities() {
		if utf8.ValidString(h.text) {
			payload.WriteString("Z" + h.text + "\n")
		}
	}
	editing(t, `sed -i s/Z/W/ "$1"`, func(x *terminal, e *engine) {
		bad := letter(0, "https://a.example.com")
		bad.Letter.Payload = []byte(payload.String())
		x.reset(e, bad)
		x.writtenSince()
		x.editor()
		x.shows("EDIT", "Z␇QZ", "Z␛c")
		for range 20 {
			x.whole()
			x.press("ctrl+d")
		}
		for _, h := range hostilities() {
			if raw := h.mustNotReach(); !strings.ContainsAny(h.text, "\n\r\t\u0301") && strings.Contains(x.bytes(), raw) {
				t.Errorf("%s: %q reaches the terminal", h.name, raw)
			}
		}
	})
}
