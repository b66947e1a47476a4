package ui_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/vt"

	"rehook/retry"
	"rehook/ui"
)

// slowLine takes whatever is written at once, and brings it to the terminal at its own pace.
type slowLine struct {
	*terminal
	pace int // bytes a second

	mu      sync.Mutex // guards all below
	waiting bytes.Buffer
	asked   int // questions that were written
	told    int // answers that came
}

func (l *slowLine) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked += bytes.Count(p, []byte("\x1b[5n"))
	return l.waiting.Write(p)
}

// answer brings what the terminal says to the program.
func (l *slowLine) answer(in io.Writer) {
	p := make([]byte, 1024)
	for {
		n, err := l.emu.Read(p)
		if err != nil {
			return
		}
		l.mu.Lock()
		l.told += bytes.Count(p[:n], []byte("0n")) // it answers as if it had been asked in DEC's way
		l.mu.Unlock()
		_, _ = in.Write(p[:n])
	}
}

// open is how many questions have no answer yet.
func (l *slowLine) open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked - l.told
}

// carry brings bytes over until ctx ends.
func (l *slowLine) carry(ctx context.Context) {
	beat := time.NewTicker(20 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
		l.mu.Lock()
		chunk := bytes.Clone(l.waiting.Next(l.pace / 50))
		l.mu.Unlock()
		_, _ = l.terminal.Write(chunk)
	}
}

// over opens a screen at the end of a line, on a terminal that answers or does not.
func over(t *testing.T, cfg ui.Config, pace int, answers bool, opts ...tea.ProgramOption) *slowLine {
	t.Helper()
	keys, in := io.Pipe()
	x := &terminal{t: t, emu: vt.NewSafeEmulator(120, 40), in: in, ended: make(chan error, 1), width: 120, height: 40}
	l := &slowLine{terminal: x, pace: pace}
	x.model = ui.New(cfg)
	ctx, stop := context.WithCancel(t.Context())
	go l.carry(ctx)
	if answers {
		go l.answer(in)
	} else {
		go func() { _, _ = io.Copy(io.Discard, x.emu) }()
	}
	x.program = tea.NewProgram(x.model, append([]tea.ProgramOption{
		tea.WithInput(keys), tea.WithOutput(x.model.Watch(l)), tea.WithWindowSize(120, 40), tea.WithFPS(100),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithColorProfile(colorprofile.ANSI256), tea.WithoutSignalHandler(),
	}, opts...)...)
	x.model.Drive(x.program)
	go func() {
		_, err := x.program.Run()
		x.model.Close()
		stop()
		x.ended <- err
	}()
	return l
}

// steady are a thousand letters that nothing happens to.
func steady() *engine {
	var all []retry.Entry
	for n := range 1000 {
		e := letter(n, fmt.Sprintf("https://hooks.partner.example.net/genesys/webhooks/%d", n))
		e.Wait, e.Due, e.HeldBy = retry.ForRelease, time.Time{}, "anna"
		all = append(all, e)
	}
	e := newEngine(all...)
	e.status.Endpoints = nil
	return e
}

// cursorRow is the row that the cursor is on.
func (x *terminal) cursorRow() string {
	for _, row := range x.rows() {
		if strings.Contains(row, "▸") {
			return row
		}
	}
	return ""
}

func TestHeldKeysAreSeenSoonAfterOverASlowLine(t *testing.T) {
	for name, answers := range map[string]bool{"of a terminal that answers": true, "of one that never does": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := over(t, config(steady()), 2000, answers)
				defer x.close()
				x.pass(10 * time.Second)
				for range 150 {
					_, _ = io.WriteString(x.in, "j")
					x.pass(time.Second / 30)
				}
				x.pass(3 * time.Second)
				soon := x.cursorRow()
				x.pass(time.Minute)
				if last := x.cursorRow(); soon != last || last == "" {
					t.Errorf("three seconds after the key was let go of the cursor is on\n%q\nand at last on\n%q", soon, last)
				}
			})
		})
	}
}

func TestOverAFastLineAHeldKeyIsDrawnEveryTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := over(t, config(steady()), 1<<20, true)
		defer x.close()
		x.pass(time.Second)
		for n := range 60 {
			before := x.cursorRow()
			_, _ = io.WriteString(x.in, "j")
			x.pass(60 * time.Millisecond)
			if after := x.cursorRow(); after == before {
				t.Fatalf("key %d moved nothing within 60 ms: %q", n, after)
			}
		}
	})
}

func TestFiveHundredKeysAtOnceAllCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := over(t, config(steady()), 1<<20, true)
		defer x.close()
		x.pass(time.Second)
		_, _ = io.WriteString(x.in, strings.Repeat("j", 500))
		x.pass(120 * time.Millisecond)
		if want := fmt.Sprintf("▸  %08x", 0xa0000000+500); !strings.Contains(x.cursorRow(), want) {
			t.Errorf("after five hundred keys the cursor is on %q, not on %q", x.cursorRow(), want)
		}
	})
}

func TestASecondScreenfulIsNotHeldBackAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := over(t, config(steady()), 100_000, false)
		defer x.close()
		x.pass(300 * time.Millisecond)
		x.shows("waiting 1,000")
	})
}

// work makes four events of two letters, which come to the top of the list.
func (e *engine) work(n int) {
	e.tell(func(u *retry.Update, s *retry.Status) {
		for k := range 2 {
			l := letter(2000+(2*n+k)%40, "https://hooks.partner.example.net/genesys/webhooks/1")
			l.Due = time.Now().Add(3 * time.Second)
			u.Letters = append(u.Letters, l)
			at := retry.At{Time: time.Now()}
			u.Stream = append(u.Stream, retry.Failed{At: at, ID: l.Letter.ID, Status: 503}, retry.Delivered{At: at, ID: l.Letter.ID, Status: 200})
		}
		s.Counters.Delivered += 2
	})
}

func TestAMinuteOfAnEngineAtWorkIsThirtyKilobytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []retry.Entry
		for n := range 100 {
			l := letter(n, "https://hooks.partner.example.net/genesys/webhooks/1")
			l.Due = time.Now().Add(3 * time.Hour)
			all = append(all, l)
		}
		e := newEngine(all...)
		x := over(t, config(e), 1<<20, true)
		defer x.close()
		n := 0
		works := func(d time.Duration) {
			for range d / (100 * time.Millisecond) {
				e.work(n)
				n++
				x.pass(100 * time.Millisecond)
			}
		}
		works(20 * time.Second)
		x.writtenSince()
		works(time.Minute)
		if got := x.writtenSince(); got > 30_000 {
			t.Errorf("a minute of forty events a second wrote %d bytes, want at most 30,000", got)
		} else {
			t.Logf("%d bytes", got)
		}
		for _, done := range []string{"?\x1b", "\x1b[<65;20;20M"} { // who does something, with the wheel too, sees what happens
			works(21 * time.Second)
			_, _ = io.WriteString(x.in, done)
			works(1500 * time.Millisecond)
			now := time.Now()
			if text := x.text(); !strings.Contains(text, now.Format("15:04:05")+"  ✓") && !strings.Contains(text, now.Add(-time.Second).Format("15:04:05")+"  ✓") {
				t.Errorf("a second and a half after %q the screen does not show the last second (%s):\n%s", done, now.Format("15:04:05"), text)
			}
		}
	})
}

// An answer that comes when somebody else has the terminal is typed into the shell, or into the payload that is edited.
func TestNobodyElseGetsWhatTheTerminalWasAskedFor(t *testing.T) {
	for key, hands := range map[string]string{"\x1a": "tea.SuspendMsg", "e": "tea.execMsg"} {
		t.Run(hands, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var line *slowLine
				handed := make(chan int, 1) // questions that had no answer then
				cfg := config(steady())
				cfg.Editor = "true"
				line = over(t, cfg, 60_000, true, tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
					if fmt.Sprintf("%T", msg) != hands {
						return msg
					}
					handed <- line.open()
					return nil
				}))
				defer line.close()
				line.pass(5 * time.Second)
				_, _ = io.WriteString(line.in, "z")
				line.pass(30 * time.Millisecond)
				if line.open() == 0 {
					t.Error("the terminal was asked nothing: this test shows nothing")
				}
				_, _ = io.WriteString(line.in, key)
				line.pass(time.Second)
				select {
				case n := <-handed:
					if n > 0 {
						t.Errorf("%d questions had no answer", n)
					}
				default:
					t.Error("the terminal was not handed over")
				}
			})
		})
	}
}
