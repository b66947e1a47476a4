package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// repeated is how often a keyboard repeats a key that is held: 30 times a second.
const repeated = time.Second / 30

// hold presses a key as if it were held, times times.
func (x *terminal) hold(ctx context.Context, key string, times int) error {
	beat := time.NewTicker(repeated)
	defer beat.Stop()
	for range times {
		if err := x.press(key); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-beat.C:
		}
	}
	return nil
}

// toTop puts the cursor on the first letter. A screen begins with it on the first that came.
func (x *terminal) toTop(ctx context.Context) error {
	err := x.press("g")
	x.settle(ctx, 300*time.Millisecond)
	return err
}

// arrived waits for the cursor to be on the nth letter, and says what is wrong if it never is.
func (x *terminal) arrived(ctx context.Context, n int) string {
	const within = 30 * time.Second
	if err := x.until(ctx, within, func(rows []string) bool { return under(rows) == n }); err != nil {
		return fmt.Sprintf("the cursor is on letter %d, not on %d, after %v", under(x.rows()), n, within)
	}
	return ""
}

// measureHeld counts what a row costs while j is held.
func measureHeld(ctx context.Context, m *measurement) error {
	x, err := m.watched(ctx, 0, waiting(), "--paused")
	if err != nil {
		return err
	}
	if err := x.toTop(ctx); err != nil {
		return err
	}
	const rows = 150
	before, _ := x.seen()
	if err := x.hold(ctx, "j", rows); err != nil {
		return err
	}
	after, _ := x.seen()
	m.report.figure("j held, a row", float64(after-before)/rows, 300, "bytes")
	m.report.holds("j held, every key counts", x.arrived(ctx, rows))
	return x.close()
}

// measureBurst types 500 keys at once.
func measureBurst(ctx context.Context, m *measurement) error {
	x, err := m.watched(ctx, 0, waiting(), "--paused")
	if err != nil {
		return err
	}
	const keys = 500
	best, trouble := time.Hour, ""
	for range m.rounds {
		if err := x.toTop(ctx); err != nil {
			return err
		}
		between(ctx)
		start := time.Now()
		if err := x.press(strings.Repeat("j", keys)); err != nil {
			return err
		}
		if trouble = x.arrived(ctx, keys); trouble != "" {
			break
		}
		_, last := x.seen()
		best = min(best, last.Sub(start))
	}
	m.report.figure("500 keys at once, until settled", milliseconds(best), 120, "ms")
	m.report.holds("500 keys at once, none lost", trouble)
	return x.close()
}

// measureSlowLine holds j over a line of 2,000 bytes a second.
func measureSlowLine(ctx context.Context, m *measurement) error {
	x, err := m.watched(ctx, 2000, waiting(), "--paused")
	if err != nil {
		return err
	}
	if err := x.toTop(ctx); err != nil {
		return err
	}
	const keys = 150
	start, _ := x.seen()
	if err := x.hold(ctx, "j", keys); err != nil {
		return err
	}
	released := time.Now()
	// What counts down goes on: it has settled when the cursor is where it comes to rest.
	lost := x.arrived(ctx, keys)
	m.report.figure("2,000 bytes a second, settled after release", time.Since(released).Seconds(), 3, "s")
	m.report.holds("2,000 bytes a second, none lost", lost)
	end, _ := x.seen()
	m.report.fact("2,000 bytes a second, a row", float64(end-start)/keys, "bytes")
	return x.close()
}
