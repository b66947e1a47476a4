package sqsclient_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"rehook/retry/deadletter"
	"rehook/sqsclient"
	"rehook/sqsclient/localsqs"
)

// frontOverTCP is a front on a real network, with both queues behind it.
func frontOverTCP(t *testing.T) (*front, string) {
	t.Helper()
	queues, err := localsqs.Open(localsqs.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	f := newFront(queues)
	server := httptest.NewServer(f)
	t.Cleanup(func() {
		server.Close()
		if err := queues.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, server.URL
}

// openAt makes the queues and opens them, with what the environment says of credentials.
func openAt(t *testing.T, endpoint string) *sqsclient.Client {
	t.Helper()
	cfg := sqsclient.Config{Queue: waitingName, Endpoint: endpoint}
	if _, err := sqsclient.Ensure(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	c, err := sqsclient.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// reset ends a connection as a machine that crashes or a firewall does.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0) // closing sends RST
	_ = conn.Close()
}

func TestResetOfTheConnectionLosesNoLetter(t *testing.T) {
	for name, hit := range map[string]fault{
		"before": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { reset(w) },
		"after": func(w http.ResponseWriter, r *http.Request, server http.Handler) {
			server.ServeHTTP(httptest.NewRecorder(), r)
			reset(w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, endpoint := frontOverTCP(t)
			onAWS(t, map[string]string{"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"})
			c := openAt(t, endpoint)
			f.forget()
			f.meet("SendMessageBatch", hit)
			send(t, c, letter("a"))
			copies := 1
			if name == "after" {
				copies = 2 // sent twice, which its id tells
			}
			l := receive(t, c, copies)[0]
			f.meet("ChangeMessageVisibilityBatch", hit)
			f.meet("DeleteMessageBatch", hit)
			for what, err := range map[string]error{"extend": c.Extend(t.Context(), time.Hour, l)[0], "park": c.Park(t.Context(), l, l.Letter)} {
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			if d := depth(t, c); d != (deadletter.Depth{InFlight: copies - 1, Parked: 1}) {
				t.Errorf("left: %+v", d)
			}
			if n := f.requests("DeleteMessageBatch"); n != 2 {
				t.Errorf("%d deletes", n)
			}
		})
	}
}

func TestRefusedConnectionIsToldAndTriedAgain(t *testing.T) {
	onAWS(t, map[string]string{"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"})
	queues, err := localsqs.Open(localsqs.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = queues.Close() })
	server := httptest.NewServer(queues)
	c := openAt(t, server.URL)
	address := server.Listener.Addr().String()
	server.Close()
	if err := c.Send(t.Context(), letter("a")); !isA[*sqsclient.UnreachableError](err) {
		t.Errorf("nobody listens: %v", err)
	}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Skip("the port was taken meanwhile:", err)
	}
	again := &http.Server{Handler: queues}
	served := make(chan error, 1)
	go func() { served <- again.Serve(ln) }()
	t.Cleanup(func() {
		_ = again.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	send(t, c, letter("a"))
	receive(t, c, 1)
}
