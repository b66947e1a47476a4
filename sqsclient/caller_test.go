package sqsclient_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// lateConn learns that what it wrote is on its way when the other side may have answered already, as on a busy
// machine.
type lateConn struct{ net.Conn }

func (c lateConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	time.Sleep(time.Millisecond)
	return n, err
}

// inTwoParts answers at once, but takes its time over the second half.
func inTwoParts(w http.ResponseWriter, r *http.Request, server http.Handler) {
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	time.Sleep(10 * time.Millisecond)
	_, _ = w.Write(body[len(body)/2:])
}

func TestFastServerLosesNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		dial := w.cfg.DialContext
		w.cfg.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dial(ctx, network, addr)
			return lateConn{c}, err
		}
		c := w.open(t)
		w.meet("SendMessageBatch", inTwoParts)
		w.meet("ReceiveMessage", inTwoParts)
		w.meet("DeleteMessageBatch", inTwoParts)
		send(t, c, letter("a"))
		if err := c.Delete(t.Context(), receive(t, c, 1)[0]); err != nil {
			t.Error(err)
		}
		for _, op := range []string{"SendMessageBatch", "ReceiveMessage", "DeleteMessageBatch"} {
			if n := w.requests(op); n != 1 {
				t.Errorf("%s was asked %d times", op, n)
			}
		}
	})
}
