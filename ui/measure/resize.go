package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"
)

// measureResize changes the size at random, from 200x60 to 20x5, and back.
func measureResize(ctx context.Context, m *measurement) error {
	x, err := m.watched(ctx, 0, due(), "--paused")
	if err != nil {
		return err
	}
	err = x.until(ctx, time.Minute, func(rows []string) bool { return strings.Contains(strings.Join(rows, "\n"), "10,000 leased") })
	if err != nil {
		return errors.Join(fmt.Errorf("wait for the depth, which must not change meanwhile: %w", err), x.close())
	}
	first := x.rows()
	random := rand.New(rand.NewPCG(6, 6)) //nolint:gosec // it is to be the same every time
	var took []time.Duration
	trouble := ""
	for range 40 * m.rounds {
		w, h := 20+random.IntN(181), 5+random.IntN(56)
		between(ctx)
		before, _ := x.seen()
		start := time.Now()
		if err := x.resize(w, h); err != nil {
			return err
		}
		if end, ok := x.answer(ctx, before); ok {
			took = append(took, end.Sub(start))
		}
		if where := leftOver(x.rows(), w, h); where != "" {
			trouble = fmt.Sprintf("%dx%d: %s", w, h, where)
		}
	}
	if err := x.resize(width, height); err != nil {
		return err
	}
	x.settle(ctx, 500*time.Millisecond)
	if trouble == "" {
		trouble = difference(first, x.rows())
	}
	m.report.figure("resize to settled screen, p95", milliseconds(quantile(took, 0.95)), 50, "ms")
	m.report.holds("resized, no torn border and nothing left over", trouble)
	return errors.Join(ctx.Err(), x.close())
}

// leftOver says what is wrong with a picture of a size.
func leftOver(rows []string, w, h int) string {
	if w >= 60 && h >= 15 {
		return torn(rows)
	}
	text := strings.Join(rows, "\n")
	if strings.ContainsAny(text, "│─╭╮╰╯") {
		return "a border is left over"
	}
	return ""
}

// figures change by themselves.
var figures = regexp.MustCompile(`[0-9▁▂▃▄▅▆▇█ ]+`)

// difference says where two pictures of one size differ, but for figures.
func difference(before, after []string) string {
	for y, row := range after {
		if was := before[y]; figures.ReplaceAllString(was, "#") != figures.ReplaceAllString(row, "#") {
			return fmt.Sprintf("back at 120x40 row %d is another one:\n%s\n%s", y, was, row)
		}
	}
	return ""
}
