package ui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/ui"
)

// editing runs a test on a screen whose editor is a shell script; $1 is the file. It fails if a file is left behind
// that the test does not expect.
func editing(t *testing.T, script string, test func(x *terminal, e *engine)) (left []string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	editor := filepath.Join(t.TempDir(), "editor.sh")
	must(os.WriteFile(editor, []byte(script), 0o600))
	with := func(e *engine) ui.Config {
		cfg := config(e)
		cfg.Editor = "sh -e " + editor
		return cfg
	}
	screenOf(t, with, test)
	left, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	must(err)
	return left
}

// editor presses e and comes back from the editor. The test's input is no terminal, so that the reading of it goes on
// beside the editor, unless it ended before: what it takes once more is nothing.
func (x *terminal) editor() {
	x.t.Helper()
	x.press("e")
	x.pass(time.Second)
	_, err := x.in.Write(nil)
	must(err)
	x.pass(300 * time.Millisecond)
}

// edits are the edits that the engine was asked for.
func (e *engine) edits() (all []retry.Edit) {
	for _, c := range e.commands() {
		if edit, ok := c.(retry.Edit); ok {
			all = append(all, edit)
		}
	}
	return all
}

// answers has the engine answer an edit with this.
func (e *engine) answers(did retry.Did, note string) {
	e.do = func(_ context.Context, c retry.Command) ([]retry.Result, error) {
		return []retry.Result{{ID: c.(retry.Edit).ID, Did: did, Note: note}}, nil
	}
}

const greets = `sed -i 's/Guten Abend/Guten Morgen/' "$1"`

func TestAnEditShowsWhatHasChangedAndIsRedriven(t *testing.T) {
	left := editing(t, greets, func(x *terminal, e *engine) {
		e.answers(retry.DidDeliver, "200 in 84 ms")
		x.press("j")
		x.editor()
		x.shows("EDIT "+id(0)[:8], "to erp.example.com", "−1 +1", `-   "text": "Guten Abend",`, `+   "text": "Guten Morgen",`, `    "vip": true,`,
			"X-Hub-Signature-256 no longer fits: an endpoint may refuse it", "enter save and redrive", "s save only")
		if len(e.commands()) != 0 {
			t.Fatalf("asked for %v before it was confirmed", e.commands())
		}
		x.press("enter")
		x.says("✓ " + id(0)[:8] + " delivered: 200 in 84 ms")
		want := retry.Edit{ID: id(0), Payload: []byte(strings.Replace(payload, "Abend", "Morgen", 1)), Redrive: true, By: "ben"}
		if got := e.edits(); len(got) != 1 || fmt.Sprintf("%+v", got[0]) != fmt.Sprintf("%+v", want) {
			t.Errorf("asked for %+v, want %+v", got, want)
		}
	})
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAnEditCanBeSavedOnly(t *testing.T) {
	editing(t, greets, func(x *terminal, e *engine) {
		e.answers(retry.DidEdit, "")
		x.press("j", "enter")
		x.editor()
		x.press("s")
		x.says("✓ " + id(0)[:8] + " edited")
		if got := e.edits(); len(got) != 1 || got[0].Redrive {
			t.Errorf("asked for %+v", got)
		}
	})
}

func TestAParkedLetterIsEditedAndReleasedInOne(t *testing.T) {
	editing(t, greets, func(x *terminal, e *engine) {
		e.answers(retry.DidEdit, "")
		x.press("w")
		x.editor()
		x.shows("enter save and release")
		x.hides("save only")
		x.press("s")
		x.shows("not saved: a parked letter is saved and released in one")
		x.press("enter")
		if got := e.edits(); len(got) != 1 || !got[0].Redrive || got[0].ID != id(11) {
			t.Errorf("asked for %+v", got)
		}
	})
}

// What the operator did not touch comes back byte for byte, however it was written.
func TestAnEditChangesNothingElse(t *testing.T) {
	for name, text := range map[string]string{
		"compact":       payload,
		"spaced":        `{"a": 18014398509481985.00, "text": "Guten Abend", "a": 1e400}`,
		"pretty":        "{\n\t\"text\" : \"Guten Abend\"\n}\n",
		"escaped":       `{"text":"Guten Abend","u":"\u00e9\/é<>&","z":1,"a":2}`,
		"no JSON":       "text=Guten Abend&x=1",
		"lines of text": "Guten Abend\r\n\r\n",
		"deep":          strings.Repeat("[", 3000) + `"Guten Abend"` + strings.Repeat("]", 3000),
		"nothing but":   `"Guten Abend"`,
		"a megabyte":    `{"text":"Guten Abend","x":"` + strings.Repeat("x", 1<<20) + `","n":[` + strings.Repeat("1,", 1<<16) + `1]}`,
	} {
		t.Run(name, func(t *testing.T) {
			editing(t, greets, func(x *terminal, e *engine) {
				e.answers(retry.DidEdit, "")
				e.tell(func(u *retry.Update, _ *retry.Status) {
					l := letter(0, "https://erp.example.com/in")
					l.Letter.Payload = []byte(text)
					u.Letters = append(u.Letters, l)
				})
				x.pass(time.Second)
				x.press("j")
				x.editor()
				x.shows("Guten Abend", "Guten Morgen", "−1 +1")
				x.press("s")
				want := strings.Replace(text, "Abend", "Morgen", 1)
				if got := e.edits(); len(got) != 1 || string(got[0].Payload) != want {
					t.Errorf("asked for %.300s, want %.300q", fmt.Sprint(got), want)
				}
			})
		})
	}
}

func TestWhatAnEditorLeavesAsItWasIsNoEdit(t *testing.T) {
	for name, c := range map[string]struct{ script, says string }{
		"untouched":          {"exit 0", "nothing changed: " + id(0)[:8] + " is left as it was"},
		"saved as it was":    {`touch "$1"`, "nothing changed"},
		"other indentation":  {`sed -i 's/^ */\t/' "$1"`, "nothing changed"},
		"emptied":            {`: > "$1"`, "nothing is changed: the file was empty"},
		"with an exit code":  {"exit 3", `nothing is changed: the editor "sh" ended with exit status 3`},
		"killed":             {"kill -9 $$", `nothing is changed: the editor "sh" ended with signal: killed`},
		"a file left beside": {`cp "$1" "$1~"`, "nothing changed"},
	} {
		t.Run(name, func(t *testing.T) {
			left := editing(t, c.script, func(x *terminal, e *engine) {
				x.press("j")
				x.editor()
				x.says(c.says)
				x.hides("EDIT")
				if got := e.commands(); len(got) != 0 {
					t.Errorf("asked for %v", got)
				}
			})
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestAnEditorThatFailsAfterItHasSavedSaysSo(t *testing.T) {
	editing(t, greets+"\nexit 3", func(x *terminal, _ *engine) {
		x.press("j")
		x.editor()
		x.shows("Guten Morgen", `the editor "sh" ended with exit status 3`)
	})
}

func TestAnEditorThatIsNotThereIsSaid(t *testing.T) {
	without := func(command string) func(*engine) ui.Config {
		return func(e *engine) ui.Config {
			cfg := config(e)
			cfg.Editor = command
			return cfg
		}
	}
	screenOf(t, without("nowhere-to-be-found -w"), func(x *terminal, _ *engine) {
		x.press("j", "e")
		x.says(`cannot edit: the editor "nowhere-to-be-found" was not found: set VISUAL or EDITOR`)
	})
	screenOf(t, without(""), func(x *terminal, _ *engine) {
		x.press("j", "e")
		x.says("e edit: no editor is set: VISUAL or EDITOR, as in EDITOR=nano")
	})
}

func TestWhatIsJSONNoMoreIsAskedAbout(t *testing.T) {
	script := `if grep -q '"vip": true' "$1"; then sed -i 's/"vip": true/"vip": yes/' "$1"; else sed -i 's/yes/false/' "$1"; fi`
	editing(t, script, func(x *terminal, e *engine) {
		e.answers(retry.DidEdit, "")
		x.press("j")
		x.editor()
		x.shows("it was JSON, and is none any more: line 11: invalid character 'y'")
		x.press("enter")
		x.shows("this is no JSON: once more sends it as it is")
		x.editor() // it is mended
		x.shows(`+   "vip": false,`)
		x.hides("none any more", "once more")
		x.press("enter")
		if got := e.edits(); len(got) != 1 || string(got[0].Payload) != strings.Replace(payload, "true", "false", 1) {
			t.Errorf("asked for %.300s", fmt.Sprint(got))
		}
	})
	editing(t, script, func(x *terminal, e *engine) {
		e.answers(retry.DidEdit, "")
		x.press("j")
		x.editor()
		x.press("enter", "enter")
		if got := e.edits(); len(got) != 1 || !strings.Contains(string(got[0].Payload), `"vip": yes,`) {
			t.Errorf("asked for %.300s", fmt.Sprint(got))
		}
	})
}

func TestThrowingAnEditAwayTakesTwoKeys(t *testing.T) {
	left := editing(t, greets, func(x *terminal, e *engine) {
		x.press("j")
		x.editor()
		x.press("esc")
		x.shows("EDIT", "esc again throws your change away")
		x.press("j", "esc") // the key between: it must be asked anew
		x.shows("EDIT", "esc again throws your change away")
		x.press("esc")
		x.says("thrown away: " + id(0)[:8] + " is left as it was")
		if got := e.commands(); len(got) != 0 {
			t.Errorf("asked for %v", got)
		}
	})
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatWasTypedIsKeptWhenTheLetterHasLeft(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*retry.Update)
		shows  string
	}{
		"delivered": {func(u *retry.Update) {
			done := letter(0, "https://erp.example.com/in")
			done.Phase, done.Due = retry.Done, time.Now()
			u.Letters = append(u.Letters, done)
		}, "was delivered meanwhile, as it was: it cannot be saved"},
		"gone": {func(u *retry.Update) { u.Gone = append(u.Gone, id(0)) }, "has left the list meanwhile: it cannot be saved"},
		"edited by somebody else": {func(u *retry.Update) {
			other := letter(0, "https://erp.example.com/in")
			other.Letter.Payload, other.Letter.Edited = []byte(`{}`), &deadletter.Edited{By: "an\x1bna"}
			u.Letters = append(u.Letters, other)
		}, "was edited meanwhile by an␛na: it cannot be saved"},
	} {
		t.Run(name, func(t *testing.T) {
			var path string
			left := editing(t, greets, func(x *terminal, e *engine) {
				x.press("j")
				x.editor()
				e.tell(func(u *retry.Update, _ *retry.Status) { c.change(u) })
				x.pass(2 * time.Second)
				x.shows(c.shows, "What you typed is kept in ")
				x.press("enter")
				x.says("what you typed is kept in ")
				_, path, _ = strings.Cut(x.last(), " kept in ")
				if got := e.commands(); len(got) != 0 {
					t.Errorf("asked for %v", got)
				}
			})
			if len(left) != 1 || !strings.HasPrefix(path, left[0][:20]) {
				t.Fatalf("left behind: %v, and said to be in %q", left, path)
			}
			info, err := os.Stat(left[0])
			must(err)
			text, err := os.ReadFile(left[0])
			must(err)
			if info.Mode().Perm() != 0o600 || !strings.Contains(string(text), "Guten Morgen") {
				t.Errorf("%v: %s", info.Mode(), text)
			}
		})
	}
}

func TestALetterThatIsBeingAttemptedIsSavedLater(t *testing.T) {
	editing(t, greets, func(x *terminal, e *engine) {
		e.answers(retry.DidEdit, "")
		x.press("j")
		x.editor()
		flying := letter(0, "https://erp.example.com/in")
		flying.Phase = retry.InFlight
		e.tell(func(u *retry.Update, _ *retry.Status) { u.Letters = append(u.Letters, flying) })
		x.pass(time.Second)
		x.press("enter")
		x.shows("not saved: the letter is being attempted: try again when that has ended")
		e.tell(func(u *retry.Update, _ *retry.Status) {
			u.Letters = append(u.Letters, letter(0, "https://erp.example.com/in"))
		})
		x.pass(time.Second)
		x.press("enter")
		if len(e.edits()) != 1 {
			t.Errorf("asked for %v", e.commands())
		}
	})
}

func TestWhatTheEngineRefusesIsShownAgain(t *testing.T) {
	left := editing(t, greets, func(x *terminal, e *engine) {
		e.do = func(context.Context, retry.Command) ([]retry.Result, error) {
			return nil, errors.New("the payload of 9.0 MiB is too large:\x1b set claims")
		}
		x.press("j")
		x.editor()
		x.press("enter")
		x.shows("EDIT", "not saved: the payload of 9.0 MiB is too large:␛ set claims", "Guten Morgen")
		e.answers(retry.DidSkip, "it is being parked")
		x.press("enter")
		x.shows("EDIT", "not saved: it is being parked")
		e.answers(retry.DidFail, "503: again in 2 s")
		x.press("enter")
		x.hides("EDIT")
		x.says("failed: 503: again in 2 s") // but saved
	})
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatIsTypedBeforeTheChangeWasReadDoesNothing(t *testing.T) {
	editing(t, greets, func(x *terminal, e *engine) {
		x.press("j")
		x.press("e")
		x.pass(210 * time.Millisecond) // letting go of the terminal takes half a second where it is none
		_, _ = x.in.Write([]byte("`"))
		_, _ = x.in.Write([]byte("\rsPx"))
		x.pass(time.Second)
		x.shows("EDIT", "enter save and redrive")
		x.hides("PAUSED", "DELETE")
		if got := e.commands(); len(got) != 0 {
			t.Errorf("asked for %v", got)
		}
	})
}

func TestAFileGoesWithTheScreen(t *testing.T) {
	left := editing(t, greets, func(x *terminal, _ *engine) {
		x.press("j")
		x.editor()
		x.shows("EDIT")
	})
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAPayloadThatIsElsewhereIsReadFirst(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	elsewhere := func(read func(context.Context, *deadletter.Letter) ([]byte, error)) func(*engine) ui.Config {
		return func(e *engine) ui.Config {
			l := letter(0, "https://erp.example.com/in")
			l.Letter.Payload, l.Letter.PayloadRef = nil, &deadletter.PayloadRef{Bucket: "claims", Key: "k", Size: 9, SHA256: "00"}
			e.entries[id(0)] = l
			cfg := config(e)
			cfg.Payload, cfg.Editor = read, "sed -i s/1/2/"
			return cfg
		}
	}
	slow := func(ctx context.Context, _ *deadletter.Letter) ([]byte, error) {
		select {
		case <-time.After(5 * time.Second):
			return []byte(`{"n":1}`), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	screenOf(t, elsewhere(slow), func(x *terminal, e *engine) {
		e.answers(retry.DidEdit, "")
		x.press("j", "e")
		x.shows("reading the payload …")
		x.press("esc") // gives it up
		x.hides("reading the payload")
		x.pass(10 * time.Second)
		x.hides("EDIT")
		x.press("e")
		x.pass(6 * time.Second)
		x.press("`")
		x.shows(`+   "n": 2`)
		x.press("s")
		if got := e.edits(); len(got) != 1 || string(got[0].Payload) != `{"n":2}` {
			t.Errorf("asked for %.300s", fmt.Sprint(got))
		}
	})
	gone := func(context.Context, *deadletter.Letter) ([]byte, error) { return nil, errors.New("no such object") }
	screenOf(t, elsewhere(gone), func(x *terminal, _ *engine) {
		x.press("j", "e")
		x.says("cannot edit: no such object")
	})
	screenOf(t, elsewhere(nil), func(x *terminal, _ *engine) {
		x.press("j", "e")
		x.says("e edit: the payload is not in the letter")
	})
}

func TestAnEditIsForOneLetterThatCanBeChanged(t *testing.T) {
	for _, c := range []struct {
		before []string
		says   string
	}{
		{nil, "e edit: being attempted"},
		{[]string{"space", "space"}, "e edit: one letter at a time: 2 are selected"},
		{[]string{"w", "w"}, "e edit: only for letters that wait or are parked"},
		{[]string{"2"}, "e edit: in MESSAGES and DETAIL"},
	} {
		t.Run(strings.Join(c.before, " "), func(t *testing.T) {
			editing(t, greets, func(x *terminal, _ *engine) {
				x.press(append(c.before, "e")...)
				x.says(c.says)
			})
		})
	}
	readOnly := func(e *engine) ui.Config {
		cfg := config(e)
		cfg.ReadOnly, cfg.Editor = true, "false"
		return cfg
	}
	screenOf(t, readOnly, func(x *terminal, _ *engine) {
		x.press("j", "e")
		x.says("e edit: the screen is read-only")
	})
}

func TestWhatComesFromOutsideReachesNeitherTheFilesNameNorTheScreen(t *testing.T) {
	left := editing(t, `case "$1" in "$TMPDIR"/rehook-edit-*/etc.json) ;; *) exit 9;; esac
sed -i 's/Abend/Morgen/' "$1"`, func(x *terminal, e *engine) {
		e.tell(func(u *retry.Update, _ *retry.Status) {
			l := letter(0, "https://erp.example.com/in")
			l.Letter.ID, l.Letter.Payload = "/../etc/pas\x1b]0;x\a", []byte("{\"a\":\"Abend\u009b31m\u202e\"}")
			l.Letter.Headers["X-\x1b[2JSignature"] = []string{"x"}
			l.Due = time.Now()
			u.Letters, u.Gone = append(u.Letters, l), append(u.Gone, id(0))
		})
		x.pass(time.Second)
		x.press("j")
		x.editor()
		x.shows("Morgen‹9B›31m‹202E›", "X-␛[2JSignature")
		if strings.ContainsAny(x.bytes(), "\u009b\u202e") {
			t.Error("it reaches the terminal")
		}
	})
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAnEditLooksSo(t *testing.T) {
	for _, size := range []struct{ w, h int }{{60, 15}, {80, 24}, {120, 40}} {
		editing(t, greets, func(x *terminal, _ *engine) {
			x.press("j")
			x.resize(size.w, size.h)
			x.editor()
			x.golden(fmt.Sprintf("edit_%dx%d", size.w, size.h))
		})
	}
}

// The change of a payload that nobody has cleaned is shown whole, at every size and wherever one has scrolled to.
func TestAnEditIsWholeAtEverySize(t *testing.T) {
	var texts []string
	for _, bad := range hostilities() {
		texts = append(texts, bad.text)
	}
	for _, text := range append(texts, strings.Join(texts, "\n"), strings.Repeat("世界", 3000)) {
		if !utf8.ValidString(text) {
			continue
		}
		editing(t, `sed -i 's/$/!/' "$1"; seq 50 >> "$1"`, func(x *terminal, e *engine) {
			e.tell(func(u *retry.Update, _ *retry.Status) {
				l := letter(0, "https://"+text+".example.com/in")
				l.Letter.Payload, l.Due = []byte(text), time.Now()
				l.Letter.Headers["Signature-"+text] = []string{text}
				u.Letters = append(u.Letters, l)
			})
			x.pass(time.Second)
			x.press("j")
			x.editor()
			x.shows("EDIT")
			for _, size := range []struct{ w, h int }{{60, 15}, {80, 24}, {120, 40}, {20, 5}, {200, 50}} {
				x.resize(size.w, size.h)
				x.whole()
				x.press("G", "esc")
				x.whole()
				x.press("ctrl+u", "k", "g")
				x.whole()
			}
		})
	}
}

func TestTheScrollOfAnEditKeepsWithinIt(t *testing.T) {
	editing(t, `seq 100 > "$1"`, func(x *terminal, _ *engine) {
		x.press("j")
		x.resize(80, 24)
		x.editor()
		x.shows("-   \"id\"")
		x.press("k", "G")
		x.shows("+ 100")
		x.hides("below")
		x.press("j", "k")
		x.shows("+ 99", "1 line below")
		x.press("g")
		x.shows("- {")
	})
}
