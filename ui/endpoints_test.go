package ui_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/ui"
)

// manyLanes are endpoints in every state.
func manyLanes() []retry.Endpoint {
	now := time.Now()
	ms := time.Millisecond
	return []retry.Endpoint{
		{Endpoint: "https://billing.example.com", State: retry.Closed, Waiting: 12, InFlight: 2, Limit: 8, Rate: 2.1, Learned: true, Delivered: 12_903, Failed: 41, LastStatus: 200, Since: now.Add(-9 * time.Hour), Latency: 47 * ms, P50: 44 * ms, P95: 97 * ms},
		{Endpoint: "https://crm.example.com", State: retry.Open, Until: now.Add(42 * time.Second), Waiting: 1_102, Limit: 1, Delivered: 204, Failed: 1_431, LastStatus: 503, LastError: "503 Service Unavailable", Since: now.Add(-12 * time.Minute), Latency: 1200 * ms, P50: 1100 * ms, P95: 9800 * ms},
		{Endpoint: "https://erp.example.com", State: retry.Closed, Waiting: 4, InFlight: 8, Limit: 8, Delivered: 70, LastStatus: 204, Since: now.Add(-30 * time.Hour), Latency: 84 * ms, P50: 80 * ms, P95: 310 * ms},
		{Endpoint: "https://limited.example.com", State: retry.Closed, Limit: 2, Rate: 3, LimitedBy: "anna", Delivered: 9, LastStatus: 200, Since: now.Add(-time.Hour), Latency: 20 * ms, P50: 18 * ms, P95: 33 * ms},
		{Endpoint: "https://new.example.com", State: retry.Closed, Waiting: 1, Limit: 1, Since: now},
		{Endpoint: "https://ops.example.com", State: retry.HalfOpen, Waiting: 2, InFlight: 1, Limit: 1, Delivered: 51, Failed: 48, LastError: "timeout after 10s", Since: now.Add(-40 * time.Second), Latency: 90 * ms, P50: 85 * ms, P95: 120 * ms},
		{Endpoint: "https://quiet.example.com", State: retry.Closed, NotBefore: now.Add(9 * time.Minute), Waiting: 3, Limit: 8, Delivered: 5, Failed: 3, LastStatus: 429, LastError: "429 Too Many Requests", Since: now.Add(-time.Hour), Latency: 30 * ms, P50: 28 * ms, P95: 61 * ms},
	}
}

func TestEndpointsAtEverySize(t *testing.T) {
	for _, c := range []struct {
		w, h  int
		zoom  bool
		shows []string
	}{
		{60, 15, true, []string{"· new.example.com", "✓ limited", "✗ crm.example.com", "open 0:42", "HOST", "FLY", "OK", "12%", "limited.example.com"}},
		{80, 24, true, []string{"P95", "P50", "1.1 s", "9.8 s", "answers          4  100%   8/8"}},
		{120, 40, true, []string{"2.1/s learned", "3.0/s by anna", "slow 2.1/s", "limit 3.0/s", "untried", "quiet 9:00", "SINCE"}},
		{200, 50, true, []string{"503 Service Unavailable", "timeout after 10s", "12,903", "1,431", "12m", "LAST ANSWER", "none yet"}},
		{120, 40, false, []string{"p95 310 ms", "open 0:42", "100%", "1,102", "billing.example.com"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := newEngine(some()...)
			e.status.Endpoints = manyLanes()
			x := open(t, config(e), c.w, c.h)
			defer x.close()
			x.press("2")
			if c.zoom {
				x.press("z")
			}
			x.whole()
			x.shows(c.shows...)
			if c.zoom && c.w >= 120 {
				x.golden(fmt.Sprintf("endpoints_%dx%d", c.w, c.h))
			}
		})
	}
}

func TestEndpointsAreWholeAtEveryWidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(some()...)
		e.status.Endpoints = manyLanes()
		e.status.Endpoints[1].Waiting, e.status.Endpoints[1].Failed, e.status.Endpoints[1].LimitedBy = 10_000_000, 1_000_000_000, "\x1b[2J somebody with a long name"
		x := open(t, config(e), 60, 15)
		defer x.close()
		x.press("2", "z")
		for w := 60; w <= 220; w += 3 {
			x.resize(w, 15)
			x.whole()
			x.shows("crm.example.com", "open")
		}
	})
}

func TestTheSuccessOfAnEndpointIsThatOfTheLastMinutes(t *testing.T) {
	screenOf(t, func(e *engine) ui.Config {
		e.status.Endpoints = []retry.Endpoint{{Endpoint: "https://erp.example.com", State: retry.Closed, Limit: 8, Delivered: 90, Failed: 10, LastStatus: 200, Latency: time.Second}}
		return config(e)
	}, func(x *terminal, e *engine) {
		x.press("2", "z")
		x.shows("90%") // all that the engine has counted: the screen has only just come
		pass := func(delivered, failed int64) {
			e.tell(func(_ *retry.Update, s *retry.Status) {
				s.Endpoints[0].Delivered += delivered
				s.Endpoints[0].Failed += failed
			})
			x.pass(30 * time.Second)
		}
		for range 16 {
			pass(0, 10)
		}
		x.shows(" 0%")
		for range 16 {
			pass(10, 0)
		}
		x.shows("100%", "0.3/s")
		for range 16 {
			pass(0, 0)
		}
		x.hides("100%")
	})
}
