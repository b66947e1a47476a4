package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rehook/retry"
)

// sortKey is what the list is sorted by.
type sortKey int

// The sort keys, in the order in which they are gone through.
const (
	byTime sortKey = iota // when something happens or happened: see [view]
	byAge
	byExpiry
	byEndpoint
	byTries
	byCause
	sortKeys
)

// String is the key's name in the title of the list.
func (k sortKey) String() string {
	return [...]string{"due", "age", "expires", "endpoint", "tries", "why"}[k]
}

// order is a complete order of rows: equal ones go by id. Reversed it is the same from its end.
type order struct {
	key      sortKey
	reversed bool
}

// place is where a row stands in an order: by its fields, the first before all others, and each from the lowest up. It is
// made once for each row that is sorted: ten thousand of them are in order before a key is up again.
type place struct {
	first int    // minus its tries, or whether its expiry is not known
	text  string // its endpoint or its cause
	rank  int    // see [row.rank]
	at    moment
	id    string
	row   *row
}

// moment is a time that is quick to compare, even before the year 1678.
type moment struct {
	seconds int64
	nanos   int
}

// compare orders two places.
func (o order) compare(a, b *place) int {
	if o.reversed {
		a, b = b, a
	}
	switch {
	case a.first != b.first:
		return cmp.Compare(a.first, b.first)
	case a.text != b.text:
		return strings.Compare(a.text, b.text)
	case a.rank != b.rank:
		return cmp.Compare(a.rank, b.rank)
	case a.at.seconds != b.at.seconds:
		return cmp.Compare(a.at.seconds, b.at.seconds)
	case a.at.nanos != b.at.nanos:
		return cmp.Compare(a.at.nanos, b.at.nanos)
	}
	return strings.Compare(a.id, b.id)
}

// sort puts rows into the order. What it moves about are numbers, which are small.
func (o order) sort(rows []*row) {
	places, numbers := make([]place, len(rows)), make([]int32, len(rows))
	for i, r := range rows {
		places[i], numbers[i] = o.place(r), int32(i)
	}
	slices.SortFunc(numbers, func(a, b int32) int { return o.compare(&places[a], &places[b]) })
	for i, n := range numbers {
		rows[i] = places[n].row
	}
}

// search is where a row stands in sorted rows, or is to stand.
func (o order) search(rows []*row, r *row) (int, bool) {
	wanted := o.place(r)
	return slices.BinarySearchFunc(rows, &wanted, func(r *row, wanted *place) int {
		p := o.place(r)
		return o.compare(&p, wanted)
	})
}

func (o order) place(r *row) place {
	p := place{id: r.Letter.ID, row: r}
	switch o.key {
	case byAge:
		p.at = momentOf(r.Letter.Timestamp)
		return p
	case byExpiry:
		if r.ExpiresAt.IsZero() { // unknown: last
			p.first = 1
		}
		p.at = momentOf(r.ExpiresAt)
		return p
	case byEndpoint:
		p.text = r.Letter.OriginalEndpoint
	case byTries:
		p.first = -r.Letter.RetryCount
	case byCause:
		p.text = r.why()
	case byTime, sortKeys:
	}
	p.rank, p.at = r.rank(), momentOf(r.when())
	if r.Phase == retry.Done || r.Phase == retry.InParked { // of what has happened the latest is at the top
		p.at = moment{-p.at.seconds, -p.at.nanos}
	}
	return p
}

func momentOf(t time.Time) moment { return moment{t.Unix(), t.Nanosecond()} }

// rank puts letters that are being attempted before those that wait, and those that wait for a person last.
func (r *row) rank() int {
	switch {
	case r.Phase == retry.InFlight || r.Phase == retry.Settling:
		return 0
	case r.Phase == retry.Waiting && r.Due.IsZero() && r.Wait != retry.ForTurn:
		return 2
	}
	return 1
}

// when is the moment that a row is about.
func (r *row) when() time.Time {
	switch r.Phase {
	case retry.Done:
		return r.doneAt
	case retry.InParked:
		if r.Letter.Parked != nil {
			return r.Letter.Parked.At
		}
		return time.Time{}
	case retry.InFlight, retry.Settling:
		return time.Time{} // by id: a letter keeps its place while it is being attempted
	case retry.Waiting:
	}
	return r.Due
}
