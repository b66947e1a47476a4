package simulator_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rehook/genesys/simulator"
)

// listener answers every webhook as it is told to, and remembers what came.
type listener struct {
	answer func(id string, n int) int // n counts the times that this id came; status 0: it never answers

	mu       sync.Mutex // guards times, requests
	times    map[string][]time.Time
	requests []request
}

type request struct {
	path, signature string
	header          http.Header
	body            []byte
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	id := simulator.MessageID(body)
	l.mu.Lock()
	l.times[id] = append(l.times[id], time.Now())
	l.requests = append(l.requests, request{r.URL.Path, r.Header.Get("X-Hub-Signature-256"), r.Header, body})
	n := len(l.times[id])
	l.mu.Unlock()
	status := l.answer(id, n)
	if r.Context().Err() != nil {
		return nil, r.Context().Err()
	}
	if status == 0 {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: r}, nil
}

func send(t *testing.T, cfg simulator.Config, d time.Duration, answer func(string, int) int) (*listener, *simulator.Sim) {
	t.Helper()
	sim, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{answer: answer, times: map[string][]time.Time{}}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := sim.Send(ctx, &http.Client{Transport: l}, "http://listener"); err != nil {
		t.Fatal(err)
	}
	return l, sim
}

func always(status int) func(string, int) int { return func(string, int) int { return status } }

func TestEveryWebhookIsSignedOverItsBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, sim := send(t, simulator.Config{Seed: 3}, time.Minute, always(200))
		secrets := map[string]string{}
		for _, r := range sim.Routes() {
			if len(r.Secret) <= 15 {
				t.Errorf("%s: Genesys takes no secret as short as %d", r.Path, len(r.Secret))
			}
			secrets[r.Path] = r.Secret
		}
		used := map[string]bool{}
		for _, r := range l.requests {
			mac := hmac.New(sha256.New, []byte(secrets[r.path]))
			mac.Write(r.body)
			if want := "sha256=" + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.signature != want {
				t.Fatalf("%s: signature %q, want %q", r.path, r.signature, want)
			}
			if r.header.Get("ININ-Correlation-Id") == "" || r.header.Get("Content-Type") != "application/json" {
				t.Errorf("headers %v", r.header)
			}
			used[r.path] = true
		}
		if len(used) != len(secrets) {
			t.Errorf("only %v got webhooks", slices.Collect(maps.Keys(used)))
		}
	})
}

func TestWebhooksHaveAllThatRewritingBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := send(t, simulator.Config{Seed: 3}, time.Minute, always(200))
		var all bytes.Buffer
		largest := 0
		for _, r := range l.requests {
			if !json.Valid(r.body) {
				t.Fatalf("not JSON: %.200s", r.body)
			}
			all.Write(r.body)
			largest = max(largest, len(r.body))
		}
		for _, want := range []string{
			"9007199254740993", `<b>5 & 6</b>`, `https:\/\/`, `\ud83d"`, `"tag":"vip","tag":"new"`, "🎉", `\u2028`,
			`"type":"Event"`, `"originatingEntity":"Bot"`, `"contentType":"Attachment"`, `"direction":"Outbound"`,
		} {
			if !strings.Contains(all.String(), want) && !strings.Contains(all.String(), unescaped(want)) {
				t.Errorf("no webhook contains %s", want)
			}
		}
		if largest < 100<<10 || largest > 200<<10 {
			t.Errorf("the largest webhook has %d bytes, want about 100 KiB", largest)
		}
	})
}

func unescaped(s string) string { return strings.ReplaceAll(s, `\u2028`, "\u2028") }

func TestTheSameSeedSendsTheSameWebhooks(t *testing.T) {
	bodies := func(seed uint64) (all []string) {
		synctest.Test(t, func(t *testing.T) {
			l, _ := send(t, simulator.Config{Seed: seed}, 20*time.Second, always(200))
			for _, r := range l.requests {
				all = append(all, r.path+string(r.body))
			}
		})
		return all
	}
	if !slices.Equal(bodies(7), bodies(7)) {
		t.Error("two runs with one seed differ")
	}
	if slices.Equal(bodies(7), bodies(8)) {
		t.Error("two seeds give the same run")
	}
}

func TestRateIsKept(t *testing.T) {
	for _, rate := range []float64{0.5, 5, 500} {
		synctest.Test(t, func(t *testing.T) {
			_, sim := send(t, simulator.Config{Seed: 1, Rate: rate}, time.Duration(2000/rate)*time.Second, always(200))
			if n := sim.Tally().Sent; n < 1800 || n > 2200 {
				t.Errorf("%v a second: %d webhooks sent, want about 2000", rate, n)
			}
		})
	}
}

func TestSenderTriesAgainAsGenesysDoes(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		gap    time.Duration // between the begins of attempts
		tries  int
	}{
		"503":     {503, 5 * time.Second, 6},
		"429":     {429, 5 * time.Second, 6},
		"timeout": {0, 15 * time.Second, 6},
		"400":     {400, 0, 1},
		"302":     {302, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var first atomic.Value // the id that gets the status
				l, sim := send(t, simulator.Config{Seed: 1, Rate: 0.1}, 5*time.Minute, func(id string, _ int) int {
					if first.CompareAndSwap(nil, id) || first.Load() == id {
						return c.status
					}
					return 200
				})
				times := l.times[first.Load().(string)]
				if len(times) != c.tries {
					t.Fatalf("%d attempts, want %d", len(times), c.tries)
				}
				for i := 1; i < len(times); i++ {
					if gap := times[i].Sub(times[i-1]); gap != c.gap {
						t.Errorf("attempt %d came after %v, want %v", i+1, gap, c.gap)
					}
				}
				if tally := sim.Tally(); tally.Refused != 1 || tally.Pending != 0 || tally.Direct != tally.Sent-1 {
					t.Errorf("tally %+v", tally)
				}
			})
		})
	}
}

func TestAcknowledgedIsWhatTheListenerSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, sim := send(t, simulator.Config{Seed: 1}, 10*time.Second, func(_ string, n int) int {
			return []int{503, 202}[min(n, 2)-1]
		})
		acknowledged := map[string]bool{}
		for id, times := range l.times {
			acknowledged[id] = len(times) > 1
		}
		maps.DeleteFunc(acknowledged, func(_ string, yes bool) bool { return !yes })
		tally := sim.Tally()
		if tally.Captured != len(acknowledged) || tally.Abandoned != tally.Sent-tally.Captured || tally.Abandoned == 0 {
			t.Errorf("tally %+v, but %d were acknowledged", tally, len(acknowledged))
		}
		want := slices.Sorted(maps.Keys(acknowledged))
		if lost := sim.Unaccounted(maps.Keys(map[string]int{})); !slices.Equal(lost, want) {
			t.Errorf("unaccounted %v, want all acknowledged, as no endpoint took any: %v", lost, want)
		}
	})
}

func TestStopWaitsForWhatIsUnderWayOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, sim := send(t, simulator.Config{Seed: 1}, 3*time.Second, always(0))
		if took := time.Since(begin); took > 13*time.Second {
			t.Errorf("stopping took until %v after the start, want no more than one answer's time", took)
		}
		if tally := sim.Tally(); tally.Pending != 0 || tally.Abandoned != tally.Sent {
			t.Errorf("tally %+v", tally)
		}
	})
}

func TestWhatIsUnderWayAtTheStopStillCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, sim := send(t, simulator.Config{Seed: 1}, 3*time.Second, func(string, int) int {
			<-time.After(6 * time.Second)
			return 202
		})
		if tally := sim.Tally(); tally.Sent == 0 || tally.Captured != tally.Sent {
			t.Errorf("tally %+v: want all captured", tally)
		}
	})
}

func TestStuckListenerBoundsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, sim := send(t, simulator.Config{Seed: 1, Rate: 1000}, 5*time.Second, always(0))
		if n := sim.Tally().Sent; n > 512 {
			t.Errorf("%d webhooks were under way at once", n)
		}
	})
}

func TestSenderRefusesWhatIsNoURL(t *testing.T) {
	sim, err := simulator.New(simulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []string{"", "127.0.0.1:80", "://", "/path"} {
		if err := sim.Send(t.Context(), http.DefaultClient, u); err == nil {
			t.Errorf("%q was accepted", u)
		}
	}
}

func TestMessageIDOfStrangePayloads(t *testing.T) {
	for payload, want := range map[string]string{
		`{"id":"a"}`: "a", `{"id":7}`: "", `[]`: "", ``: "", `{`: "", `null`: "", "\xff": "",
	} {
		if got := simulator.MessageID([]byte(payload)); got != want {
			t.Errorf("%q: %q, want %q", payload, got, want)
		}
	}
}

func TestNewRefusesRatesThatMakeNoSense(t *testing.T) {
	zero := 0.0
	for _, rate := range []float64{-1, 1 / zero, zero / zero} {
		if _, err := simulator.New(simulator.Config{Rate: rate}); err == nil {
			t.Errorf("rate %v was accepted", rate)
		} else if errors.Unwrap(err) != nil {
			t.Errorf("rate %v: %v", rate, err)
		}
	}
}
