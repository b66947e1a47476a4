package delivery_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

func TestLettersOfOneURLShareNothingElse(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, strings.Join([]string{r.Header.Get("Idempotency-Key"), r.Header.Get("X-Own"), r.RequestURI, string(body)}, " "))
	})
	c := client(t, delivery.Config{})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			own := fmt.Sprint("letter-", i)
			r := delivery.Request{ID: own, URL: s.URL + "/hook?a=1", Headers: deadletter.Headers{"X-Own": {own}}, KeepBody: 1000}
			want := own + " " + own + " /hook?a=1 "
			if i%2 == 0 {
				r.Body = []byte(own)
				want += own
			}
			if res := c.Attempt(t.Context(), r); string(res.Body) != want {
				t.Errorf("the endpoint was sent %q, want %q; %s", res.Body, want, res.Error)
			}
		})
	}
	all.Wait()
}

func TestEndpointsOfEverNewURLsAreRight(t *testing.T) {
	for range 2 {
		for i := range 2500 {
			host := fmt.Sprintf("https://h%d.example", i)
			for _, path := range []string{"/hook", "/" + strings.Repeat("x", 3000)} {
				if got, err := delivery.EndpointOf(host + path); got != host || err != nil {
					t.Fatalf("EndpointOf(%q) = %q, %v", host+path[:5], got, err)
				}
			}
		}
	}
}
