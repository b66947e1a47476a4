package sqsclient_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
)

// fault answers a request in place of the server, or spoils its answer.
type fault func(w http.ResponseWriter, r *http.Request, server http.Handler)

// front stands before a server, counts requests, and lets the next ones meet faults.
type front struct {
	server http.Handler

	mu     sync.Mutex         // guards what follows
	counts map[string]int     // by operation
	sizes  []int              // body bytes of each request
	next   map[string][]fault // by operation
	always map[string]fault   // by operation, once next is used up
}

func newFront(server http.Handler) *front {
	return &front{server: server, counts: map[string]int{}, next: map[string][]fault{}, always: map[string]fault{}}
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hit := f.arrive(r); hit != nil {
		hit(w, r, f.server)
		return
	}
	f.server.ServeHTTP(w, r)
}

func (f *front) arrive(r *http.Request) fault {
	op := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[op]++
	f.sizes = append(f.sizes, int(r.ContentLength))
	if len(f.next[op]) == 0 {
		return f.always[op]
	}
	hit := f.next[op][0]
	f.next[op] = f.next[op][1:]
	return hit
}

// meet lets the next requests of an operation meet these faults, one each; nil is none.
func (f *front) meet(op string, faults ...fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next[op] = append(f.next[op], faults...)
}

// keepMeeting lets every request of an operation meet a fault; nil ends it.
func (f *front) keepMeeting(op string, hit fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.always[op] = hit
}

func (f *front) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.counts)
	f.sizes = nil
}

// forgetOp forgets the requests of one operation, which were not the client's.
func (f *front) forgetOp(op string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.counts, op)
}

func (f *front) requests(op string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[op]
}

// refused answers with an error of SQS.
func refused(status int, code string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amzn-Query-Error", code+";Sender")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"__type":"com.amazonaws.sqs#`+code+`","message":"injected"}`)
	}
}

// resetBefore cuts the connection, and nothing is done.
func resetBefore(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }

// resetAfter does what was asked and cuts the connection: the client cannot know.
func resetAfter(_ http.ResponseWriter, r *http.Request, server http.Handler) {
	server.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// silent does what was asked and never answers.
func silent(_ http.ResponseWriter, r *http.Request, server http.Handler) {
	server.ServeHTTP(httptest.NewRecorder(), r)
	<-r.Context().Done()
}

// halfAnswer does what was asked, and says half of it.
func halfAnswer(w http.ResponseWriter, r *http.Request, server http.Handler) {
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// rewritten lets the server answer, and changes the answer.
func rewritten(change func(answer map[string]any)) fault {
	return func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		recorded := httptest.NewRecorder()
		server.ServeHTTP(recorded, r)
		var answer map[string]any
		_ = json.Unmarshal(recorded.Body.Bytes(), &answer)
		change(answer)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// partly keeps one entry of a batch from the server and says that it failed.
func partly(index int, code string, senderFault bool) fault {
	return func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		var asked map[string]any
		_ = json.NewDecoder(r.Body).Decode(&asked)
		entries := asked["Entries"].([]any)
		id := entries[index].(map[string]any)["Id"]
		failed := []any{map[string]any{"Id": id, "Code": code, "Message": "injected", "SenderFault": senderFault}}
		asked["Entries"] = append(entries[:index:index], entries[index+1:]...)
		if len(entries) == 1 {
			_ = json.NewEncoder(w).Encode(map[string]any{"Failed": failed})
			return
		}
		body, _ := json.Marshal(asked)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		rewritten(func(answer map[string]any) { answer["Failed"] = failed })(w, r, server)
	}
}
