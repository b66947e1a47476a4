package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/filter"
)

// view is which letters the list shows.
type view int

// The views.
const (
	waitingView view = iota
	parkedView
	deliveredView
	viewCount
)

// String is the view's name in the title of the list.
func (v view) String() string { return [...]string{"waiting", "parked", "delivered"}[v] }

func viewOf(p retry.Phase) view {
	switch p {
	case retry.InParked:
		return parkedView
	case retry.Done:
		return deliveredView
	case retry.Waiting, retry.InFlight, retry.Settling:
	}
	return waitingView
}

// row is a letter as it was when it was filed: a change makes a new row, so that the old one can be found
// under what it was sorted by.
type row struct {
	retry.Entry
	doneAt  time.Time     // when it was delivered
	latency time.Duration // of that delivery
	status  int           // of that delivery
	listed  bool          // it is in the list: a filter may think otherwise of it by now

	sifted *filter.Filter // the one that was last asked
	fits   bool           // and what it said
}

// why is the cause of the last failure, or of the parking, in a word or two. Not clean.
func (r *row) why() string {
	if r.refusedHere() {
		return failure(0, r.Letter.Error)
	}
	return failure(r.Letter.ErrorCode, r.Letter.Error)
}

// cause is the same in full, with the status before the words where they do not begin with it. Not clean.
func (r *row) cause() string {
	words, code := r.Letter.Error, strconv.Itoa(r.Letter.ErrorCode)
	if r.Letter.ErrorCode == 0 || r.refusedHere() || strings.HasPrefix(words, code) {
		return words
	}
	return strings.TrimSpace(code + " " + words)
}

// refusedHere tells whether the letter was parked without an attempt: its error is ours, and the status that it
// carries is from an attempt before.
func (r *row) refusedHere() bool {
	l := r.Letter
	if l.Parked == nil || l.Error == "" || strings.HasPrefix(l.Error, strconv.Itoa(l.ErrorCode)) {
		return false
	}
	if reason := l.Parked.Reason; reason != deadletter.Rejected && reason != deadletter.Unreadable {
		return false
	}
	n := len(l.Attempts)
	return n == 0 || l.Attempts[n-1].Error != l.Error
}

// oldestEvery is how often the oldest letter is looked for at most.
const oldestEvery = 5 * time.Second

// letters are all that the engine has told of, and the list of those in view, sorted and filtered. Changes
// are filed one by one: ten thousand letters are sorted only when the order itself changes.
type letters struct {
	byID   map[string]*row
	counts [viewCount]int

	view  view
	order order
	match func(*row) bool // nil: all

	rows   []*row // in view
	scroll scroll
	cursor string // id of the letter that the cursor is on
	byHand bool   // the operator has put it there

	oldest     *row      // of the waiting letters that say when they failed, which did so first; nil: there is none
	oldestGone bool      // it has left, and which is now has not been looked for
	oldestAt   time.Time // when that was last done

	groups problems
	marks  map[string]bool
	anchor string // id where a range begins; empty: no range
}

func newLetters() *letters {
	return &letters{byID: map[string]*row{}, marks: map[string]bool{}, groups: problems{counts: map[string]int{}}}
}

// reset forgets everything that the engine told, but not where the operator is.
func (l *letters) reset() {
	clear(l.byID)
	clear(l.groups.counts)
	l.rows, l.counts = nil, [viewCount]int{}
	l.oldest, l.oldestGone = nil, false
}

// put files letters that are new or have changed.
func (l *letters) put(rows []*row) {
	bulk := len(rows) > 64 && len(rows) > len(l.rows)/8
	for _, r := range rows {
		if old := l.byID[r.Letter.ID]; old != nil && old.Letter == r.Letter && old.ExpiresAt.Equal(r.ExpiresAt) {
			r.sifted, r.fits = old.sifted, old.fits // a filter sees nothing else of it
		}
		l.take(r.Letter.ID, bulk)
		l.byID[r.Letter.ID] = r
		l.older(r)
		l.counts[viewOf(r.Phase)]++
		if viewOf(r.Phase) != l.view {
			delete(l.marks, r.Letter.ID) // it has left the list that it was marked in
		}
		if r.listed = !bulk && l.shows(r); r.listed {
			at, _ := l.order.search(l.rows, r)
			l.rows = slices.Insert(l.rows, at, r)
			l.groups.counts[r.Cause]++
		}
	}
	if bulk {
		l.refile()
	}
}

// drop forgets letters.
func (l *letters) drop(ids []string) {
	for _, id := range ids {
		l.take(id, false)
		delete(l.marks, id)
	}
}

// take removes a letter from where it is filed. With lazily the list keeps it until [letters.refile].
func (l *letters) take(id string, lazily bool) {
	old, ok := l.byID[id]
	if !ok {
		return
	}
	delete(l.byID, id)
	l.oldestGone = l.oldestGone || old == l.oldest
	l.counts[viewOf(old.Phase)]--
	if lazily || !old.listed {
		return
	}
	if at, ok := l.order.search(l.rows, old); ok {
		l.rows = slices.Delete(l.rows, at, at+1)
		if l.groups.counts[old.Cause]--; l.groups.counts[old.Cause] == 0 {
			delete(l.groups.counts, old.Cause)
		}
	}
}

// sort puts the list into another order.
func (l *letters) sort(o order) {
	was := l.order
	switch l.order = o; o {
	case was:
	case order{was.key, !was.reversed}:
		slices.Reverse(l.rows)
	default:
		o.sort(l.rows)
	}
}

// refile builds the list anew, for another view or filter.
func (l *letters) refile() {
	l.rows = l.rows[:0]
	clear(l.groups.counts)
	for _, r := range l.byID {
		if r.listed = l.shows(r); r.listed {
			l.rows = append(l.rows, r)
			l.groups.counts[r.Cause]++
		}
	}
	l.order.sort(l.rows)
}

// inView are the letters of the view, in no order.
func (l *letters) inView() []*row {
	rows := make([]*row, 0, l.counts[l.view])
	for _, r := range l.byID {
		if viewOf(r.Phase) == l.view {
			rows = append(rows, r)
		}
	}
	return rows
}

func (l *letters) shows(r *row) bool {
	return viewOf(r.Phase) == l.view && (l.groups.opened == "" || l.groups.of(r) == l.groups.opened) && (l.match == nil || l.match(r))
}

// settle puts the cursor back on its letter after a change, at the same place of the window of h rows. A
// letter that has left hands the cursor to the one that took its place. Until the operator has moved, a
// letter that moves out of sight does so too: the view does not run after it.
func (l *letters) settle(h int) {
	place := l.scroll.at - l.scroll.top
	if at, ok := l.find(l.cursor); ok {
		inSight := at >= l.scroll.top && at < l.scroll.top+h
		switch {
		case l.byHand:
			l.scroll = scroll{at: at, top: max(0, at-place)}
		case inSight:
			l.scroll.at = at
		}
	}
	l.land(h)
}

// land takes the letter that the cursor's row holds.
func (l *letters) land(h int) {
	l.scroll.fit(len(l.rows), h)
	l.cursor = ""
	if len(l.rows) > 0 && !l.groups.shown {
		l.cursor = l.rows[l.scroll.at].Letter.ID
	}
}

// move moves the cursor by hand.
func (l *letters) move(m motion, h int) {
	if l.groups.shown {
		l.groups.scroll.move(m, len(l.groups.rows), h)
		l.groups.land(h)
		return
	}
	l.scroll.move(m, len(l.rows), h)
	l.byHand = m != toTop
	l.land(h)
}

// current is the letter that the cursor is on, nil when there is none.
func (l *letters) current() *row { return l.byID[l.cursor] }

// find is the place of a letter in the list.
func (l *letters) find(id string) (int, bool) {
	r, ok := l.byID[id]
	if !ok || !r.listed {
		return 0, false
	}
	return l.order.search(l.rows, r)
}

// older takes a letter for the oldest of the waiting ones if it has failed for as long.
func (l *letters) older(r *row) {
	at := r.Letter.Timestamp
	if viewOf(r.Phase) == waitingView && !at.IsZero() && (l.oldest == nil || !at.After(l.oldest.Letter.Timestamp)) {
		l.oldest, l.oldestGone = r, false
	}
}

// findOldest looks for it among all, if it has left: once in a while, as it costs what a frame may not.
func (l *letters) findOldest(now time.Time) {
	if !l.oldestGone || now.Before(l.oldestAt.Add(oldestEvery)) {
		return
	}
	l.oldest, l.oldestGone, l.oldestAt = nil, false, now
	for _, r := range l.byID {
		l.older(r)
	}
}

// show changes what the list is about. The cursor starts at the top, and marks are for one view only.
func (l *letters) show(v view) {
	l.view, l.order, l.scroll, l.byHand = v, order{}, scroll{}, false
	l.groups.opened = ""
	l.groups.shown = l.groups.shown && v != deliveredView
	l.unmark()
	l.refile()
}
