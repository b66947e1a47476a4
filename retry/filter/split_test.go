package filter_test

import (
	"slices"
	"strings"
	"testing"

	"rehook/retry/filter"
)

func TestALineIsSplitIntoTheWordsOfAFilter(t *testing.T) {
	for line, want := range map[string][]string{
		"":                                   nil,
		"  ":                                 nil,
		"status:503 --rate 5":                {"status:503", "--rate", "5"},
		` "order 4711"  --canary`:            {`"order 4711"`, "--canary"},
		`reason:"no such host" -id:7f`:       {`reason:"no such host"`, "-id:7f"},
		`--why 'it\'`:                        {"--why", `'it\'`},
		`jq:(.a == 1 and .b) --to http://x`:  {"jq:(.a == 1 and .b)", "--to", "http://x"},
		`endpoint: "open status:503 --canar`: {"endpoint:", `"open status:503 --canar`},
		`--rate=5 "a"b c`:                    {"--rate=5", `"a"`, "b", "c"},
		`- -"x`:                              {"-", `-"x`},
	} {
		var got []string
		for _, s := range filter.Split(line) {
			got = append(got, line[s.From:s.To])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q is split into %q, want %q", line, got, want)
		}
	}
}

// What Parse understands, Split cuts into the same words: in pieces, the filter says the same.
func FuzzSplit(f *testing.F) {
	for _, line := range []string{"status:503 -reason:x", `"a b" 'c`, "jq:(.a == 1) x", "- --", `a"b "c\"" d`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		at := 0
		var words []string
		for _, s := range filter.Split(line) {
			if s.From < at || s.To <= s.From || s.To > len(line) {
				t.Fatalf("%q: %v after %d", line, s, at)
			}
			if strings.TrimSpace(line[at:s.From]) != "" {
				t.Fatalf("%q: %q is in no word", line, line[at:s.From])
			}
			at = s.To
			words = append(words, line[s.From:s.To])
		}
		if strings.TrimSpace(line[at:]) != "" {
			t.Fatalf("%q: %q is in no word", line, line[at:])
		}
		if _, err := filter.Parse(line); err != nil {
			return
		}
		for _, w := range words {
			if _, err := filter.Parse(w); err != nil {
				t.Fatalf("%q is understood, but not its word %q: %v", line, w, err)
			}
		}
	})
}
