package localsqs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// errStopping is the cause with which requests' contexts end when the server does, as opposed to a client that left.
var errStopping = errors.New("the server is stopping")

// drainTime is how long a stopping server waits for answers to be written.
const drainTime = 5 * time.Second

// Serve answers requests on ln, and in the meantime expires messages, gives disk space back and runs move tasks. It blocks until ctx
// ends: then long polls are answered, requests in progress are finished, and it returns nil. It may run on several
// listeners at once; each closes its own. Close is for the caller to call afterwards.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error { return s.serve(ctx, ln, s) }

// ServeSigned is Serve for a listener that strangers reach: it answers only requests that are signed with c.
func (s *Server) ServeSigned(ctx context.Context, ln net.Listener, c Credentials) error {
	if c.AccessKeyID == "" || c.SecretAccessKey == "" {
		return errors.Join(errors.New("serve the local queues to signed requests: no credentials given"), ln.Close())
	}
	return s.serve(ctx, ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, c.readSigned) }))
}

func (s *Server) serve(ctx context.Context, ln net.Listener, handler http.Handler) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	requests, stopPolls := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stopPolls(nil)
	server := s.httpServer(requests, handler)

	var parts sync.WaitGroup
	parts.Go(func() { s.keepTidy(ctx) })
	parts.Go(func() { s.keepMoving(ctx) })
	parts.Go(func() {
		<-ctx.Done()
		stopPolls(errStopping)
		drain(requests, server)
	})
	err := server.Serve(ln)
	cancel(err)
	parts.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve the local queues on %s: %w", ln.Addr(), err)
}

func (s *Server) httpServer(requests context.Context, handler http.Handler) *http.Server {
	return &http.Server{
		Handler:     handler,
		BaseContext: func(net.Listener) context.Context { return requests },
		// A long poll takes 20 s, so reading the request before it must leave as much.
		ReadTimeout:       time.Minute,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       5 * time.Minute, // clients close theirs first, so none sends into a closing connection
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.report.Handler(), slog.LevelDebug),
	}
}

// drain waits for requests in progress, and cuts off what takes too long.
func drain(requests context.Context, server *http.Server) {
	limit, cancel := context.WithTimeout(context.WithoutCancel(requests), drainTime)
	defer cancel()
	if server.Shutdown(limit) != nil {
		_ = server.Close()
	}
}
