package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// measureStart waits for the first whole picture, whatever the queue does.
func measureStart(ctx context.Context, m *measurement) error {
	dir, err := m.state(ctx, waiting())
	if err != nil {
		return err
	}
	if err := m.firstPicture(ctx, "embedded queue", nil, "--local", "--state-dir", dir, "--paused"); err != nil {
		return err
	}
	for _, queue := range []struct {
		name   string
		answer http.HandlerFunc // nil: it refuses connections
	}{
		{"queue hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"queue refuses", nil},
		{"queue takes 5 s a call", func(w http.ResponseWriter, r *http.Request) {
			pass(r.Context(), 5*time.Second)
			w.WriteHeader(http.StatusServiceUnavailable)
		}},
	} {
		if err := m.firstPictureOf(ctx, queue.name, queue.answer); err != nil {
			return err
		}
	}
	return nil
}

// firstPictureOf measures a start at a queue on AWS.
func (m *measurement) firstPictureOf(ctx context.Context, what string, answer http.HandlerFunc) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: answer, ReadHeaderTimeout: time.Minute}
	if answer == nil {
		err = listener.Close()
	} else {
		go func() { _ = server.Serve(listener) }() // until it is closed
	}
	environment := []string{
		"AWS_ENDPOINT_URL_SQS=http://" + listener.Addr().String(), "AWS_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x",
	}
	dir, stateErr := m.state(ctx, nil)
	if err := errors.Join(err, stateErr); err != nil {
		return err
	}
	return errors.Join(m.firstPicture(ctx, what, environment, "--state-dir", dir), server.Close())
}

func (m *measurement) firstPicture(ctx context.Context, what string, environment []string, args ...string) error {
	took, size := time.Hour, 0
	for range m.rounds {
		x, err := open(ctx, 0, environment, m.rehook, args...)
		if err != nil {
			return err
		}
		err = x.until(ctx, 20*time.Second, whole)
		bytes, last := x.seen()
		if err := errors.Join(err, x.close()); err != nil {
			m.report.holds(what+", a first picture", fmt.Sprintf("%.2000s", err))
			return nil
		}
		took, size = min(took, last.Sub(x.started)), max(size, bytes)
	}
	m.report.figure(what+", first picture", milliseconds(took), 100, "ms")
	m.report.figure(what+", first picture", float64(size)/1000, 7.5, "kB")
	return nil
}
