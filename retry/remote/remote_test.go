package remote_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/remote"
)

// box is a queue that hands out some letters once, and takes what it is told.
type box struct {
	mu      sync.Mutex // guards letters
	letters []*deadletter.Letter
}

func (b *box) Receive(ctx context.Context) ([]deadletter.Lease, error) {
	b.mu.Lock()
	letters := b.letters
	b.letters = nil
	b.mu.Unlock()
	if len(letters) == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var leases []deadletter.Lease
	for _, l := range letters {
		leases = append(leases, deadletter.Lease{Letter: l, MessageID: l.ID, Receipt: "r", Until: time.Now().Add(time.Hour), SentAt: time.Now()})
	}
	return leases, nil
}

func (*box) ReceiveParked(context.Context) ([]deadletter.Lease, error) { return nil, nil }
func (*box) Delete(context.Context, deadletter.Lease) error            { return nil }
func (*box) Extend(_ context.Context, _ time.Duration, leases ...deadletter.Lease) []error {
	return make([]error, len(leases))
}
func (*box) Replace(context.Context, deadletter.Lease, *deadletter.Letter) error { return nil }
func (*box) Park(context.Context, deadletter.Lease, *deadletter.Letter) error    { return nil }
func (*box) Release(context.Context, deadletter.Lease, *deadletter.Letter) error { return nil }
func (*box) Depth(context.Context) (deadletter.Depth, error) {
	return deadletter.Depth{Visible: 2}, nil
}
func (*box) Retention() time.Duration       { return 14 * 24 * time.Hour }
func (*box) ParkedRetention() time.Duration { return 14 * 24 * time.Hour }
func (*box) Keep(*deadletter.Letter) error  { return nil }
func (*box) Attempt(context.Context, delivery.Request) delivery.Result {
	return delivery.Result{Outcome: delivery.Delivered, Status: 200, At: time.Now(), Latency: 84 * time.Millisecond}
}

// pipes is a listener whose connections are pipes, which work in a bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
	fails int // so many connections cannot be accepted at first
	last  net.Conn
}

// cut cuts the latest connection.
func (p *pipes) cut() { _ = p.last.Close() }

func (p *pipes) Accept() (net.Conn, error) {
	if p.fails > 0 {
		p.fails--
		return nil, syscall.EMFILE
	}
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.once.Do(func() { close(p.done) }); return nil }

func (*pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		p.last = theirs
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// world is an engine with six letters that wait an hour, and the same engine seen through the socket.
type world struct {
	engine *retry.Engine
	client *remote.Client
	pipes  *pipes
	stop   func()
}

func open(t *testing.T) *world {
	t.Helper()
	b := &box{}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		b.letters = append(b.letters, &deadletter.Letter{
			ID: id, Timestamp: time.Now().UTC().Round(0), OriginalEndpoint: "https://crm.example.com/hook", ErrorCode: 503,
			Payload: []byte("{\"n\":9007199254740993123} "), NextAttemptAt: time.Now().Add(time.Hour).UTC().Round(0),
			Headers: deadletter.Headers{"Content-Type": {"application/json"}},
		})
	}
	e, err := retry.New(retry.Config{Queue: b, Deliver: b, Name: "q", Trash: b, Requests: func() deadletter.Requests {
		return deadletter.Requests{Sent: 9, ADay: 14_321.5}
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{}), fails: 3}
	var ends sync.WaitGroup
	ends.Go(func() {
		if err := e.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	ends.Go(func() {
		if err := remote.Serve(ctx, p, e); err != nil {
			t.Error(err)
		}
	})
	w := &world{engine: e, client: remote.New(p.dial), pipes: p, stop: func() { cancel(); ends.Wait() }}
	time.Sleep(time.Second)
	synctest.Wait()
	return w
}

func TestAScreenSeesTheSameHereAndThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t)
		updates := map[string][]retry.Update{}
		for name, e := range map[string]remote.Engine{"here": w.engine, "there": w.client} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			feed, err := e.Subscribe(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				u, err := feed.Next(ctx)
				if err != nil {
					t.Fatal(err)
				}
				for i := range u.Letters {
					u.Letters[i].ReceivedAt = u.Letters[i].ReceivedAt.UTC().Round(0)
				}
				updates[name] = append(updates[name], u)
				if _, err := w.engine.Do(ctx, retry.Hold{IDs: []string{"a"}, By: "ann"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i := range 2 {
			here, there := updates["here"][i], updates["there"][i]
			if len(here.Status.Causes) != 1 || !reflect.DeepEqual(here.Status.Causes, there.Status.Causes) {
				t.Errorf("causes here %+v, there %+v", here.Status.Causes, there.Status.Causes)
			}
			if here.Reset != there.Reset || len(here.Letters) != len(there.Letters) || len(here.Stream) == 0 && i == 1 || here.Status.Queue != there.Status.Queue {
				t.Errorf("update %d\nhere  %+v\nthere %+v", i, here, there)
			}
		}
		for _, entry := range updates["there"][0].Letters {
			if string(entry.Letter.Payload) != "{\"n\":9007199254740993123} " || entry.Phase != retry.Waiting || entry.Due.IsZero() || !reflect.DeepEqual(entry.Letter.Headers, deadletter.Headers{"Content-Type": {"application/json"}}) {
				t.Errorf("there: %+v of %+v", entry, entry.Letter)
			}
		}
		w.stop()
	})
}

func TestFiguresOfEndpointsAndTheQueueGoThroughTheSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t)
		if _, err := w.client.Do(t.Context(), retry.Redrive{IDs: []string{"a"}, By: "ann"}); err != nil {
			t.Fatal(err)
		}
		var seen []retry.Status
		for _, e := range []remote.Engine{w.engine, w.client} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			feed, err := e.Subscribe(ctx)
			if err != nil {
				t.Fatal(err)
			}
			u, err := feed.Next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, u.Status)
		}
		here, there := seen[0], seen[1]
		if here.Requests.Sent != 9 || here.Requests != there.Requests {
			t.Errorf("requests here %+v, there %+v", here.Requests, there.Requests)
		}
		if len(here.Endpoints) != 1 || len(there.Endpoints) != 1 {
			t.Fatalf("endpoints here %+v, there %+v", here.Endpoints, there.Endpoints)
		}
		if a, b := here.Endpoints[0], there.Endpoints[0]; a.P50 != 84*time.Millisecond || a.P50 != b.P50 || a.P95 != b.P95 {
			t.Errorf("latencies here %v and %v, there %v and %v", a.P50, a.P95, b.P50, b.P95)
		}
		w.stop()
	})
}

func TestCommandsWorkThroughTheSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t)
		for _, c := range []struct {
			command retry.Command
			want    []retry.Did
		}{
			{retry.Pause{By: "ann"}, nil},
			{retry.Resume{By: "ann"}, nil},
			{retry.Limit{Endpoint: "https://crm.example.com", Rate: 0.5, AtOnce: 2, By: "ann"}, []retry.Did{retry.DidLimit}},
			{retry.Limit{Endpoint: "https://nobody.example.com", Rate: 5, By: "ann"}, []retry.Did{retry.DidSkip}},
			{retry.Hold{IDs: []string{"a"}, By: "ann"}, []retry.Did{retry.DidHold}},
			{retry.Redrive{IDs: []string{"a"}, By: "ann"}, []retry.Did{retry.DidDeliver}},
			{retry.Park{IDs: []string{"b"}, By: "ann"}, []retry.Did{retry.DidPark}},
			{retry.Release{IDs: []string{"b"}, By: "ann"}, []retry.Did{retry.DidSkip}},
			{retry.Edit{ID: "c", Payload: []byte("{}"), Headers: deadletter.Headers{"A": {"b"}}, By: "ann"}, []retry.Did{retry.DidEdit}},
			{retry.Delete{IDs: []string{"d"}, By: "ann"}, []retry.Did{retry.DidDelete}},
			{retry.Redrive{IDs: []string{"e"}, To: "https://crm2.example.com", Rate: 3, Canary: true, By: "ann"}, []retry.Did{retry.DidDeliver}},
		} {
			results, err := w.client.Do(t.Context(), c.command)
			var did []retry.Did
			for _, r := range results {
				did = append(did, r.Did)
			}
			if err != nil || !reflect.DeepEqual(did, c.want) {
				t.Errorf("%T: %+v, %v; want %v", c.command, results, err, c.want)
			}
		}
		w.stop()
	})
}

func TestClientIsToldWhenTheEngineEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t)
		feed, err := w.client.Subscribe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := feed.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.stop()
		for err == nil {
			_, err = feed.Next(t.Context())
		}
		if !errors.Is(err, retry.ErrStopped) {
			t.Errorf("the feed ended with %v", err)
		}
		if _, err := w.client.Do(t.Context(), retry.Pause{}); err == nil {
			t.Error("a command to an engine that has ended was carried out")
		}
	})
}

func TestRequestsThatAreNoneAreRefusedInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t)
		for request, want := range map[string]string{
			"GET / HTTP/1.1":                          "not a request",
			`{"version":99,"want":"subscribe"}`:       "version 99",
			`{"version":2,"want":"format the disk"}`:  `no command "format the disk"`,
			`{"version":2,"want":"park","command":7}`: "cannot unmarshal",
		} {
			conn, err := w.pipes.dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write([]byte(request + "\n")); err != nil {
				t.Fatal(err)
			}
			var answer struct{ Error string }
			if err := json.NewDecoder(conn).Decode(&answer); err != nil || !strings.Contains(answer.Error, want) {
				t.Errorf("%s: %q, %v; want %q", request, answer.Error, err, want)
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
		w.stop()
	})
}

// TestEngineAndClientBehaveAlike holds both to one behaviour: plans, refusals, jobs, their results and their cancelling.
func TestEngineAndClientBehaveAlike(t *testing.T) {
	for _, name := range []string{"here", "there"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := open(t)
				var e remote.Engine = w.engine
				if name == "there" {
					e = w.client
				}
				ids := []string{"a", "b", "c", "d", "nobody"}
				p, err := e.Plan(t.Context(), retry.Redrive{IDs: ids, Rate: 0.5, By: "ann"})
				if err != nil || p.Letters != 4 || p.Takes != 6*time.Second || len(p.Cannot) != 1 || len(p.Endpoints) != 1 || p.Endpoints[0].Endpoint.Endpoint != "https://crm.example.com" {
					t.Errorf("%+v, %v", p, err)
				}
				for _, c := range []retry.Command{retry.Redrive{IDs: ids, To: "gopher://x"}, retry.Cancel{Job: "none"}} {
					if _, err := e.Do(t.Context(), c); !errors.Is(err, retry.ErrRefused) || !strings.Contains(err.Error(), "refused") {
						t.Errorf("%T: %v", c, err)
					}
				}
				if _, err := e.Plan(t.Context(), retry.Redrive{To: "gopher://x"}); !errors.Is(err, retry.ErrRefused) {
					t.Errorf("the plan of what cannot be: %v", err)
				}
				if _, err := e.Results(t.Context(), "none"); !errors.Is(err, retry.ErrRefused) {
					t.Errorf("the results of nothing: %v", err)
				}
				cancelled, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, errEnough)
				defer cancel()
				results, err := e.Do(cancelled, retry.Redrive{IDs: ids, Rate: 0.5, By: "ann"})
				if !errors.Is(err, errEnough) || len(results) != 5 {
					t.Errorf("cancelled: %+v, %v", results, err)
				}
				feed, err := e.Subscribe(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				u, err := feed.Next(t.Context())
				if err != nil || len(u.Status.Jobs) != 1 || u.Status.Jobs[0].Done != 2 || u.Status.Jobs[0].Skipped != 3 || u.Status.Jobs[0].Rate != 0.5 || u.Status.Jobs[0].Stopped != "cancelled" {
					t.Fatalf("%+v, %v", u.Status.Jobs, err)
				}
				again, err := e.Results(t.Context(), u.Status.Jobs[0].ID)
				if err != nil || !reflect.DeepEqual(again, results) {
					t.Errorf("the results are %+v, and were %+v; %v", again, results, err)
				}
				w.stop()
			})
		})
	}
}

var errEnough = errors.New("enough")

func TestCommandGoesOnWhenTheLineDrops(t *testing.T) {
	for name, drop := range map[string]func(w *world, end context.CancelCauseFunc){
		"by itself":                  func(w *world, _ context.CancelCauseFunc) { w.pipes.cut() },
		"with the one who had asked": func(_ *world, end context.CancelCauseFunc) { end(retry.ErrGone) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := open(t)
				ctx, end := context.WithCancelCause(t.Context())
				defer end(nil)
				ended := make(chan error, 1)
				go func() {
					_, err := w.client.Do(ctx, retry.Redrive{IDs: []string{"a", "b", "c"}, Rate: 0.1, By: "ann"})
					ended <- err
				}()
				time.Sleep(5 * time.Second)
				synctest.Wait()
				drop(w, end)
				if err := <-ended; err == nil {
					t.Error("nobody was told that the line had dropped")
				}
				time.Sleep(time.Minute)
				feed, err := w.client.Subscribe(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				u, err := feed.Next(t.Context())
				if err != nil || len(u.Status.Jobs) != 1 || u.Status.Jobs[0].Done != 3 || u.Status.Jobs[0].Stopped != "" {
					t.Errorf("%+v, %v", u.Status.Jobs, err)
				}
				w.stop()
			})
		})
	}
}

func TestEditOfTheLargestPayloadGoesThroughTheSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t)
		results, err := w.client.Do(t.Context(), retry.Edit{ID: "a", Payload: bytes.Repeat([]byte{0xFF}, 8<<20), By: "ann"})
		if err != nil || len(results) != 1 || results[0].Did != retry.DidEdit {
			t.Errorf("%+v, %v", results, err)
		}
		w.stop()
	})
}
