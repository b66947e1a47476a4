package ui

import (
	"bytes"
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
	owedAt  time.Time
}

// sent counts what is about to be written, and adds the question where it is time for one.
func (b *backlog) sent(p []byte) []byte {
	if b == nil {
		return p
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.owed = max(0, b.owed-unknownPace*now.Sub(b.owedAt).Seconds()) + float64(len(p))
	b.owedAt = now
	b.unseen += len(p)
	leaves := bytes.Contains(p, []byte(ansi.ResetModeAltScreenSaveCursor)) // nobody would read the answer
	if leaves || b.unseen < askAfter || b.asked > 0 && now.Sub(b.askedAt) < lostAfter {
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
	if again = b.unseen >= askAfter; again {
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
	if !b.answers {
		return held && b.owed-unknownPace*now.Sub(b.owedAt).Seconds() > unknownCredit
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

// Watch gives a writer through which the screen knows how far behind its terminal is, for who runs the program of a
// [New] screen: what the program writes must go through it.
func (m *Model) Watch(to io.Writer) io.Writer {
	m.pen.backlog = &backlog{}
	return watched{to, m.pen.backlog}
}

type watched struct {
	io.Writer
	backlog *backlog
}

func (w watched) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(w.backlog.sent(p))
	return min(n, len(p)), err
}
