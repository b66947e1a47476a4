package localsqs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"rehook/sqsclient/localsqs"
	"rehook/sqsclient/localsqs/seglog"
)

// This file hangs up on real sockets: pipes, over which the other tests go, are neither half closed nor reset.

// tcpNet is a listener that tells what the server does with its one connection.
type tcpNet struct {
	net.Listener
	began, read, closed chan struct{} // one for each read that begins and that ends, and for the end
}

func (n tcpNet) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	return tcpConn{conn, n}, err
}

type tcpConn struct {
	net.Conn
	net tcpNet
}

func (c tcpConn) Read(p []byte) (int, error) {
	c.net.began <- struct{}{}
	defer func() { c.net.read <- struct{}{} }()
	return c.Conn.Read(p)
}

func (c tcpConn) Close() error {
	defer func() { c.net.closed <- struct{}{} }()
	return c.Conn.Close()
}

// pollTCP begins a long poll for the letters of server.
func pollTCP(t *testing.T, server *localsqs.Server) (tcpNet, *net.TCPConn) {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	network := tcpNet{ln, make(chan struct{}, 64), make(chan struct{}, 64), make(chan struct{}, 64)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, network) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // it is closed already, but for one that failed
	write(t, conn, "GET /000000000000/letters?Action=ReceiveMessage&WaitTimeSeconds=20 HTTP/1.1\r\nHost: queues\r\n\r\n")
	<-network.began
	<-network.read
	<-network.began // for what comes after the request, or the end
	return network, conn.(*net.TCPConn)
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// reset closes a connection as the kernel does for a process that died with unread input.
func reset(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	if err := conn.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// isThere wants the one message of server to be there at once, as if nobody had ever asked for it.
func isThere(t *testing.T, server *localsqs.Server) {
	t.Helper()
	var got struct {
		Messages []struct{ Attributes map[string]string }
	}
	if err := json.Unmarshal([]byte(askOK(t, server, "ReceiveMessage", `{`+letters+`,"AttributeNames":["All"]}`)), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Messages) != 1 || got.Messages[0].Attributes["ApproximateReceiveCount"] != "1" {
		t.Errorf("got %+v", got)
	}
}

func TestSocketThatIsClosedTakesNoMessage(t *testing.T) {
	for name, hangUp := range map[string]func(t *testing.T, conn *net.TCPConn){
		"reset": reset,
		"closed": func(t *testing.T, conn *net.TCPConn) {
			t.Helper()
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
		},
		"half closed": func(t *testing.T, conn *net.TCPConn) {
			t.Helper()
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(answer.Body)
			if err != nil || answer.Body.Close() != nil || !strings.Contains(string(text), "<ReceiveMessageResult></ReceiveMessageResult>") {
				t.Errorf("it may still read, and reads %q, %v", text, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := withLetters(t)
			network, conn := pollTCP(t, server)
			hangUp(t, conn)
			<-network.closed
			askOK(t, server, "SendMessage", `{`+letters+`,"MessageBody":"m"}`)
			isThere(t, server)
		})
	}
}

// TestSocketResetBehindAPipelinedRequestTakesNoMessage: net/http reads one byte past a request and no more, so that the
// server learns of the end only from the answer that cannot be written.
func TestSocketResetBehindAPipelinedRequestTakesNoMessage(t *testing.T) {
	server := withLetters(t)
	network, conn := pollTCP(t, server)
	write(t, conn, "GET /?Action=ListQueues HTTP/1.1\r\nHost: queues\r\n\r\n")
	<-network.read
	reset(t, conn)
	askOK(t, server, "SendMessage", `{`+letters+`,"MessageBody":"m"}`)
	<-network.closed
	isThere(t, server)
}

// TestClientThatLeavesDuringTheSyncIsGivenNothing: the lease is taken back, and an answer, if there is who reads it, says so.
func TestClientThatLeavesDuringTheSyncIsGivenNothing(t *testing.T) {
	synced := func() {}
	server, err := localsqs.OpenOn(localsqs.Config{Dir: t.TempDir()}, func(name string, flag int, perm fs.FileMode) (seglog.File, error) {
		file, err := os.OpenFile(name, flag, perm)
		return leaving{file, &synced}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // what it syncs is looked at no more
	askOK(t, server, "CreateQueue", `{"QueueName":"letters"}`)
	askOK(t, server, "SendMessage", `{`+letters+`,"MessageBody":"m"}`)
	ctx, leave := context.WithCancel(t.Context())
	synced = leave
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "http://queues/000000000000/letters?Action=ReceiveMessage", nil))
	if a := read(t, w); w.Code != http.StatusBadRequest || a.Error.Code != "RequestAborted" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	isThere(t, server)
}

// leaving is a file at whose sync a client leaves.
type leaving struct {
	*os.File
	synced *func()
}

func (l leaving) Sync() error {
	(*l.synced)()
	return l.File.Sync()
}
