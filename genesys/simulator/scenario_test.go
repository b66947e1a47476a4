package simulator_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys/simulator"
)

// TestHalfAMinuteShowsEverything plays the demonstration against a listener and an engine as small as can
// be, and holds the scenario to what a newcomer must see within 30 s, whatever the seed.
func TestHalfAMinuteShowsEverything(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, sim := play(t, simulator.Config{Seed: seed}, 30*time.Second)
				for attempts := 1; attempts <= 3; attempts++ {
					if e.delivered[attempts] == 0 {
						t.Errorf("nothing was delivered at attempt %d from the queue: %v", attempts, e.delivered)
					}
				}
				if e.parked[http.StatusUnauthorized] == 0 || e.parked[http.StatusUnprocessableEntity] == 0 {
					t.Errorf("parked by status: %v, want some of 401 and of 422", e.parked)
				}
				if chat := e.breakers["chat.example.com"]; chat.opened == 0 || chat.closed == 0 {
					t.Errorf("the breaker of chat opened %d times and closed %d times", chat.opened, chat.closed)
				}
				if crm := e.breakers["crm.example.com"]; crm.opened != 1 || crm.closed != 0 {
					t.Errorf("the breaker of crm opened %d times and closed %d times: it has to be seen open", crm.opened, crm.closed)
				}
				if e.throttled == 0 || e.unanswered == 0 {
					t.Errorf("%d answers with Retry-After, %d without any answer: want some of both", e.throttled, e.unanswered)
				}
				checkSums(t, sim, e)
			})
		})
	}
}

func TestBacklogsAreWorkedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, sim := play(t, simulator.Config{Seed: 7}, 10*time.Minute)
		if n, sent := len(e.queued), sim.Tally().Sent; n > sent/10 {
			t.Errorf("%d letters of %d webhooks wait or are parked after 10 minutes", n, sent)
		}
		for host, b := range e.breakers {
			t.Logf("%s: breaker opened %d, closed %d", host, b.opened, b.closed)
		}
		if crm := e.breakers["crm.example.com"]; crm.closed < 4 {
			t.Errorf("the breaker of crm closed %d times in 10 minutes: the turns do not go on", crm.closed)
		}
		checkSums(t, sim, e)
	})
}

func TestLostAndDoubledWebhooksAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forgetful := func(e *engine) { e.forget, e.repeat = true, true }
		e, sim := play(t, simulator.Config{Seed: 7}, 30*time.Second, forgetful)
		if lost := sim.Unaccounted(maps.Keys(e.queued)); !slices.Equal(lost, []string{e.forgotten}) {
			t.Errorf("unaccounted are %v, but %q was lost", lost, e.forgotten)
		}
		if tally := sim.Tally(); tally.Duplicates == 0 {
			t.Error("webhooks were delivered twice, and nobody noticed")
		}
	})
}

func TestInRealTimeOverLoopback(t *testing.T) {
	sim, err := simulator.New(simulator.Config{Seed: 7, Rate: 200})
	if err != nil {
		t.Fatal(err)
	}
	serving, stopServing := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.Serve(serving) }()
	ctx, stop := context.WithTimeout(t.Context(), time.Second/2)
	defer stop()
	e := newEngine(ctx, sim)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := e.RoundTrip(r)
		if err != nil {
			t.Error(err)
			return
		}
		w.WriteHeader(resp.StatusCode)
		_ = resp.Body.Close()
	}))
	if err := sim.Send(ctx, srv.Client(), srv.URL+"/"); err != nil {
		t.Error(err)
	}
	srv.Close()
	e.letters.Wait()
	stopServing()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if tally := sim.Tally(); tally.Sent == 0 || tally.Direct == 0 || tally.Captured == 0 {
		t.Errorf("tally %+v", tally)
	}
	checkSums(t, sim, e)
}

func checkSums(t *testing.T, sim *simulator.Sim, e *engine) {
	t.Helper()
	tally := sim.Tally()
	if lost := sim.Unaccounted(maps.Keys(e.queued)); len(lost) > 0 {
		t.Errorf("lost: %v", lost)
	}
	if tally.Duplicates != 0 || tally.BadSignatures != 0 {
		t.Errorf("%d duplicates, %d bad signatures, want none", tally.Duplicates, tally.BadSignatures)
	}
	if sum := tally.Direct + tally.Captured + tally.Refused + tally.Abandoned; sum != tally.Sent || tally.Pending != 0 {
		t.Errorf("sent %d, settled %d, pending %d", tally.Sent, sum, tally.Pending)
	}
	if acknowledged := tally.Direct + tally.Captured; acknowledged != tally.Delivered+len(e.queued) {
		t.Errorf("acknowledged %d, but delivered %d and queued %d", acknowledged, tally.Delivered, len(e.queued))
	}
	t.Logf("%+v", tally)
}

// play runs the demonstration for a time and stops it in order: sender, engine, endpoints.
func play(t *testing.T, cfg simulator.Config, d time.Duration, changes ...func(*engine)) (*engine, *simulator.Sim) {
	t.Helper()
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	serving, stopServing := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.Serve(serving) }()
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	e := newEngine(ctx, sim)
	for _, change := range changes {
		change(e)
	}
	if err := sim.Send(ctx, &http.Client{Transport: e}, "http://listener"); err != nil {
		t.Errorf("send: %v", err)
	}
	e.letters.Wait()
	e.client.CloseIdleConnections()
	stopServing()
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
	return e, sim
}

// TestAnEndpointThatHangsRelents, so that the end of a demonstration does not wait for it.
func TestAnEndpointThatHangsRelents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, err := simulator.New(simulator.Config{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- sim.Serve(ctx) }()
		client := &http.Client{Transport: &http.Transport{DialContext: sim.DialContext}}
		answer := hanging(ctx, sim, client)
		if answer == nil {
			t.Fatal("none hung within a minute")
		}
		sim.Relent()
		if got := <-answer; got != http.StatusServiceUnavailable {
			t.Errorf("it answers %d, want 503", got)
		}
		client.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// hanging asks all endpoints for a minute, until one has not answered for seven seconds: none is as slow as that.
func hanging(ctx context.Context, sim *simulator.Sim, client *http.Client) <-chan int {
	for range 60 {
		for _, route := range sim.Routes() {
			answer := make(chan int, 1)
			go func() {
				answer <- statusOf(ctx, client, route.URL)
			}()
			select {
			case <-answer:
			case <-time.After(7 * time.Second):
				return answer
			}
		}
	}
	return nil
}

func statusOf(ctx context.Context, client *http.Client, url string) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return 0
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
