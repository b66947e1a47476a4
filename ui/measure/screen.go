package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// whole tells whether a picture is complete: its borders closed, and every pane there.
func whole(rows []string) bool {
	return torn(rows) == "" && strings.Contains(strings.Join(rows, "\n"), "MESSAGES")
}

// torn says where the border of a picture is not closed; empty: nowhere. Outside it are the header, an alarm if there
// is one, and the footer.
func torn(rows []string) string {
	top, bottom := 1, len(rows)-2
	if top < bottom && !strings.HasPrefix(rows[top], "╭") {
		top++
	}
	for y := top; y <= bottom; y++ {
		left, right := "│├┝", "│┤┥"
		switch y {
		case top:
			left, right = "╭", "╮"
		case bottom:
			left, right = "╰", "╯"
		}
		runes := []rune(rows[y])
		if !strings.ContainsRune(left, runes[0]) || !strings.ContainsRune(right, runes[len(runes)-1]) {
			return fmt.Sprintf("row %d of %d: %q", y, len(rows), rows[y])
		}
	}
	return ""
}

// under is the number of the letter that the cursor is on; -1: it is on none that is seen.
func under(rows []string) int {
	for _, row := range rows {
		if _, after, ok := strings.Cut(row, "▸"); ok {
			var n int
			if _, err := fmt.Sscanf(strings.TrimLeft(after, " ●"), "%08x", &n); err == nil {
				return n
			}
		}
	}
	return -1
}

// watched starts a screen over letters, and waits until it shows them all and has come to rest.
func (m *measurement) watched(ctx context.Context, pace int, letters []made, args ...string) (*terminal, error) {
	dir, err := m.state(ctx, letters)
	if err != nil {
		return nil, err
	}
	return m.watch(ctx, pace, append([]string{"--local", "--state-dir", dir}, args...)...)
}

func (m *measurement) watch(ctx context.Context, pace int, args ...string) (*terminal, error) {
	x, err := open(ctx, pace, nil, m.rehook, args...)
	if err != nil {
		return nil, err
	}
	err = x.until(ctx, time.Minute, func(rows []string) bool {
		text := strings.Join(rows, "\n")
		return whole(rows) && (strings.Contains(text, "waiting 10,000") || strings.Contains(text, "waiting 9,"))
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wait for ten thousand letters: %w", err), x.close())
	}
	pass(ctx, time.Second)
	return x, nil
}

// between waits for a moment in which no second begins: keys are measured, not the clock. It ends at any time of a frame:
// what is typed a round time after a frame would meet all frames in the same way.
func between(ctx context.Context) {
	const begins, ends = 200 * time.Millisecond, 750 * time.Millisecond
	now := time.Now()
	of := now.Sub(now.Truncate(time.Second))
	wait := time.Duration(0)
	switch {
	case of < begins:
		wait = begins - of
	case of > ends:
		wait = time.Second - of + begins
	}
	pass(ctx, wait+rand.N(50*time.Millisecond)) //nolint:gosec // no secret
}

// pass lets time go by.
func pass(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
