package retry_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
)

func TestEventsAsTheyArePrinted(t *testing.T) {
	at := retry.At{Time: time.Date(2026, 11, 24, 23, 41, 7, 123_456_789, time.UTC)}
	later := at.Time.Add(12 * time.Second)
	const head = `{"at":"2026-11-24T23:41:07.123Z","event":`
	for _, c := range []struct {
		event retry.Event
		want  string
	}{
		{retry.Captured{At: at, ID: "i", Endpoint: "http://a/", Status: 0}, `"captured","id":"i","endpoint":"http://a/","status":0,"retry_count":0}`},
		{retry.Received{At: at, ID: "i", Endpoint: "http://a/", Status: 503, RetryCount: 2}, `"received","id":"i","endpoint":"http://a/","status":503,"retry_count":2}`},
		{retry.Scheduled{At: at, ID: "i", Endpoint: "http://a/", RetryCount: 1, NextAttemptAt: later, Backoff: 12 * time.Second}, `"scheduled","id":"i","endpoint":"http://a/","retry_count":1,"next_attempt_at":"2026-11-24T23:41:19.123Z","backoff_ms":12000}`},
		{retry.Attempting{At: at, ID: "i", Endpoint: "http://a/"}, `"attempting","id":"i","endpoint":"http://a/","retry_count":0}`},
		{retry.Delivered{At: at, ID: "i", Endpoint: "http://a/", Status: 200, Latency: 84 * time.Millisecond, RetryCount: 1}, `"delivered","id":"i","endpoint":"http://a/","status":200,"latency_ms":84,"retry_count":1}`},
		{retry.Failed{At: at, ID: "i", Endpoint: "http://a/?a=1&b=<", Error: "timeout"}, `"failed","id":"i","endpoint":"http://a/?a=1&b=<","status":0,"latency_ms":0,"retry_count":0,"error":"timeout"}`},
		{retry.Parked{At: at, ID: "i", Endpoint: "http://a/", Reason: deadletter.Exhausted}, `"parked","id":"i","endpoint":"http://a/","reason":"exhausted"}`},
		{retry.Released{At: at, ID: "i", By: "ann"}, `"released","id":"i","by":"ann"}`},
		{retry.Deleted{At: at, ID: "i", By: "ann"}, `"deleted","id":"i","by":"ann"}`},
		{retry.Edited{At: at, ID: "i", By: "ann"}, `"edited","id":"i","by":"ann"}`},
		{retry.Held{At: at, ID: "i", By: "ann"}, `"held","id":"i","by":"ann"}`},
		{retry.LeaseLost{At: at, ID: "i"}, `"lease_lost","id":"i"}`},
		{retry.BreakerMoved{At: at, Endpoint: "http://a", State: retry.Open, Until: later}, `"breaker","endpoint":"http://a","state":"open","until":"2026-11-24T23:41:19.123Z"}`},
		{retry.BreakerMoved{At: at, Endpoint: "http://a", State: retry.HalfOpen}, `"breaker","endpoint":"http://a","state":"half-open","until":null}`},
		{retry.DepthRead{At: at, Queue: "q", Depth: deadletter.Depth{Visible: 1, InFlight: 2, Delayed: 3, Parked: 4}}, `"depth","queue":"q","visible":1,"in_flight":2,"delayed":3,"parked":4}`},
		{retry.Trouble{At: at, Message: "m", Hint: "h"}, `"error","message":"m","hint":"h"}`},
		{retry.Alert{At: at, Kind: retry.AlertBreaker, Endpoint: "http://a", Message: "m", Hint: "h"}, `"alert","kind":"breaker_open","endpoint":"http://a","message":"m","hint":"h"}`},
		{retry.Alert{At: at, Kind: retry.AlertUnauthorized, Endpoint: "http://a", ID: "i", Message: "m", Hint: "h"}, `"alert","kind":"unauthorized","endpoint":"http://a","id":"i","message":"m","hint":"h"}`},
	} {
		if got := string(retry.AppendEvent(nil, c.event)); got != head+c.want+"\n" {
			t.Errorf("%T\n got %s\nwant %s", c.event, got, head+c.want)
		}
		back, err := retry.ReadEvent([]byte(head + c.want))
		if err != nil || string(retry.AppendEvent(nil, back)) != head+c.want+"\n" {
			t.Errorf("%T came back as %+v, %v", c.event, back, err)
		}
	}
}

func TestASnapshotAndWhatWasMissedArePrinted(t *testing.T) {
	at := time.Date(2026, 11, 24, 23, 41, 7, 0, time.UTC)
	u := retry.Update{
		Reset: true, Missed: 7,
		Letters: []retry.Entry{{Letter: &deadletter.Letter{ID: "i", OriginalEndpoint: "http://a/", ErrorCode: 503}, Phase: retry.Waiting, Wait: retry.ForBackoff, Due: at, Cause: "c"}},
		Status: retry.Status{At: at, Queue: "q", Endpoints: []retry.Endpoint{{Endpoint: "http://a", State: retry.Closed, Waiting: 1, P50: 84 * time.Millisecond, P95: 1200 * time.Millisecond}}, Causes: []retry.Cause{
			{Key: "c", Endpoint: "http://a", Reason: "503", Shape: "<b>", Waiting: 1, First: at, Last: at, Trend: [retry.TrendMinutes]int{9: 1}},
		}},
		Stream: []retry.Event{retry.LeaseLost{At: retry.At{Time: at}, ID: "i"}},
	}
	want := `{"at":"2026-11-24T23:41:07.000Z","event":"lagged","missed":7}
{"at":"2026-11-24T23:41:07.000Z","event":"snapshot","queue":"q","depth":{"visible":0,"in_flight":0,"delayed":0,"parked":0},` +
		`"letters":[{"id":"i","endpoint":"http://a/","status":503,"retry_count":0,"next_attempt_at":"2026-11-24T23:41:07.000Z","phase":"waiting","wait":"backoff","cause":"c"}],` +
		`"endpoints":[{"endpoint":"http://a","state":"closed","waiting":1,"in_flight":0,"latency_p50_ms":84,"latency_p95_ms":1200}],` +
		`"causes":[{"key":"c","endpoint":"http://a","reason":"503","shape":"<b>","waiting":1,"parked":0,"first":"2026-11-24T23:41:07.000Z","last":"2026-11-24T23:41:07.000Z","trend":[0,0,0,0,0,0,0,0,0,1]}]}
{"at":"2026-11-24T23:41:07.000Z","event":"lease_lost","id":"i"}
`
	if got := string(retry.AppendUpdate(nil, u)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPrintedEventsHoldNothingThatATerminalActsOn(t *testing.T) {
	hostile := "\x1b[2J\u009b31m\u202e\u200b\x7f\x07 é 漢"
	line := retry.AppendEvent(nil, retry.Trouble{Message: hostile})
	for _, r := range strings.TrimSuffix(string(line), "\n") {
		if r < 0x20 || r >= 0x7F && r <= 0x9F || r == 0x202E || r == 0x200B {
			t.Errorf("%U reaches the terminal in %q", r, line)
		}
	}
	var back struct{ Message string }
	if err := json.Unmarshal(line, &back); err != nil || back.Message != hostile {
		t.Errorf("it reads as %q, %v", back.Message, err)
	}
}

func FuzzReadEvent(f *testing.F) {
	f.Add([]byte(`{"at":"2026-11-24T23:41:07.123Z","event":"delivered","id":"i","endpoint":"http://a/","status":200,"latency_ms":84}`))
	f.Add([]byte(`{"event":"depth","visible":-1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		ev, err := retry.ReadEvent(text)
		if err != nil {
			return
		}
		if _, err := retry.ReadEvent(retry.AppendEvent(nil, ev)); err != nil {
			t.Errorf("%q was read, and written again it is not: %v", text, err)
		}
	})
}
