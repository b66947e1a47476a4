package ui_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/ui"
)

// teleprinter keeps what is told.
type teleprinter struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (p *teleprinter) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

// read is what has come since the last time.
func (p *teleprinter) read() string {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.text.Reset()
	return p.text.String()
}

// told runs a test with a screen that is told in lines.
func told(t *testing.T, e *engine, environment map[string]string, test func(p *teleprinter)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	p, ended := &teleprinter{}, make(chan error, 1)
	cfg := config(e)
	cfg.Output = p
	go func() { ended <- ui.Tell(ctx, cfg, func(name string) string { return environment[name] }) }()
	time.Sleep(time.Second) // of the bubble
	test(p)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWithoutAScreenTheStateIsToldInLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(append(some(), hostile()...)...)
		e.status.Causes = caused().status.Causes
		told(t, e, map[string]string{"LANG": "C"}, func(p *teleprinter) {
			text := p.read()
			for _, want := range []string{
				"rehook - demo - gen-webhook-dlq - embedded\n", " waiting - 20 free - ", "first expires in 13d 0h",
				"x crm.example.com                            4 waiting  open 0:42", "+ erp.example.com", "since 1h {\"error\":\"down\"}",
				"OLDEST LETTERS", "* running\n",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("%q was not told:\n%s", want, text)
				}
			}
			for line := range strings.SplitSeq(text, "\n") {
				if len(line) > 80 {
					t.Errorf("%d cells: %s", len(line), line)
				}
				for _, r := range line {
					if r < 0x20 || r > 0x7e {
						t.Errorf("%U in %s", r, line)
					}
				}
			}
		})
	})
}

func TestWithoutAScreenWhatHappensIsToldLineByLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		told(t, e, nil, func(p *teleprinter) {
			p.read()
			tell := func(change func(u *retry.Update, s *retry.Status), want string) {
				t.Helper()
				e.tell(change)
				time.Sleep(2 * time.Second) // of the bubble
				if got := p.read(); !strings.Contains(got, want) || strings.Count(got, "\n") != strings.Count(want, "\n")+1 {
					t.Errorf("told %q, want %q", got, want)
				}
			}
			tell(func(u *retry.Update, _ *retry.Status) { u.Stream = ofEachKind()[1:2] }, "✓ a0000000  erp.example.com/in                        200 in 84 ms, try 1")
			tell(func(_ *retry.Update, s *retry.Status) {
				s.LinkDown, s.LinkSince, s.LinkHint, s.LinkError = true, time.Now(), "check the network", "no such host"
			}, "! queue unreachable since 00:00 · check the network · no such host")
			tell(func(_ *retry.Update, s *retry.Status) { s.LinkDown = false }, "● running")
			tell(func(_ *retry.Update, s *retry.Status) { s.Paused, s.PausedBy, s.PausedAt = true, "anna", time.Now() }, "‖ paused by anna since 00:00")
			time.Sleep(time.Minute) // of the bubble
			tell(func(_ *retry.Update, s *retry.Status) { s.Depth.Visible = 9 }, "22 waiting · 9 free · 13 leased")
			e.mu.Lock()
			e.ended, e.refuses = errors.New("EOF"), errors.New("connection refused")
			e.mu.Unlock()
			tell(func(*retry.Update, *retry.Status) {}, `! no engine since 00:01: start "rehook serve"`)
		})
	})
}

func TestWithoutAScreenAQueueThatDoesNotAnswerIsToldAsWhatItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.refuses = &ui.UnopenedError{Err: errors.New("SQS (eu-west-1) cannot be reached"), Hint: "check the network"}
		told(t, e, nil, func(p *teleprinter) {
			got := p.read()
			if want := "! queue unreachable since 00:00 · check the network · SQS (eu-west-1) cannot be reached\n"; !strings.HasSuffix(got, want) {
				t.Errorf("told %q, want %q", got, want)
			}
		})
	})
}

// A reader that goes away, as "head" does, is no failure; a disk that is full is.
func TestWithoutAReaderTellingEnds(t *testing.T) {
	for name, c := range map[string]struct{ fails, want error }{
		"gone": {syscall.EPIPE, nil},
		"full": {syscall.ENOSPC, syscall.ENOSPC},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config(newEngine(some()...))
				cfg.Output = failing{c.fails}
				if err := ui.Tell(t.Context(), cfg, func(string) string { return "" }); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
