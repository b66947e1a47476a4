package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"sync/atomic"
	"time"
)

// dueASecond is how many letters come due in a second of the busy scenario: an attempt makes two to four events.
const dueASecond = 15

// measureBusy watches an engine at work.
func measureBusy(ctx context.Context, m *measurement) error {
	at, stop, err := failing(ctx)
	if err != nil {
		return err
	}
	defer stop()
	dir, err := m.state(ctx, coming(at))
	if err != nil {
		return err
	}
	x, err := m.watch(ctx, 0, "--local", "--state-dir", dir, "--allow", "127.0.0.1")
	if err != nil {
		return err
	}
	pass(ctx, 12*time.Second) // the first ten seconds are drawn as they come
	if err := m.minuteOf(ctx, x, "engine at work", 30, 0); err != nil {
		return err
	}
	began := time.Now()
	events, err := m.eventsOf(ctx, dir, 10*time.Second)
	if err != nil {
		return err
	}
	m.report.fact("engine at work, events a second", float64(events)/time.Since(began).Seconds(), "")
	return x.close()
}

// coming are letters of which some come due in every second from now on, and the others in hours.
func coming(at []string) []made {
	all := make([]made, manyLetters)
	start := time.Now().Add(10 * time.Second)
	for n := range all {
		due := start.Add(time.Duration(n) * time.Second / dueASecond)
		endpoint := at[n%len(at)]
		if n > 120*dueASecond {
			due, endpoint = start.Add(3*time.Hour+time.Duration(n)*time.Second), elsewhere(n)
		}
		all[n] = letterNumber(n, endpoint, due)
		all[n].Retries = 0
	}
	return all
}

// failing serves four endpoints, of which every fourth request fails.
func failing(ctx context.Context) (at []string, stop func(), err error) {
	var requests atomic.Int64
	return endpoints(ctx, 4, func(w http.ResponseWriter, _ *http.Request) {
		n := requests.Add(1)
		pass(ctx, time.Duration(20+n%7*15)*time.Millisecond)
		if n%4 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}

// endpoints serves some on loopback.
func endpoints(ctx context.Context, count int, answer http.HandlerFunc) (at []string, stop func(), err error) {
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: answer}
	for n := range count {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, errors.Join(err, server.Close())
		}
		at = append(at, fmt.Sprintf("http://%s/genesys/webhooks/%d", listener.Addr(), n))
		go func() { _ = server.Serve(listener) }() // until stop
	}
	return at, func() { _ = server.Close() }, nil
}

// eventsOf counts what the engine does for a while.
func (m *measurement) eventsOf(ctx context.Context, dir string, d time.Duration) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	events := exec.CommandContext(ctx, m.rehook, "events", "--local", "--state-dir", dir) //nolint:gosec // the program that is measured
	out, err := events.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := events.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewReaderSize(out, 1<<20)
	for {
		_, more, err := lines.ReadLine()
		if err != nil {
			break // its time is over
		}
		if !more {
			n++
		}
	}
	_ = events.Wait() // it was killed
	return n, nil
}
