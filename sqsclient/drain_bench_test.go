//go:build unix

package sqsclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
	"rehook/retry/record"
	"rehook/sqsclient"
	"rehook/sqsclient/localsqs"
)

// drainChild says to a child process of the benchmark what it is to drain, and how.
const drainChild = "SQSCLIENT_BENCH_DRAIN"

func TestMain(m *testing.M) {
	if order := os.Getenv(drainChild); order != "" {
		if err := obey(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// drain is what a child process is to do.
type drain struct {
	Bare    bool // by a bare loop, not by the engine
	Letters int
	Socket  string // of the queue
	State   string // directory
}

// drained is what a child process tells of it.
type drained struct {
	Seconds, CPU float64 // until the last letter was deleted
	PeakMB       float64 // resident; 0 where the system does not tell
}

// BenchmarkDrain drains a queue of letters of 1 KiB to one endpoint that answers at once: by the engine, and by a bare
// loop over the same SDK and HTTP client, which knows nothing but receive, post and delete. Each has a process of its
// own; queue and endpoint are in this one, and share the machine with them.
func BenchmarkDrain(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run("letters="+strconv.Itoa(n), func(b *testing.B) { benchmarkDrain(b, n) })
	}
}

func benchmarkDrain(b *testing.B, n int) {
	b.Helper()
	w := newYard(b)
	var engine, bare drained
	var requests int
	for b.Loop() {
		b.StopTimer()
		w.fill(b, n)
		w.forget()
		b.StartTimer()
		engine.add(w.run(b, drain{Letters: n}))
		b.StopTimer()
		requests += w.all()
		w.fill(b, n)
		bare.add(w.run(b, drain{Letters: n, Bare: true}))
		b.StartTimer()
	}
	letters := float64(n) * float64(b.N)
	b.ReportMetric(0, "ns/op") // says nothing that the others do not
	b.ReportMetric(letters/engine.Seconds, "letters/s")
	b.ReportMetric(bare.Seconds/engine.Seconds, "x-bare-rate")
	b.ReportMetric(engine.CPU/letters*1e6, "cpu-µs/letter")
	b.ReportMetric(engine.CPU/bare.CPU, "x-bare-cpu")
	b.ReportMetric(float64(requests)/letters, "requests/letter")
	b.ReportMetric(engine.PeakMB, "peak-MB")
	b.ReportMetric(bare.PeakMB, "bare-peak-MB")
}

func (d *drained) add(other drained) {
	d.Seconds += other.Seconds
	d.CPU += other.CPU
	d.PeakMB = max(d.PeakMB, other.PeakMB)
}

// yard is the embedded queue and an endpoint.
type yard struct {
	*front
	client   *sqsclient.Client
	endpoint *httptest.Server
	socket   string
}

func newYard(b *testing.B) *yard {
	b.Helper()
	dir := b.TempDir()
	server, err := localsqs.Open(localsqs.Config{Dir: filepath.Join(dir, "queue")})
	if err != nil {
		b.Fatal(err)
	}
	w := &yard{front: newFront(server), socket: filepath.Join(dir, "s")}
	ln, err := new(net.ListenConfig).Listen(b.Context(), "unix", w.socket)
	if err != nil {
		b.Fatal(err)
	}
	serving := &http.Server{Handler: w.front, ReadHeaderTimeout: time.Minute}
	go func() { _ = serving.Serve(ln) }()
	w.endpoint = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	if _, err := sqsclient.Ensure(b.Context(), overSocket(w.socket)); err != nil {
		b.Fatal(err)
	}
	if w.client, err = sqsclient.Open(b.Context(), overSocket(w.socket)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		w.endpoint.Close()
		if err := errors.Join(w.client.Close(), serving.Close(), server.Close()); err != nil {
			b.Error(err)
		}
	})
	return w
}

func overSocket(path string) sqsclient.Config {
	return sqsclient.Config{Queue: waitingName, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
}

func (w *yard) fill(b *testing.B, n int) {
	b.Helper()
	payload := []byte(`{"topicName":"v2.detail.events.conversation.customer.end","name":"Zoë","markup":"<b>&amp;</b>","pad":"` +
		strings.Repeat("0123456789abcdef", 57) + `"}`)
	sender := make(chan struct{}, 400)
	errs := make(chan error, n)
	for i := range n {
		sender <- struct{}{}
		go func() {
			errs <- w.client.Send(b.Context(), &deadletter.Letter{
				ID: fmt.Sprintf("%08x-0000-4000-8000-%012x", time.Now().UnixNano()&0xffffffff, i), Timestamp: time.Now(),
				OriginalEndpoint: w.endpoint.URL + "/hook", ErrorCode: 503, Payload: payload,
			})
			<-sender
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
}

// run has a child process carry out an order.
func (w *yard) run(b *testing.B, d drain) drained {
	b.Helper()
	d.Socket, d.State = w.socket, b.TempDir()
	order, err := json.Marshal(d)
	if err != nil {
		b.Fatal(err)
	}
	child := exec.CommandContext(b.Context(), os.Args[0]) //nolint:gosec // this very test
	child.Env = append(os.Environ(), drainChild+"="+string(order))
	child.Stderr = os.Stderr
	said, err := child.Output()
	if err != nil {
		b.Fatal(err)
	}
	var told drained
	if err := json.Unmarshal(said, &told); err != nil {
		b.Fatalf("the child says %q: %v", said, err)
	}
	return told
}

// obey is the child process.
func obey(order string) error {
	var d drain
	if err := json.Unmarshal([]byte(order), &d); err != nil {
		return err
	}
	began, before := time.Now(), cpu()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var end drained
	ended := atomic.Int64{}
	done := func() { // once for every letter
		if ended.Add(1) == int64(d.Letters) {
			end = drained{Seconds: time.Since(began).Seconds(), CPU: cpu() - before, PeakMB: peakMB()}
			cancel()
		}
	}
	run := drainByEngine
	if d.Bare {
		run = drainBarely
	}
	if err := run(ctx, d, done); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(end)
}

// cpu is what the process has used, in seconds.
func cpu() float64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}

// peakMB is what Linux says: the kernel's rusage would count the parent's memory too.
func peakMB() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kB, _ := strconv.ParseFloat(string(fields[0]), 64)
	return kB / 1024
}

// deletes are told of.
type deletes struct {
	*sqsclient.Client
	done func()
}

func (q deletes) Delete(ctx context.Context, l deadletter.Lease) error {
	err := q.Client.Delete(ctx, l)
	if err == nil {
		q.done()
	}
	return err
}

// drainByEngine puts together what "rehook serve" does.
func drainByEngine(ctx context.Context, d drain, done func()) error {
	client, err := sqsclient.Open(ctx, overSocket(d.Socket))
	if err != nil {
		return err
	}
	deliver, err := delivery.New(delivery.Config{Allow: []string{"127.0.0.1"}})
	if err != nil {
		return err
	}
	deliveries, err := record.Open(d.State)
	if err != nil {
		return err
	}
	queue := deletes{client, done}
	engine, err := retry.New(retry.Config{Queue: queue, Payloads: client, Deliver: deliver, Deliveries: deliveries})
	if err != nil {
		return err
	}
	return errors.Join(engine.Run(ctx), client.Close(), deliver.Close(), deliveries.Close())
}
