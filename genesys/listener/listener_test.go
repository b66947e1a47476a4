package listener_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"rehook/genesys/listener"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// queue keeps letters in memory, unless it is told to fail.
type queue struct {
	fail error

	mu      sync.Mutex // guards letters
	letters []*deadletter.Letter
}

func (q *queue) Send(_ context.Context, l *deadletter.Letter) error {
	if q.fail != nil {
		return q.fail
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.letters = append(q.letters, l)
	return nil
}

func (q *queue) kept() []*deadletter.Letter {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.letters)
}

// only gives the one letter that there must be.
func (q *queue) only(t *testing.T) *deadletter.Letter {
	t.Helper()
	letters := q.kept()
	if len(letters) != 1 {
		t.Fatalf("%d letters were captured, want 1", len(letters))
	}
	return letters[0]
}

// start serves a listener on loopback, and gives its URL.
func start(t *testing.T, cfg listener.Config) string {
	t.Helper()
	client, err := delivery.New(delivery.Config{Allow: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Client = client
	l, err := listener.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	return s.URL
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

type answer struct {
	status int
	header http.Header
	body   string
}

func send(t *testing.T, url, body string, headers http.Header) answer {
	t.Helper()
	return do(t, http.MethodPost, url, body, headers)
}

func do(t *testing.T, method, url, body string, headers http.Header) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(req.Header, headers)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(got)}
}

func TestEndpointsAnswerIsPassedBack(t *testing.T) {
	const body = " {\"n\":1e400,\"n\":2,\"t\":\"\\ud800\u2028\"}\r\n"
	var got []byte
	var seen http.Header
	var uri string
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		seen, uri = r.Header, r.RequestURI
		w.Header().Set("Content-Type", "application/vnd.x+json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"made":true}`)
	})
	q := &queue{}
	a := send(t, start(t, listener.Config{ForwardTo: endpoint, Capture: q})+"/in?a=1&b=%20", body, http.Header{
		"Content-Type": {"application/json; x=y"}, "X-Hub-Signature-256": {"sha256=abc="}, "Authorization": {"Bearer x"},
		"Inin-Correlation-Id": {"c-1"},
	})
	if a.status != http.StatusCreated || a.body != `{"made":true}` || a.header.Get("Content-Type") != "application/vnd.x+json" {
		t.Errorf("answer %+v", a)
	}
	if string(got) != body || uri != "/in?a=1&b=%20" {
		t.Errorf("the endpoint got %q at %q", got, uri)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json; x=y", "X-Hub-Signature-256": "sha256=abc=", "Authorization": "Bearer x",
		"Inin-Correlation-Id": "c-1", "X-Webhook-Source": "",
	} {
		if seen.Get(name) != want {
			t.Errorf("the endpoint got %s %q, want %q", name, seen.Get(name), want)
		}
	}
	if uuid.Validate(seen.Get("Idempotency-Key")) != nil {
		t.Errorf("idempotency key %q", seen.Get("Idempotency-Key"))
	}
	if len(q.kept()) != 0 {
		t.Error("a delivered webhook was captured")
	}
}

func TestAnswerWithoutBodyOrTypeStaysSo(t *testing.T) {
	endpoint := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	a := send(t, start(t, listener.Config{ForwardTo: endpoint, Capture: &queue{}}), "{}", nil)
	if a.status != http.StatusNoContent || a.body != "" || a.header["Content-Type"] != nil {
		t.Errorf("answer %+v", a)
	}
}

func TestFailureBecomesALetter(t *testing.T) {
	var key string
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("Idempotency-Key")
		w.Header().Set("Retry-After", "60")
		http.Error(w, "down", http.StatusServiceUnavailable)
	})
	q := &queue{}
	url := start(t, listener.Config{ForwardTo: endpoint + "/hook?k=v", Capture: q})
	before := time.Now()
	body := string([]byte{'{', 0, 0xff, '}'})
	a := send(t, url+"/ignored?a=1", body, http.Header{
		"Content-Type": {"text/plain"}, "X-Hub-Signature-256": {"sha256=abc="}, "Inin-Correlation-Id": {"c-1", "c-2"},
		"Authorization": {"Bearer x"}, "Cookie": {"s=1"}, "X-Api-Key": {"x"}, "X-Auth-Token": {"x"},
		"Connection": {"X-Hop"}, "X-Hop": {"1"},
	})
	l := q.only(t)
	if a.status != http.StatusAccepted || a.body != `{"id":"`+l.ID+`"}`+"\n" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("answer %+v", a)
	}
	if uuid.Validate(l.ID) != nil || l.ID != key {
		t.Errorf("id %q, idempotency key %q", l.ID, key)
	}
	if l.OriginalEndpoint != endpoint+"/hook?k=v&a=1" || string(l.Payload) != body || l.Source != "" || l.Parked != nil {
		t.Errorf("letter %+v", l)
	}
	if l.ErrorCode != 503 || l.Error != "503 Service Unavailable" || l.RetryCount != 0 || len(l.Attempts) != 1 {
		t.Errorf("letter %+v", l)
	}
	if at := l.Attempts[0]; at.Status != 503 || at.Response != "down\n" || at.RetryAfter != time.Minute || !at.At.Equal(l.Timestamp) {
		t.Errorf("attempt %+v", at)
	}
	if l.Timestamp.Before(before) || l.Timestamp.Location() != time.UTC || l.NextAttemptAt.Sub(before) < time.Minute {
		t.Errorf("failed at %v, next attempt at %v", l.Timestamp, l.NextAttemptAt)
	}
	want := deadletter.Headers{
		"Content-Type": {"text/plain"}, "X-Hub-Signature-256": {"sha256=abc="}, "Inin-Correlation-Id": {"c-1", "c-2"},
	}
	if !maps.EqualFunc(l.Headers, want, slices.Equal) {
		t.Errorf("headers %v, want %v", l.Headers, want)
	}
}

func TestEveryOutcomeButSuccessIsCaptured(t *testing.T) {
	status := 0
	endpoint := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	q := &queue{}
	url := start(t, listener.Config{ForwardTo: endpoint, Capture: q})
	statuses := []int{301, 307, 400, 401, 403, 404, 408, 410, 413, 429, 500, 502, 503, 504, 599}
	for _, status = range statuses {
		if a := send(t, url, "{}", nil); a.status != http.StatusAccepted {
			t.Errorf("status %d was answered with %d", status, a.status)
		}
	}
	for i, l := range q.kept() {
		if l.ErrorCode != statuses[i] || !l.NextAttemptAt.IsZero() {
			t.Errorf("letter %d: %+v", i, l)
		}
	}
	if len(q.kept()) != len(statuses) {
		t.Errorf("%d letters", len(q.kept()))
	}
}

func TestEndpointThatCannotBeReachedIsCaptured(t *testing.T) {
	q := &queue{}
	for _, to := range []string{"http://127.0.0.1:1", "http://10.0.0.1"} {
		if a := send(t, start(t, listener.Config{ForwardTo: to, Capture: q}), "{}", nil); a.status != http.StatusAccepted {
			t.Errorf("%s: answer %+v", to, a)
		}
	}
	letters := q.kept()
	if len(letters) != 2 || letters[0].Error != "connection refused" || !strings.Contains(letters[1].Error, "--allow 10.0.0.1") {
		t.Errorf("letters %+v", letters)
	}
}

func TestWithoutCaptureTheSenderIsAskedAgain(t *testing.T) {
	var log bytes.Buffer
	url := start(t, listener.Config{
		ForwardTo: "http://127.0.0.1:1/in?token=hunter2", Capture: &queue{fail: errors.New("queue unreachable")},
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	a := send(t, url, "{}", nil)
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("answer %+v", a)
	}
	if !strings.Contains(log.String(), "queue unreachable") || strings.Contains(log.String(), "hunter2") {
		t.Errorf("log %s", log.String())
	}
}

func TestBadRequestsAreAnsweredAndGoNowhere(t *testing.T) {
	endpoint := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("forwarded") })
	q := &queue{}
	url := start(t, listener.Config{Routes: map[string]string{"/in": endpoint}, Capture: q, MaxBody: 10})
	for _, tc := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/in", "", 405},
		{"PUT", "/in", "{}", 405},
		{"POST", "/in", "12345678901", 413},
		{"POST", "/other", "{}", 404},
		{"POST", "/in/", "{}", 404},
	} {
		a := do(t, tc.method, url+tc.path, tc.body, nil)
		if a.status != tc.want || (tc.want == 405 && a.header.Get("Allow") != "POST") {
			t.Errorf("%s %s: answer %+v, want %d", tc.method, tc.path, a, tc.want)
		}
	}
	if len(q.kept()) != 0 {
		t.Errorf("captured %v", q.kept())
	}
}

func TestLargestBodyPasses(t *testing.T) {
	var got int64
	endpoint := serve(t, func(_ http.ResponseWriter, r *http.Request) { got, _ = io.Copy(io.Discard, r.Body) })
	url := start(t, listener.Config{ForwardTo: endpoint, Capture: &queue{}})
	if a := send(t, url, strings.Repeat("x", 8<<20), nil); a.status != http.StatusOK || got != 8<<20 {
		t.Errorf("answer %d, %d bytes came", a.status, got)
	}
	if a := send(t, url, strings.Repeat("x", 8<<20+1), nil); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("answer %d", a.status)
	}
}

// stalling is a body of which no more than its beginning comes until it is let go.
type stalling struct {
	stalled chan<- struct{}
	letGo   <-chan struct{}
}

func (s stalling) Read([]byte) (int, error) {
	s.stalled <- struct{}{}
	<-s.letGo
	return 0, io.EOF
}

func TestLargeBodiesHaveABoundOfTheirOwn(t *testing.T) {
	endpoint := serve(t, func(http.ResponseWriter, *http.Request) {})
	client, err := delivery.New(delivery.Config{Allow: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := listener.New(listener.Config{ForwardTo: endpoint, Capture: &queue{}, Client: client})
	if err != nil {
		t.Fatal(err)
	}
	post := func(body io.Reader) int {
		w := httptest.NewRecorder()
		l.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body))
		return w.Code
	}
	large := strings.Repeat("x", 2<<20+1)
	stalled, letGo := make(chan struct{}), make(chan struct{})
	var senders sync.WaitGroup
	for range 32 {
		senders.Go(func() { post(io.MultiReader(strings.NewReader(large), stalling{stalled, letGo})) })
	}
	for range 32 {
		<-stalled
	}
	if status := post(strings.NewReader(large)); status != http.StatusServiceUnavailable {
		t.Errorf("answer %d to the 33rd large body", status)
	}
	if status := post(strings.NewReader(large[1:])); status == http.StatusServiceUnavailable {
		t.Errorf("answer %d to a small one", status)
	}
	close(letGo)
	senders.Wait()
	if status := post(strings.NewReader(large)); status == http.StatusServiceUnavailable {
		t.Errorf("answer %d when there is room again", status)
	}
}

func TestRequestFindsItsTarget(t *testing.T) {
	var got string
	endpoint := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.RequestURI })
	for _, tc := range []struct{ forwardTo, route, path, want string }{
		{"", "", "/a/b?x=1", "/a/b?x=1"},
		{"/", "", "/a%2Fb/?x=%zz", "/a%2Fb/?x=%zz"},
		{"", "", "", "/"},
		{"/hook", "", "/a/b?x=1", "/hook?x=1"},
		{"/hook?k=v#part", "", "/a?x=1", "/hook?k=v&x=1"},
		{"/hook?k=v", "", "/a", "/hook?k=v"},
		{"/hook", "", "//elsewhere.example/a", "/hook"},
		{"", "", "//elsewhere.example/a", "//elsewhere.example/a"},
		{"/rest", "/special", "/in", "/special"},
		{"/rest", "", "/in", "/"},
		{"/rest", "/special?k=v", "/in?x=1", "/special?k=v&x=1"},
		{"/rest", "/special", "/in/x", "/rest"},
	} {
		cfg := listener.Config{ForwardTo: endpoint + tc.forwardTo, Capture: &queue{}}
		if tc.route != "" || tc.forwardTo == "/rest" {
			cfg.Routes = map[string]string{"/in": endpoint + tc.route}
		}
		a := send(t, start(t, cfg)+tc.path, "{}", nil)
		if a.status != http.StatusOK || got != tc.want {
			t.Errorf("%+v: answer %d, the endpoint got %q", tc, a.status, got)
		}
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	_, err := listener.New(listener.Config{
		ForwardTo: "ftp://crm.example", Routes: map[string]string{"in": "http://crm.example", "/x": "http://"},
		Timeout: 7 * time.Second, MaxBody: -1,
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"ftp"`, `route "in"`, `route "/x"`, "timeout 7s", "bound", "client"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the error: %v", want, err)
		}
	}
	if _, err := listener.New(listener.Config{Capture: &queue{}}); err == nil || !strings.Contains(err.Error(), "nowhere to forward to") {
		t.Errorf("error %v", err)
	}
}
