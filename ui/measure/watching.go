package main

import (
	"context"
	"time"
)

// minuteOf reports what a minute of watching costs.
func (m *measurement) minuteOf(ctx context.Context, x *terminal, what string, bytes, cpu float64) error {
	pid := x.command.Process.Pid
	pass(ctx, 3*time.Second)
	bytesBefore, _ := x.seen()
	cpuBefore, err := cpuSeconds(pid)
	if err != nil {
		return err
	}
	began := time.Now()
	pass(ctx, m.minute)
	scale := time.Minute.Seconds() / time.Since(began).Seconds()
	bytesAfter, _ := x.seen()
	cpuAfter, err := cpuSeconds(pid)
	if err != nil {
		return err
	}
	now, most, err := megabytes(pid)
	if err != nil {
		return err
	}
	m.report.figure(what+", a minute", float64(bytesAfter-bytesBefore)/1000*scale, bytes, "kB")
	if cpu > 0 {
		m.report.figure(what+", CPU a minute", (cpuAfter-cpuBefore)*scale, cpu, "s")
	} else {
		m.report.fact(what+", CPU a minute", (cpuAfter-cpuBefore)*scale, "s")
	}
	m.report.figure(what+", memory", now, 100, "MB")
	m.report.fact(what+", memory at most", most, "MB")
	return ctx.Err()
}

// measureStill watches letters that wait for the engine to be resumed.
func measureStill(ctx context.Context, m *measurement) error {
	x, err := m.watched(ctx, 0, due(), "--paused")
	if err != nil {
		return err
	}
	if err := m.minuteOf(ctx, x, "paused", 6, 0.9); err != nil {
		return err
	}
	return x.close()
}

// measureCountdowns watches twelve letters count down.
func measureCountdowns(ctx context.Context, m *measurement) error {
	x, err := m.watched(ctx, 0, waiting(), "--paused")
	if err != nil {
		return err
	}
	if err := m.minuteOf(ctx, x, "12 countdowns", 6, 1.2); err != nil {
		return err
	}
	return x.close()
}
