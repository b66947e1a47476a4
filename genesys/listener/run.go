package listener

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Bounds on what a connection may cost: slow senders hold a slot no longer than this.
const (
	readWithin     = 4 * time.Second  // a request, body and all
	writeWithin    = 15 * time.Second // from the headers on, so that it ends after [answerWithin]
	idleWithin     = time.Minute
	maxHeaderBytes = 64 << 10
	stopWithin     = 20 * time.Second // requests in progress end by themselves before
)

// Run serves connections of ln until ctx ends; then it takes no more, ends the requests in progress, and returns
// nil. It closes ln.
func (l *Listener) Run(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:        l,
		ReadTimeout:    readWithin,
		WriteTimeout:   writeWithin,
		IdleTimeout:    idleWithin,
		MaxHeaderBytes: maxHeaderBytes,
		ErrorLog:       slog.NewLogLogger(l.cfg.Logger.Handler(), slog.LevelDebug), // senders' mistakes, mostly
	}
	stopped := make(chan error, 1)
	unhook := context.AfterFunc(ctx, func() { stopped <- stop(ctx, srv) })
	err := srv.Serve(ln)
	if unhook() { // it failed by itself
		return errors.Join(fmt.Errorf("listen on %s: %w", ln.Addr(), err), stop(ctx, srv))
	}
	return <-stopped
}

func stop(ctx context.Context, srv *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests in progress did not end: %w", err), srv.Close())
	}
	return nil
}
