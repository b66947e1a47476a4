package cmd_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// endpoint takes webhooks, and remembers how often it took each body. The first are taken at once, the others
// when it is told to.
type endpoint struct {
	*httptest.Server
	turns chan struct{} // one for each body that is taken at once; closed: all are
	mu    sync.Mutex    // guards taken
	taken map[string]int
}

func newEndpoint(t *testing.T, atOnce int) *endpoint {
	t.Helper()
	e := &endpoint{taken: map[string]int{}, turns: make(chan struct{}, atOnce)}
	for range atOnce {
		e.turns <- struct{}{}
	}
	e.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		<-e.turns
		e.mu.Lock()
		defer e.mu.Unlock()
		e.taken[string(body)]++
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) count() (distinct, doubled int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range e.taken {
		doubled += n - 1
	}
	return len(e.taken), doubled
}

// payload is JSON that does not survive being read and written by most programs.
func payload(i int) string {
	return fmt.Sprintf(`{"n":%d,  "big":12345678901234567890.10,"a":1,"a":2,"html":"<&>","snow":"\u2603é","z":{},"b":[ ]}`, i)
}
