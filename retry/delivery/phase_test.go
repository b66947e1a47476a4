package delivery_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry/delivery"
)

// peer is the far end of a connection; ctx ends with the test.
type peer func(ctx context.Context, conn net.Conn)

// piped dials pipes to a peer: in a bubble, time does not wait for sockets.
func piped(ctx context.Context, far peer) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		near, end := net.Pipe()
		go func() {
			defer end.Close() //nolint:errcheck // a pipe
			far(ctx, end)
		}()
		return near, nil
	}
}

// deaf neither reads nor answers.
func deaf(ctx context.Context, _ net.Conn) { <-ctx.Done() }

// dumb reads everything and answers nothing.
func dumb(_ context.Context, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// saying reads a request, says something, and then nothing more.
func saying(words string) peer {
	return func(ctx context.Context, conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, words)
		dumb(ctx, conn)
	}
}

// readRequest reads the headers and the body "{}".
func readRequest(conn net.Conn) {
	r := bufio.NewReader(conn)
	for line := ""; line != "\r\n"; {
		var err error
		if line, err = r.ReadString('\n'); err != nil {
			return
		}
	}
	_, _ = r.Discard(len("{}"))
}

func hangingDial(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func hangingLookup(ctx context.Context, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestEveryPhaseThatHangsEndsInTime(t *testing.T) {
	for _, tc := range []struct {
		name, url string
		cfg       delivery.Config
		far       peer
		after     time.Duration
		want      string
	}{
		{
			name: "lookup", url: "http://crm.example.com", cfg: delivery.Config{Lookup: hangingLookup}, far: deaf,
			after: 5 * time.Second, want: "timeout after 5s connecting",
		},
		{
			name: "dial", url: "http://8.8.8.8", cfg: delivery.Config{DialContext: hangingDial},
			after: 5 * time.Second, want: "timeout after 5s connecting",
		},
		{
			name: "TLS handshake", url: "https://8.8.8.8", far: dumb,
			after: 5 * time.Second, want: "timeout after 5s in the TLS handshake",
		},
		{
			name: "taking the request", url: "http://8.8.8.8", far: deaf,
			after: 10 * time.Second, want: "timeout after 10s",
		},
		{
			name: "answering", url: "http://8.8.8.8", far: dumb,
			after: 10 * time.Second, want: "timeout after 10s",
		},
		{
			name: "within the headers", url: "http://8.8.8.8", far: saying("HTTP/1.1 200 OK\r\nContent-"),
			cfg:   delivery.Config{Timeout: 3 * time.Second},
			after: 3 * time.Second, want: "timeout after 3s",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if tc.far != nil {
					tc.cfg.DialContext = piped(t.Context(), tc.far)
				}
				c := client(t, tc.cfg)
				res := c.Attempt(t.Context(), delivery.Request{URL: tc.url, Body: []byte("{}")})
				if res.Error != tc.want || res.Outcome != delivery.Retry || res.Status != 0 || res.Cancelled {
					t.Errorf("result %+v, want the error %q", res, tc.want)
				}
				if res.Latency != tc.after {
					t.Errorf("it took %v, want %v", res.Latency, tc.after)
				}
			})
		})
	}
}

func TestAnswerWithoutEndHoldsNoLongerThanTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, delivery.Config{DialContext: piped(t.Context(), func(ctx context.Context, conn net.Conn) {
			readRequest(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			for every := time.NewTicker(1100 * time.Millisecond); ; {
				select {
				case <-ctx.Done():
					return
				case <-every.C:
				}
				if _, err := io.WriteString(conn, "x"); err != nil {
					return
				}
			}
		})})
		start := time.Now()
		res := c.Attempt(t.Context(), delivery.Request{URL: "http://8.8.8.8", Body: []byte("{}")})
		if res.Outcome != delivery.Delivered || res.Latency != 0 || res.Excerpt != "xxxxxxxxx" {
			t.Errorf("result %+v", res)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("it took %v, want 10s", took)
		}
	})
}

func TestRequestCanShortenTheTimeout(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{
		0: 10 * time.Second, time.Second: time.Second, time.Minute: 10 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			c := client(t, delivery.Config{DialContext: piped(t.Context(), dumb)})
			res := c.Attempt(t.Context(), delivery.Request{URL: "http://8.8.8.8", Body: []byte("{}"), Timeout: asked})
			if res.Latency != want || res.Error != "timeout after "+want.String() || res.Cancelled {
				t.Errorf("asked for %v: result %+v", asked, res)
			}
		})
	}
}

func TestCallersDeadlineIsACancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, delivery.Config{DialContext: piped(t.Context(), dumb)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		res := c.Attempt(ctx, delivery.Request{URL: "http://8.8.8.8", Body: []byte("{}")})
		if !res.Cancelled || res.Latency != time.Second || res.Error != "cancelled: context deadline exceeded" {
			t.Errorf("result %+v", res)
		}
	})
}

func TestAddressThatHangsLeavesTimeForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := piped(t.Context(), saying("HTTP/1.1 204 No Content\r\n\r\n"))
		c := client(t, delivery.Config{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				if addr == "8.8.8.8:80" {
					return hangingDial(ctx, network, addr)
				}
				return second(ctx, network, addr)
			},
			Lookup: func(context.Context, string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("9.9.9.9")}, nil
			},
		})
		res := c.Attempt(t.Context(), delivery.Request{URL: "http://crm.example", Body: []byte("{}")})
		if res.Outcome != delivery.Delivered || res.Latency != 2500*time.Millisecond {
			t.Errorf("result %+v", res)
		}
	})
}
