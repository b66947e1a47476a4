package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// stallAtMost is how long the end of the screen waits for a terminal that takes nothing: long enough for
// a slow line to take the last frame and what restores its modes.
const stallAtMost = time.Second

// errStalled says that the terminal did not take what was written, and that the screen has ended.
var errStalled = errors.New("the terminal takes nothing: its line has stalled")

// patientWriter writes to a terminal, however slow, until the screen ends; from then on it gives up a write that
// is not taken. A write to a terminal cannot be interrupted: only its waiting can.
type patientWriter struct {
	to      io.Writer
	ctx     context.Context //nolint:containedctx // the screen's life
	gone    func()          // is told that there is no terminal any more
	stalled atomic.Bool
}

// patientFile is a patientWriter that is still known as a terminal.
type patientFile struct {
	*os.File
	writer *patientWriter
}

func (f patientFile) Write(p []byte) (int, error) { return f.writer.Write(p) }

// WriteString is what io.WriteString would find in the file.
func (f patientFile) WriteString(s string) (int, error) { return f.writer.Write([]byte(s)) }

// patient gives a writer that ends with the context and writes through another, a file if there is one below.
func patient(ctx context.Context, below, through io.Writer, gone func()) io.Writer {
	w := &patientWriter{to: through, ctx: ctx, gone: gone}
	if f, ok := below.(*os.File); ok {
		return patientFile{f, w}
	}
	return w
}

type written struct {
	n   int
	err error
}

func (w *patientWriter) Write(p []byte) (int, error) {
	if w.stalled.Load() {
		return 0, errStalled
	}
	done, text := make(chan written, 1), bytes.Clone(p) // the caller may use p again once this gave up
	go func() {
		n, err := w.to.Write(text)
		if err != nil {
			w.gone()
		}
		done <- written{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-w.ctx.Done():
	}
	timer := time.NewTimer(stallAtMost)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.n, r.err
	case <-timer.C:
		w.stalled.Store(true) // what comes later must not overtake what hangs
		return 0, errStalled
	}
}

// listened is a terminal that is read: what comes through is whole, and it is told when there will be no more.
type listened struct {
	*os.File
	typed io.Reader
}

func (f listened) Read(p []byte) (int, error) { return f.typed.Read(p) }

// parting tells when a terminal has gone away without a SIGHUP: where the program does not belong to its session,
// nothing else says so.
type parting struct {
	io.Reader
	gone func()
}

func (r parting) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n == 0 && err != nil {
		r.gone()
	}
	return n, err
}

func listen(to io.Reader, gone func()) io.Reader {
	if f, ok := to.(*os.File); ok {
		return listened{f, Typed(parting{f, gone})}
	}
	return Typed(to)
}
