package sqsclient_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/retry"
	"rehook/retry/delivery"
)

// operations are all that an engine has the client ask for.
var operations = []string{"ReceiveMessage", "SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", "GetQueueAttributes", "GetQueueUrl"}

// endpoint takes early letters at their second attempt and others at once, and counts.
type endpoint struct {
	mu       sync.Mutex // guards what follows
	attempts map[string]int
	accepted map[string]int // by letter
}

func (e *endpoint) Attempt(ctx context.Context, r delivery.Request) delivery.Result {
	wait := time.NewTimer(50 * time.Millisecond)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return delivery.Result{Cancelled: true}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.attempts[r.ID]++; e.attempts[r.ID] == 1 && strings.HasPrefix(r.ID, "early") {
		return delivery.Result{At: time.Now(), Outcome: delivery.Retry, Status: 503, Error: "503 Service Unavailable"}
	}
	e.accepted[r.ID]++
	return delivery.Result{At: time.Now(), Outcome: delivery.Delivered, Status: 200}
}

// taken counts the letters to an endpoint of that name that were taken.
func (e *endpoint) taken(name string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for id := range e.accepted {
		if strings.HasPrefix(id, name) {
			n++
		}
	}
	return n
}

// told is a log of what an operator is told.
type told struct {
	slog.Handler
	mu    sync.Mutex     // guards what follows
	times map[string]int // by its words up to the first colon
	bare  []string       // what came without advice
}

func (l *told) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	what, _, _ := strings.Cut(r.Message, ":")
	if r.Level != slog.LevelWarn || what == "lease lost" {
		return nil
	}
	l.times[what]++
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "hint" && a.Value.String() == "" {
			l.bare = append(l.bare, r.Message)
		}
		return true
	})
	return nil
}

func (l *told) Enabled(context.Context, slog.Level) bool { return true }

// engine is an engine at work on a world's queues.
type engine struct {
	*endpoint
	*told
	running *retry.Engine
	stop    func()
}

func (w *world) engine(t *testing.T) *engine {
	t.Helper()
	e := &engine{
		endpoint: &endpoint{attempts: map[string]int{}, accepted: map[string]int{}},
		told:     &told{Handler: slog.DiscardHandler, times: map[string]int{}},
	}
	running, err := retry.New(retry.Config{
		Queue: w.open(t), Deliver: e.endpoint, Name: waitingName, Rand: rand.New(rand.NewPCG(1, 2)), Logger: slog.New(e.told),
	})
	if err != nil {
		t.Fatal(err)
	}
	e.running = running
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- running.Run(ctx) }()
	e.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(e.stop)
	return e
}

// fail lets every request of these operations meet a fault; nil ends it.
func (w *world) fail(hit fault, ops ...string) {
	for _, op := range ops {
		w.keepMeeting(op, hit)
	}
}

func (f *front) all() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for c := range maps.Values(f.counts) {
		n += c
	}
	return n
}

func TestEngineOutlastsTenMinutesOfAnyFault(t *testing.T) {
	for name, c := range map[string]struct {
		hit  fault
		ops  []string
		told int // times that receiving is said to fail
	}{
		"throttle storm":            {refused(400, "RequestThrottled"), operations, 1},
		"throttled now and then":    {sometimes(refused(400, "RequestThrottled")), operations, 30},
		"gone":                      {resetBefore, operations, 1},
		"answers lost":              {resetAfter, operations, 1},
		"silent":                    {silent, operations, 1},
		"failing":                   {refused(500, "InternalFailure"), operations, 1},
		"credentials expired":       {refused(403, "ExpiredToken"), operations, 1},
		"sign-in page":              {answered(200, "text/html", "<html>"), operations, 1},
		"empty answers":             {answered(200, "application/x-amz-json-1.0", "{}"), operations, 0},
		"too many in flight":        {refused(403, "OverLimit"), operations[:1], 2}, // a receive from before may still bring letters
		"may not send":              {refused(403, "AccessDenied"), operations[1:2], 0},
		"may not delete":            {refused(403, "AccessDenied"), operations[2:3], 0},
		"may not change visibility": {refused(403, "AccessDenied"), operations[3:4], 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.ensure(t)
				e := w.engine(t)
				w.write(t, "early")
				time.Sleep(200 * time.Millisecond)
				w.fail(c.hit, c.ops...)
				w.assertBounded(t)
				w.fail(nil, c.ops...)
				recovered := time.Now()
				w.write(t, "late")
				for e.taken("late") < written && time.Since(recovered) < time.Hour {
					time.Sleep(time.Second)
				}
				if took := time.Since(recovered); took > 45*time.Second {
					t.Errorf("it took %v to deliver again", took)
				}
				time.Sleep(10 * time.Minute)
				e.assertAllOnce(t)
				e.assertTold(t, c.told)
				e.stop()
				if d := depth(t, w.open(t)); d.Total() != 0 || d.Parked != 0 {
					t.Errorf("left: %+v", d)
				}
			})
		})
	}
}

// written is how many letters a test writes at once.
const written = 100

// write gives the queue letters, to an endpoint of that name.
func (w *world) write(t *testing.T, to string) {
	t.Helper()
	for i := range written {
		l := letter(fmt.Sprint(to, "-", i))
		l.OriginalEndpoint = "https://" + to + ".example.com/"
		w.put(t, waitingName, string(l.Encode()), nil)
	}
}

// assertBounded lets ten minutes pass, and sees that requests are few: each letter of the first minute may be tried a
// few times.
func (w *world) assertBounded(t *testing.T) {
	t.Helper()
	minute := func() int {
		w.forget()
		time.Sleep(time.Minute)
		return w.all()
	}
	first, later := minute(), 0
	for range 9 {
		later += minute()
	}
	if first > 7*written || later > 9*65 {
		t.Errorf("%d requests in the first minute, and %d in the nine others", first, later)
	}
}

func (e *endpoint) assertAllOnce(t *testing.T) {
	t.Helper()
	for _, name := range []string{"early", "late"} {
		if n := e.taken(name); n != written {
			t.Errorf("%d of %d %s letters were delivered", n, written, name)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, n := range e.accepted {
		if n != 1 {
			t.Errorf("letter %s was delivered %d times", id, n)
		}
	}
}

// assertTold sees that what was told came with advice, and that receiving was said to fail so often at most, and once
// if it did.
func (l *told) assertTold(t *testing.T, receiving int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.bare) > 0 {
		t.Errorf("told without advice: %q", l.bare)
	}
	if n := l.times["letters cannot be received"]; n > receiving || receiving > 0 && n == 0 {
		t.Errorf("receiving was said to fail %d times", n)
	}
	for what, n := range l.times {
		if n > max(10, receiving) {
			t.Errorf("told %d times: %s", n, what)
		}
	}
}

// sometimes lets three of four requests meet a fault.
func sometimes(hit fault) fault {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(3, 4))
	return func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		mu.Lock()
		spared := random.IntN(4) == 0
		mu.Unlock()
		if spared {
			server.ServeHTTP(w, r)
			return
		}
		hit(w, r, server)
	}
}

func TestEngineWorksOnWithAQueueThatIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		e := w.engine(t)
		w.write(t, "early")
		time.Sleep(200 * time.Millisecond)
		had := w.requests("ReceiveMessage")
		if _, err := w.raw.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url(waitingName)}); err != nil {
			t.Fatal(err)
		}
		w.assertBounded(t)
		w.ensure(t)
		made := time.Now()
		w.write(t, "late")
		for e.taken("late") < written && time.Since(made) < time.Hour {
			time.Sleep(time.Second)
		}
		if took := time.Since(made); took > 45*time.Second {
			t.Errorf("it took %v to deliver again", took)
		}
		e.assertTold(t, 1)
		// What was in the queue went with it; what the engine had taken did not.
		if n := e.taken("early"); had == 0 || n == 0 {
			t.Errorf("%d early letters were delivered after %d receives", n, had)
		}
	})
}
