package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// typedKeys come back to where they began. What follows an esc is not measured: a terminal's keys begin with one,
// so that it is waited for what comes after it, for 50 ms.
var typedKeys = slices.Concat(
	slices.Repeat([]string{"j"}, 12), slices.Repeat([]string{"k"}, 12), slices.Repeat([]string{"\x1b[B"}, 4),
	[]string{"\x04", "\x15", "G", "g", "\t", "\t", "\t", "\t", "\t", "\t", "\x1b[Z", "4"},
	[]string{"t", "j", "t", "w", "w", "w", "s", "s", "S", "S", "z", "z", "\r", "j", "k", "4"},
	[]string{"/", "5", "0", "3", "\r", "/", "\x15", "\r", " ", " ", "v", "j", "v", "?", "esc"},
)

// settledAfter is how long nothing may come before a screen counts as settled. The detail follows a cursor that
// rests for longer than that; it is not part of the answer.
const settledAfter = 50 * time.Millisecond

func measureKeys(ctx context.Context, m *measurement) error {
	x, err := m.watched(ctx, 0, waiting(), "--paused")
	if err != nil {
		return err
	}
	return errors.Join(m.typing(ctx, x), x.close())
}

// measureAttached is the same for a screen that is not in the engine's process.
func measureAttached(ctx context.Context, m *measurement) error {
	dir, err := m.state(ctx, waiting())
	if err != nil {
		return err
	}
	engine := exec.CommandContext(ctx, m.rehook, "serve", "--local", "--state-dir", dir) //nolint:gosec // the program that is measured
	if err := engine.Start(); err != nil {
		return err
	}
	for exec.CommandContext(ctx, m.rehook, "pause", "--state-dir", dir).Run() != nil { //nolint:gosec // the program that is measured
		if ctx.Err() != nil {
			return ctx.Err()
		}
		pass(ctx, 100*time.Millisecond) // it is not there yet
	}
	x, err := m.watch(ctx, 0, "--local", "--state-dir", dir)
	if err == nil {
		err = errors.Join(m.typing(ctx, x), x.close())
	}
	return errors.Join(err, engine.Process.Signal(syscall.SIGTERM), engine.Wait())
}

// answer is what one key came to.
type answer struct {
	key  string
	took time.Duration
}

// typing types the keys one by one, and reports how long the screen took to settle after each.
func (m *measurement) typing(ctx context.Context, x *terminal) error {
	var best []answer
	for range m.rounds {
		round, err := x.answers(ctx)
		if err != nil {
			return err
		}
		if best == nil || percentile(round, 0.99)+percentile(round, 0.5) < percentile(best, 0.99)+percentile(best, 0.5) {
			best = round
		}
	}
	m.report.figure("key to settled screen, p50", milliseconds(percentile(best, 0.5)), 12, "ms")
	m.report.figure("key to settled screen, p99", milliseconds(percentile(best, 0.99)), 25, "ms")
	slowest := slices.MaxFunc(best, func(a, b answer) int { return int(a.took - b.took) })
	m.report.fact(fmt.Sprintf("slowest of %d: %q", len(best), slowest.key), milliseconds(slowest.took), "ms")
	return nil
}

func percentile(all []answer, q float64) time.Duration {
	took := make([]time.Duration, len(all))
	for i, a := range all {
		took[i] = a.took
	}
	return quantile(took, q)
}

func (x *terminal) answers(ctx context.Context) ([]answer, error) {
	var all []answer
	for _, key := range typedKeys {
		x.settle(ctx, settledAfter)
		between(ctx)
		typed, measured := key, key != "esc"
		if !measured {
			typed = "\x1b"
		}
		before, _ := x.seen()
		start := time.Now()
		if err := x.press(typed); err != nil {
			return nil, err
		}
		if end, ok := x.answer(ctx, before); ok && measured {
			all = append(all, answer{key, end.Sub(start)})
		}
		pass(ctx, 150*time.Millisecond) // the cursor rests, the filter follows what was typed
	}
	return all, ctx.Err()
}
