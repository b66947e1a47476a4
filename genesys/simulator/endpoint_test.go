package simulator_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys/simulator"
)

// world is a demonstration that is being served.
type world struct {
	*testing.T
	*simulator.Sim
	client *http.Client
	routes map[string]simulator.Route // by path
}

// serve calls the test in a bubble with a demonstration that is served, and stops it afterwards.
func serve(t *testing.T, test func(world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim, err := simulator.New(simulator.Config{Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- sim.Serve(ctx) }()
		w := world{t, sim, &http.Client{Transport: &http.Transport{DialContext: sim.DialContext}}, map[string]simulator.Route{}}
		for _, r := range sim.Routes() {
			w.routes[r.Path] = r
		}
		test(w)
		w.client.CloseIdleConnections()
		stop()
		begin := time.Now()
		if err := <-served; err != nil || time.Since(begin) > time.Second {
			t.Errorf("serve ended %v after it was told to: %v", time.Since(begin), err)
		}
	})
}

// reply is what an endpoint answered.
type reply struct {
	status     int
	retryAfter string
}

// post posts a payload as if it had been signed as another one.
func (w world) post(path, body, signed string) (reply, error) {
	w.Helper()
	r := w.routes[path]
	mac := hmac.New(sha256.New, []byte(r.Secret))
	mac.Write([]byte(signed))
	req, err := http.NewRequestWithContext(w.Context(), http.MethodPost, r.URL, bytes.NewReader([]byte(body)))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("X-Hub-Signature-256", "sha256="+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	resp, err := w.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return reply{resp.StatusCode, resp.Header.Get("Retry-After")}, resp.Body.Close()
}

// status posts a well signed payload and wants an answer.
func (w world) status(path, body string) int {
	w.Helper()
	got, err := w.post(path, body, body)
	if err != nil {
		w.Fatalf("%s: %v", path, err)
	}
	return got.status
}

func TestAChangedByteIsABadSignature(t *testing.T) {
	serve(t, func(w world) {
		got, err := w.post("/chat", `{"id":"a", "n":1.0}`, `{"id":"a","n":1.0}`)
		if err != nil || got.status != 401 {
			w.Errorf("answered %v, %v", got, err)
		}
		if tally := w.Tally(); tally.BadSignatures != 1 || tally.Delivered != 0 || tally.Attempts != 1 {
			w.Errorf("tally %+v", tally)
		}
	})
}

func TestTakenTwiceIsADuplicate(t *testing.T) {
	serve(t, func(w world) {
		for range 3 {
			if status := w.status("/chat", `{"id":"a"}`); status != 200 {
				w.Fatalf("answered %d", status)
			}
		}
		if tally := w.Tally(); tally.Delivered != 1 || tally.Duplicates != 2 {
			w.Errorf("tally %+v", tally)
		}
	})
}

func TestWithoutAnIDNothingIsTaken(t *testing.T) {
	serve(t, func(w world) {
		if status := w.status("/chat", `{}`); status != 422 {
			w.Errorf("answered %d", status)
		}
		if n := w.Tally().Delivered; n != 0 {
			w.Errorf("delivered %d", n)
		}
	})
}

func TestCRMFailsAndHeals(t *testing.T) {
	serve(t, func(w world) {
		if status := w.status("/crm", `{"id":"a"}`); status != 200 {
			w.Errorf("at first: %d", status)
		}
		<-time.After(3 * time.Second)
		if status := w.status("/crm", `{"id":"b"}`); status != 503 {
			w.Errorf("after 3 s: %d", status)
		}
		<-time.After(43 * time.Second)
		if status := w.status("/crm", `{"id":"b"}`); status != 503 {
			w.Errorf("after 46 s: %d", status)
		}
		<-time.After(2 * time.Second)
		if status := w.status("/crm", `{"id":"b"}`); status != 200 {
			w.Errorf("after 48 s: %d", status)
		}
	})
}

func TestBillingSaysWhenToComeBack(t *testing.T) {
	serve(t, func(w world) {
		<-time.After(6 * time.Second)
		got, err := w.post("/billing", `{"id":"a"}`, `{"id":"a"}`)
		if err != nil || got != (reply{429, "3"}) {
			w.Fatalf("answered %v, %v: want 429, Retry-After 3", got, err)
		}
		<-time.After(3 * time.Second)
		if status := w.status("/billing", `{"id":"a"}`); status != 200 {
			w.Errorf("after the time that it asked for: %d", status)
		}
	})
}

func TestPortalWantsAnotherCertificateForAWhile(t *testing.T) {
	serve(t, func(w world) {
		if status := w.status("/portal", `{"id":"a"}`); status != 401 {
			w.Errorf("answered %d", status)
		}
		<-time.After(time.Minute)
		if status := w.status("/portal", `{"id":"a"}`); status != 200 {
			w.Errorf("a minute later: %d", status)
		}
	})
}

func TestTicketsTakesARejectedWebhookOnceItIsRepaired(t *testing.T) {
	serve(t, func(w world) {
		for id, want := range []int{200, 422, 200, 200, 404, 200} {
			body := `{"id":"` + string(rune('a'+id)) + `"}`
			for range 2 { // what was turned away is turned away again; what was taken is taken again
				if status := w.status("/tickets", body); status != want && want != 200 {
					w.Errorf("webhook %d: %d, want %d", id, status, want)
				}
				if want == 200 {
					break
				}
			}
		}
		<-time.After(time.Minute)
		if status := w.status("/tickets", `{"id":"b"}`); status != 200 {
			w.Errorf("a minute later: %d", status)
		}
	})
}

func TestLegacyRefusesThenHangs(t *testing.T) {
	serve(t, func(w world) {
		if _, err := w.post("/legacy", `{"id":"a"}`, `{"id":"a"}`); !errors.Is(err, syscall.ECONNREFUSED) {
			w.Errorf("at first: %v, want connection refused", err)
		}
		<-time.After(14 * time.Second)
		w.client.Timeout = 2 * time.Second
		begin := time.Now()
		_, err := w.post("/legacy", `{"id":"a"}`, `{"id":"a"}`)
		if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() || time.Since(begin) != w.client.Timeout {
			w.Errorf("after 14 s: %v after %v, want a timeout", err, time.Since(begin))
		}
		if tally := w.Tally(); tally.Delivered != 0 {
			w.Errorf("delivered %d", tally.Delivered)
		}
	})
}

func TestERPTakesItsTime(t *testing.T) {
	serve(t, func(w world) {
		begin := time.Now()
		w.status("/erp", `{"id":"a"}`)
		if d := time.Since(begin); d < 200*time.Millisecond || d > 800*time.Millisecond {
			w.Errorf("answered after %v", d)
		}
	})
}

func TestWhoLeavesBeforeTheAnswerHasDeliveredNothing(t *testing.T) {
	serve(t, func(w world) {
		w.client.Timeout = 50 * time.Millisecond
		if _, err := w.post("/erp", `{"id":"a"}`, `{"id":"a"}`); err == nil {
			w.Fatal("erp answered within 50 ms")
		}
		<-time.After(time.Second)
		if tally := w.Tally(); tally.Attempts != 1 || tally.Delivered != 0 {
			w.Errorf("tally %+v", tally)
		}
	})
}

func TestOnlyTheNamesOfTheDemonstrationExist(t *testing.T) {
	serve(t, func(w world) {
		for _, addr := range []string{"example.com:80", "crm.example.com:443", "127.0.0.1:80", "nonsense"} {
			_, err := w.DialContext(w.Context(), "tcp", addr)
			if e, ok := errors.AsType[*net.DNSError](err); !ok || !e.IsNotFound {
				w.Errorf("%s: %v", addr, err)
			}
		}
	})
}

func TestNothingAnswersUnlessServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, err := simulator.New(simulator.Config{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := sim.DialContext(ctx, "tcp", "chat.example.com:80"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("before: %v", err)
		}
		served, stop := context.WithCancel(t.Context())
		stop()
		if err := sim.Serve(served); err != nil {
			t.Fatal(err)
		}
		if _, err := sim.DialContext(t.Context(), "tcp", "chat.example.com:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("after: %v", err)
		}
	})
}

func TestStopEndsWhatHangs(t *testing.T) {
	serve(t, func(w world) {
		<-time.After(14 * time.Second)
		go func() { _, _ = w.post("/legacy", `{"id":"a"}`, `{"id":"a"}`) }() // serve must return nevertheless
		synctest.Wait()
	})
}

func TestTheAPIIsServedToo(t *testing.T) {
	serve(t, func(w world) {
		req, err := http.NewRequestWithContext(w.Context(), http.MethodGet, w.GenesysURL()+openPath, nil)
		if err != nil {
			w.Fatal(err)
		}
		resp, err := w.client.Do(req)
		if err != nil {
			w.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			w.Errorf("answered %d without a token", resp.StatusCode)
		}
	})
}
