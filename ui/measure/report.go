package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// report prints figures as they come.
type report struct {
	to     io.Writer
	missed int // goals
}

// begin names what is measured next, and what else the machine does meanwhile.
func (r *report) begin(scenario string) {
	_, _ = fmt.Fprintf(r.to, "\n%-12s load %s\n", scenario, load())
}

// figure prints one beside the most that it may be.
func (r *report) figure(name string, value, goal float64, unit string) {
	verdict := "ok"
	if value > goal {
		verdict = "MISSED"
		r.missed++
	}
	_, _ = fmt.Fprintf(r.to, "  %-46s %10.1f  at most %8.1f %-6s %s\n", name, value, goal, unit, verdict)
}

// fact prints what has no goal.
func (r *report) fact(name string, value float64, unit string) {
	_, _ = fmt.Fprintf(r.to, "  %-46s %10.1f  %s\n", name, value, unit)
}

// holds prints whether a claim does.
func (r *report) holds(claim string, violation string) {
	if violation == "" {
		_, _ = fmt.Fprintf(r.to, "  %-46s ok\n", claim)
		return
	}
	r.missed++
	_, _ = fmt.Fprintf(r.to, "  %-46s MISSED: %s\n", claim, violation)
}

// load is how many processes wanted to run, over one minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// quantile is the value that a share q of all do not exceed.
func quantile(all []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
