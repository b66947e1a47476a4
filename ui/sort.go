package ui

import (
	"cmp"
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

// order is a complete order of rows: equal ones go by id.
type order struct {
	key      sortKey
	reversed bool
}

// compare orders two rows.
func (o order) compare(a, b *row) int {
	c := o.byKey(a, b)
	if o.reversed {
		c = -c
	}
	return cmp.Or(c, strings.Compare(a.Letter.ID, b.Letter.ID))
}

func (o order) byKey(a, b *row) int {
	switch o.key {
	case byAge:
		return a.Letter.Timestamp.Compare(b.Letter.Timestamp)
	case byExpiry:
		return compareKnown(a.ExpiresAt, b.ExpiresAt)
	case byEndpoint:
		return cmp.Or(strings.Compare(a.Letter.OriginalEndpoint, b.Letter.OriginalEndpoint), a.compareTime(b))
	case byTries:
		return cmp.Or(cmp.Compare(b.Letter.RetryCount, a.Letter.RetryCount), a.compareTime(b))
	case byCause:
		return cmp.Or(strings.Compare(a.why(), b.why()), a.compareTime(b))
	case byTime, sortKeys:
	}
	return a.compareTime(b)
}

// compareTime puts what happens first at the top, and of what has happened the latest.
func (r *row) compareTime(b *row) int {
	return cmp.Or(cmp.Compare(r.rank(), b.rank()), r.when().Compare(b.when())*r.direction())
}

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

func (r *row) direction() int {
	if r.Phase == retry.Done || r.Phase == retry.InParked {
		return -1
	}
	return 1
}

// compareKnown puts an unknown time last.
func compareKnown(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return a.Compare(b)
}
