package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

// measurement is what the scenarios share.
type measurement struct {
	rehook string        // the program
	rounds int           // of what is measured in time
	minute time.Duration // how long a minute of watching is
	report *report
	dir    string // for state directories
}

// scenarios are run in this order; each begins with a program of its own.
var scenarios = []struct {
	name string
	run  func(context.Context, *measurement) error
}{
	{"start", measureStart},
	{"keys", measureKeys},
	{"attached", measureAttached},
	{"held", measureHeld},
	{"burst", measureBurst},
	{"slow", measureSlowLine},
	{"resize", measureResize},
	{"leave", measureLeave},
	{"still", measureStill},
	{"countdowns", measureCountdowns},
	{"busy", measureBusy},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	met, err := measure(ctx)
	stop()
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(2)
	case !met:
		os.Exit(1)
	}
}

// measure tells whether all goals were met.
func measure(ctx context.Context) (met bool, err error) {
	m := &measurement{report: &report{to: os.Stdout}}
	flag.StringVar(&m.rehook, "rehook", "bin/rehook", "the program")
	flag.IntVar(&m.rounds, "rounds", 3, "rounds of what is measured in time")
	flag.DurationVar(&m.minute, "minute", time.Minute, "how long a minute is; figures are put to a whole one")
	only := flag.String("only", "", "run the scenarios that this regular expression matches")
	flag.Parse()
	chosen, err := regexp.Compile(*only)
	if err != nil {
		return false, err
	}
	if m.rehook, err = filepath.Abs(m.rehook); err != nil {
		return false, err
	}
	if m.dir, err = os.MkdirTemp("", "rehook-measure-"); err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(m.dir) }() // what is left of it is in the way of nobody
	for _, s := range scenarios {
		if !chosen.MatchString(s.name) {
			continue
		}
		m.report.begin(s.name)
		if err := s.run(ctx, m); err != nil {
			return false, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return m.report.missed == 0, nil
}
