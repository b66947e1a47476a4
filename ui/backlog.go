package ui

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

const (
	// window is how many bytes may be under way before the picture waits: more than any key costs, and less than a
	// second of the slowest line.
	window = 1500
	// askAfter is how much is written before the terminal is asked again how far it is.
	askAfter = 400
	// lostAfter is how long an answer is waited for.
	lostAfter = 3 * time.Second
	// A terminal that never answers is taken to be as slow as they come, in bytes a second, but only where a key is
	// held: the first pictures and single keys are within the credit.
	unknownPace   = 2200
	unknownCredit = 3000
	// Who only watches an engine at work gets so many bytes a second, and these at once: 30 kB a minute. What costs more
	// is seen after a while, but not after more than watchingMost.
	watchingPace   = 320
	watchingCredit = 5000
	watchingMost   = 10 * time.Second
	// lively is how long after a key, and after the first picture, nothing is saved.
	lively = 10 * time.Second
)

// wellness asks a terminal whether it is well (DSR 5), and well is its answer; some answer as if they had been asked
// in DEC's way.
const (
	wellness = "\x1b[5n"
	well     = "\x1b[0n"
	wellDEC  = "\x1b[?0n"
)

// backlog is what was written and has not been shown yet. Between a program and a terminal lie buffers that take 20 kB
// and, with SSH, megabytes without a word; on a slow line a key's picture stands behind all of it. So the terminal is
// asked whether it is well, after what it was written: its answer says that all before the question has been shown.
type backlog struct {
	mu      sync.Mutex // guards all below
	unseen  int        // bytes written since those that the last answer was about
	asked   int        // how many of them came before the question that is under way; 0: none is
	askedAt time.Time
	answers bool    // it has answered once
	owed    float64 // bytes that a terminal which never answers has not shown yet, if it is slow
	spent   float64 // bytes that watching has cost beyond its pace
	countAt time.Time
	free    time.Time     // until when nothing is saved
	woken   chan struct{} // closed when a key is pressed
	hushed  bool          // nothing is asked: somebody else is going to have the terminal, or has it
	told    chan struct{} // closed when an answer has come
}

func newBacklog() *backlog {
	return &backlog{woken: make(chan struct{}), told: make(chan struct{})}
}

// count lets time pass for what is paid off by and by.
func (b *backlog) count(now time.Time) {
	since := now.Sub(b.countAt).Seconds()
	b.owed = max(0, b.owed-unknownPace*since)
	b.spent = max(0, b.spent-watchingPace*since)
	b.countAt = now
}

// sent counts what is about to be written, and adds the question where it is time for one.
func (b *backlog) sent(p []byte) []byte {
	if b == nil {
		return p
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.count(now); b.free.IsZero() {
		b.free = now.Add(lively)
	}
	b.owed += float64(len(p))
	b.spent += float64(len(p))
	b.unseen += len(p)
	leaves := bytes.Contains(p, []byte(ansi.ResetModeAltScreenSaveCursor)) // nobody would read the answer
	if leaves || b.hushed || b.unseen < askAfter || b.asked > 0 && now.Sub(b.askedAt) < lostAfter {
		return p
	}
	b.asked, b.askedAt = b.unseen, now
	return append(slices.Clip(p), wellness...)
}

// heard takes what the terminal says, and tells whether it is to be asked again: for what was written meanwhile.
func (b *backlog) heard(answer string) (again bool) {
	if b == nil || answer != well && answer != wellDEC {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unseen -= b.asked
	b.asked, b.answers = 0, true
	close(b.told)
	b.told = make(chan struct{})
	if again = b.unseen >= askAfter && !b.hushed; again {
		b.asked, b.askedAt = b.unseen, time.Now()
	}
	return again
}

// behind tells whether so much is under way that more would come late.
func (b *backlog) behind(now time.Time, held bool) bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count(now); !b.answers {
		return held && b.owed > unknownCredit
	}
	return b.asked > 0 && b.unseen >= window && now.Sub(b.askedAt) < lostAfter
}

// awaits tells whether an answer is going to come.
func (b *backlog) awaits() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.answers && b.asked > 0
}

// hush has nothing asked any more, until it is resumed.
func (b *backlog) hush() {
	if b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.hushed = true
	}
}

// settle waits for the answer that is still to come, for a while.
func (b *backlog) settle(ctx context.Context) {
	b.mu.Lock()
	told := b.told
	b.mu.Unlock()
	if !b.awaits() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	select {
	case <-told:
	case <-ctx.Done():
	}
}

// resume begins anew, on a terminal that somebody else had: whatever was under way is not any more.
func (b *backlog) resume() {
	if b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.hushed, b.unseen, b.asked = false, 0, 0
	}
}

// touched says that a key was pressed, or the mouse: who does something wants to see at once what comes of it.
func (b *backlog) touched() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent, b.free = 0, time.Now().Add(lively)
	close(b.woken)
	b.woken = make(chan struct{})
}

// afford waits until the line can be given more of what happens; false: the screen has ended.
func (b *backlog) afford(ctx context.Context) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	now := time.Now()
	b.count(now)
	seconds, woken, free := (b.spent-watchingCredit)/watchingPace, b.woken, now.Before(b.free)
	b.mu.Unlock()
	if seconds <= 0 || free {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(min(time.Duration(seconds*float64(time.Second)), watchingMost))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-woken:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// Watch gives a writer through which the screen knows how far behind its terminal is, for who runs the program of a
// [New] screen: what the program writes must go through it.
func (m *Model) Watch(to io.Writer) io.Writer {
	m.pen.backlog = newBacklog()
	return watched{to, m}
}

type watched struct {
	io.Writer
	m *Model
}

func (w watched) Write(p []byte) (int, error) {
	began := time.Now()
	n, err := w.Writer.Write(w.m.pen.backlog.sent(p))
	w.m.pulse.wrote(time.Since(began))
	return min(n, len(p)), err
}
