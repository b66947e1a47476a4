package ui_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rehook/ui"
)

// notebook keeps command lines.
type notebook struct {
	mu    sync.Mutex // guards the following
	lines []string
	fails error
}

func (n *notebook) add(line string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
	return n.fails
}

func (n *notebook) config(e *engine) ui.Config {
	cfg := config(e)
	cfg.Typed, cfg.Remember = []string{"sort tries", strings.Repeat("x", 2000), "sort why\x1b[2J"}, n.add
	return cfg
}

func TestLinesOutliveTheScreenWithoutTheSecretsOfTheirURLs(t *testing.T) {
	book := &notebook{}
	screenOf(t, book.config, func(x *terminal, e *engine) {
		e.plan = foretells
		x.press(":", "up")
		x.typing(":sort why␛[2J")
		x.whole()
		x.press("up")
		x.typing(":sort tries") // the line that is too long to be typed was left out
		x.press("enter", "j")
		x.speak("ls endpoint:https://me:pw@crm.example.com/a \"https://you:pw@erp.example.com\"")
		x.press("esc")
		x.speak("redrive --to https://erp.example.com/in?token=hunter2&a=1")
		x.press("esc")
		x.speak("redrive --to=https://erp.example.com/in?sig=hunter2 status:503")
		x.press("esc")
		x.speak("sort colour")
		x.press("esc", ":", "up")
		x.typing(":redrive --to=https://erp.example.com/in?sig=hunter2") // here it can be done again
		want := []string{
			"sort tries", "ls endpoint:https://crm.example.com/a \"https://erp.example.com\"",
			"redrive --to https://erp.example.com/in?token=••••••&a=1", "redrive --to=https://erp.example.com/in?sig=•••••• status:503",
		}
		if !slices.Equal(book.lines, want) {
			t.Errorf("kept are %q, want %q", book.lines, want)
		}
	})
}

func TestALineThatWasMaskedIsNotSent(t *testing.T) {
	screen(t, func(x *terminal, _ *engine) {
		x.press("j")
		x.speak("redrive --to https://erp.example.com/in?token=••••••")
		x.shows("✗ --to: it is masked: type what it hides")
	})
}

func TestThatLinesCannotBeKeptIsSaidOnce(t *testing.T) {
	book := &notebook{fails: errors.New("no space left\x1b[2J")}
	screenOf(t, book.config, func(x *terminal, _ *engine) {
		x.speak("sort age")
		x.says("commands are not kept for the next screen: no space left␛[2J")
		x.speak("sort due")
		x.says("? help")
		if len(book.lines) != 1 {
			t.Errorf("tried %q", book.lines)
		}
	})
}

func TestAStoreThatHangsHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, stuck := config(newEngine(some()...)), make(chan struct{})
		cfg.Remember = func(string) error { <-stuck; return nil }
		x := open(t, cfg, 120, 40)
		x.speak("sort age")
		x.shows("↓ age")
		x.speak("sort why")
		x.shows("↓ why")
		close(stuck)
		x.pass(time.Second)
		x.close()
	})
}
