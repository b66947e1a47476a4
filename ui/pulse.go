package ui

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	// framesPerSecond is the most that is drawn of what changes all the time.
	framesPerSecond = 120
	frameEvery      = time.Second / framesPerSecond
	// drawIn is how soon a screen at rest draws what changes, with what comes of it at once.
	drawIn = 2 * time.Millisecond
	// A screen is at rest when nothing has changed for restAfter. The library is then let look once more, as a busy machine
	// may take long to make the picture of what changed last; and every lookAnyway, so that a change of which nobody said
	// anything is not waited for in vain.
	restAfter  = 4 * frameEvery
	lookOnce   = 100 * time.Millisecond
	lookAnyway = time.Second
)

// pulse says when the library looks for something to draw. By itself it does so all the time, at one rate: that is how
// long a key waits to be seen, and most of what a screen costs at rest. bubbletea #1776 would have it wait for a change;
// then this can go.
//
//	at rest ──change──▶ roused ──first frame──▶ drawing ──nothing for restAfter──▶ at rest
type pulse struct {
	ticker func() *time.Ticker // by which the library draws; it gives nil where there is none

	mu      sync.Mutex // guards what follows
	is      beat
	changed time.Time   // the last time that something may have
	next    *time.Timer // for the next step; nil: there was none yet
	stopped bool
}

// beat is how a pulse stands.
type beat int

const (
	atRest beat = iota
	roused
	drawing
)

// Drive has the screen say when its program draws. It is for who runs the program of a [New] screen, before that runs.
func (m *Model) Drive(p *tea.Program) {
	m.pulse = &pulse{ticker: func() *time.Ticker { return tickerOf(p) }}
}

// rouse is told that something may have changed, by one of the program's own goroutines.
func (p *pulse) rouse() {
	if p == nil {
		return
	}
	ticker := p.ticker()
	if ticker == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed = time.Now()
	if p.is != atRest || p.stopped {
		return
	}
	p.is = roused
	ticker.Reset(drawIn)
	const drawn = 3 * drawIn / 2
	if p.next == nil {
		p.next = time.AfterFunc(drawn, func() { p.calm(ticker) })
	} else {
		p.next.Reset(drawn)
	}
}

// wrote is told how long a write took. While a slow line took one picture nothing was looked for, and another may wait.
func (p *pulse) wrote(d time.Duration) {
	if d >= drawIn {
		p.rouse()
	}
}

// calm takes the steps back to rest.
func (p *pulse) calm(ticker *time.Ticker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := time.Until(p.changed.Add(restAfter))
	switch {
	case p.stopped:
	case p.is == roused:
		p.is = drawing
		ticker.Reset(frameEvery)
		p.next.Reset(max(left, 2*frameEvery))
	case left > 0:
		p.next.Reset(left)
	case p.is == drawing:
		p.is = atRest
		ticker.Reset(lookOnce)
		p.next.Reset(3 * lookOnce / 2)
	default:
		ticker.Reset(lookAnyway)
	}
}

// stop ends it with its program.
func (p *pulse) stop() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped = true; p.next != nil {
		p.next.Stop()
	}
}

// tickerOf finds what the library draws by, which it keeps to itself; nil: a later one has no such thing, and draws as it
// sees fit.
func tickerOf(p *tea.Program) *time.Ticker {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return *(**time.Ticker)(field.Addr().UnsafePointer())
}
