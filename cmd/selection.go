package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rehook/retry"
	"rehook/retry/filter"
)

// selection says which letters a command is about: those that the filter takes and that have one of the ids.
type selection struct {
	words  []string
	filter *filter.Filter
	ids    []string // or their beginnings; none: whatever the id is
}

func newSelection(words, ids []string) (*selection, error) {
	f, err := filter.Parse(strings.Join(words, " "))
	if err != nil {
		return nil, &failure{err: err, code: Usage}
	}
	if slices.Contains(ids, "") {
		return nil, &failure{err: fmt.Errorf("--id is given without an id"), code: Usage}
	}
	return &selection{words: words, filter: f, ids: ids}, nil
}

// everything reports whether nothing is left out.
func (s *selection) everything() bool { return len(s.words) == 0 && len(s.ids) == 0 }

// exact reports whether the letters are named one by one.
func (s *selection) exact() bool { return len(s.ids) > 0 && len(s.words) == 0 }

// known reports whether each of the ids is that of a letter, so that no other letter can be meant.
func (s *selection) known(letters map[string]retry.Entry) bool {
	for _, id := range s.ids {
		if _, ok := letters[id]; !ok {
			return false
		}
	}
	return len(s.ids) > 0
}

// from selects among letters, each id once, and says which ids no letter has.
func (s *selection) from(all []retry.Entry) (selected []retry.Entry, unknown []string, err error) {
	meant := map[string]bool{}
	for _, id := range s.ids {
		switch found := startingWith(all, id); len(found) {
		case 0:
			unknown = append(unknown, id)
		case 1:
			meant[found[0].Letter.ID] = true
		default:
			return nil, nil, ambiguous(id, found)
		}
	}
	now := time.Now()
	taken := map[string]bool{}
	for _, entry := range all {
		l := entry.Letter
		if taken[l.ID] || len(s.ids) > 0 && !meant[l.ID] || !s.filter.Match(l, now, filter.Facts{ExpiresAt: entry.ExpiresAt}) {
			continue
		}
		taken[l.ID] = true
		selected = append(selected, entry)
	}
	slices.SortFunc(selected, func(a, b retry.Entry) int {
		return cmp.Or(a.Letter.Timestamp.Compare(b.Letter.Timestamp), cmp.Compare(a.Letter.ID, b.Letter.ID))
	})
	return selected, unknown, nil
}
