package retry

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"rehook/retry/deadletter"
)

// ErrStopped says that the engine has ended.
var ErrStopped = errors.New("the engine has stopped")

const (
	leaseSlack  = 5 * time.Second // what an attempt's lease lasts beyond its timeout, to tell the queue what came of it
	parkedShown = 10_000          // parked letters that are kept to be looked at
	doneShown   = 200             // delivered letters that are kept to be looked at
)

// Engine attempts the letters of a queue. Its methods may be called from any goroutine once [Engine.Run]
// runs; before, they wait for it.
type Engine struct {
	cfg     Config
	backoff Backoff

	inbox chan func()   // what others tell the loop; it alone runs them
	done  chan struct{} // closed when the loop has ended
	work  sync.WaitGroup
	life  life

	// All below is the loop's.
	now        time.Time
	started    time.Time
	items      map[string]*item // by letter id
	bytes      int64            // payload bytes of items
	schedule   *heap[*item]     // waiting letters, by when they are due
	lanes      map[string]*lane // by endpoint
	lanesLeft  int              // how many there were when some were last forgotten
	line       *line            // lanes that can begin an attempt
	sleeping   *heap[*lane]     // lanes that wait for a moment
	flying     int              // attempts in flight
	settling   int              // letters whose end the queue is being told
	extending  int
	extensions []extension // to ask the queue for
	stopping   bool
	todo       []func(context.Context) // work to start
	keepAt     time.Time
	leases     *heap[*item] // letters of items, by when their leases are looked at
	memory     memory
	holds      map[string]string             // who holds which letter, also while another engine or the queue has it
	capturing  map[string]*deadletter.Letter // by the listener, beside this engine
	inState    [states]int                   // letters of items, by state
	counters   Counters
	causes     causes
	alerts     alerts
	jobs       []*job // commands under way, in the order in which they began
	past       []*job // commands that ended lately

	waitingEnds *heap[*standing] // letters of items, by when they expire
	parkedEnds  *heap[*standing] // the same of parked letters that are shown

	receiving  receiving
	link       link
	paused     bool
	pausedBy   string
	pausedAt   time.Time
	depth      deadletter.Depth
	depthAt    time.Time
	reading    bool // of the depth
	depthNext  time.Time
	feeds      map[*feed]struct{}
	parked     shown         // in the parked queue, as far as it is known
	finished   shown         // the last delivered
	scanAt     time.Time     // the parked queue is not looked through before
	scanned    tallied       // what a look through the parked queue left
	scanning   chan struct{} // holds one: who looks through the parked queue
	seekers    atomic.Int32  // operators who want letters from it
	renewal    renewal
	room       room
	troubled   map[string]time.Time // when a trouble was last told, by its words
	lastMu     sync.Mutex           // guards now, once the loop has ended and watchers read what it left
	deliveries meter
	failures   meter
	receipts   meter
}

// New makes an engine. It does nothing until [Engine.Run].
func New(cfg Config) (*Engine, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Engine{
		cfg:      cfg,
		backoff:  Backoff{Base: cfg.BackoffBase, Cap: cfg.BackoffCap},
		inbox:    make(chan func(), 256),
		done:     make(chan struct{}),
		scanning: make(chan struct{}, 1),
		life:     newLife(),
		items:    map[string]*item{},
		schedule: newItemHeap(byDue),
		leases:   newLeases(),
		lanes:    map[string]*lane{},
		line:     newLine(),
		sleeping: &heap[*lane]{
			less:  func(a, b *lane) bool { return a.wakeAt.Before(b.wakeAt) },
			place: func(l *lane, i int) { l.waking = i },
		},
		alerts:      alerts{told: map[subject]alerted{}},
		waitingEnds: newEnds(),
		parkedEnds:  newEnds(),
		paused:      cfg.PausedBy != "",
		pausedBy:    cfg.PausedBy,
		receiving:   receiving{wanted: 1, again: make(chan struct{})},
		feeds:       map[*feed]struct{}{},
		troubled:    map[string]time.Time{},
		holds:       map[string]string{},
		capturing:   map[string]*deadletter.Letter{},
		parked:      shown{most: parkedShown, byID: map[string]Entry{}, standing: map[string]*standing{}},
		room:        room{away: map[string][]away{}},
		finished:    shown{most: doneShown, byID: map[string]Entry{}},
	}
	if cfg.Deliveries != nil {
		for _, d := range cfg.Deliveries.Found() {
			e.memory.add(d)
		}
	}
	return e, nil
}

// Run works until ctx ends; then it stops receiving, lets attempts in flight end, gives every lease back and
// returns nil once all that it started has ended. An engine runs once.
func (e *Engine) Run(ctx context.Context) error {
	e.life.endAfter(ctx, e.cfg.StopWithin)
	e.started = time.Now()
	e.link.since = e.started
	if e.paused {
		e.pausedAt = e.started
	}
	e.loop(ctx)
	close(e.done)
	late := time.AfterFunc(settleGrace, e.life.cutWork) // what is half done is finished
	e.work.Wait()
	late.Stop()
	e.auditUnended()
	e.giveBack()
	return nil
}

func (e *Engine) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	stop := ctx.Done()
	for {
		e.now = time.Now()
		e.wake()
		e.keepLeases()
		e.runPaced()
		e.renew()
		e.watchExpiry()
		e.dispatch()
		e.startWork()
		e.receive(e.life.receives)
		e.readDepth(e.life.receives)
		if e.stopping && e.flying == 0 && e.settling == 0 && e.receiving.now == 0 {
			return
		}
		timer.Reset(max(0, e.nextWake().Sub(e.now)))
		select {
		case tell := <-e.inbox:
			e.hear(tell)
		case <-timer.C:
		case <-stop:
			stop = nil
			e.stopping = true
			for _, l := range e.lanes {
				e.reclaimAll(l)
			}
			e.work.Go(e.cutOff)
		}
	}
}

// hear runs what it is told, and what else has been told meanwhile, bounded so that the loop's own work does not
// wait. A slot that this frees is used at once.
func (e *Engine) hear(tell func()) {
	for range cap(e.inbox) {
		e.now = time.Now()
		tell()
		e.runPaced()
		e.dispatch()
		e.startWork()
		select {
		case tell = <-e.inbox:
		default:
			return
		}
	}
	tell()
}

// tell has the loop run f. It reports false when the engine has ended and f will not run.
func (e *Engine) tell(f func()) bool {
	select {
	case e.inbox <- f:
		return true
	case <-e.done:
		return false
	}
}

// ask has the loop compute something.
func ask[T any](ctx context.Context, e *Engine, f func() T) (T, error) {
	reply := make(chan T, 1)
	var none T
	select {
	case e.inbox <- func() { reply <- f() }:
	case <-e.done:
		return none, ErrStopped
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
	select {
	case v := <-reply:
		return v, nil
	case <-e.done:
		select {
		case v := <-reply: // the loop's last word
			return v, nil
		default:
			return none, ErrStopped
		}
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// nextWake is when the loop has something to do by itself.
func (e *Engine) nextWake() time.Time {
	next := e.now.Add(time.Hour)
	soonest := func(t time.Time) {
		if t.After(e.now) && t.Before(next) { // what lies behind has been looked at, and waits for something else
			next = t
		}
	}
	if e.schedule.len() > 0 {
		soonest(e.schedule.first().due)
	}
	if e.sleeping.len() > 0 {
		soonest(e.sleeping.first().wakeAt)
	}
	if len(e.items) > 0 || e.room.count > 0 {
		soonest(e.keepAt)
	}
	if e.watched() {
		soonest(e.depthNext)
	}
	soonest(e.receiving.notBefore)
	soonest(e.nextPaced())
	soonest(e.renewal.parked)
	return next
}

// wake moves letters that have become due into their lanes, and lanes whose wait is over into the line.
func (e *Engine) wake() {
	for e.schedule.len() > 0 && !e.schedule.first().due.After(e.now) {
		it := e.schedule.first()
		it.leave()
		e.makeReady(it)
	}
	for e.sleeping.len() > 0 && !e.sleeping.first().wakeAt.After(e.now) {
		l := e.sleeping.first()
		e.sleeping.remove(l.waking)
		if !l.spaced {
			e.touchReady(l)
		}
		e.consider(l)
	}
}
