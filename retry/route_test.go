package retry_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// bodies are messages of other programs by their source.
func bodies() map[string]string {
	return map[string]string{
		deadletter.SourceEventBridge: `{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"t","source":"s","time":"2026-11-24T03:00:00Z","detail":{"f":1.0}}`,
		deadletter.SourceSNS:         `{"Type":"Notification","MessageId":"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324","TopicArn":"a","Message":"{\"f\":1.0}"}`,
		deadletter.SourceLambda:      `{"requestContext":{"requestId":"e4b46cbf-b738-xmpl-8880-a18cdf61200e","functionArn":"f","condition":"RetriesExhausted"},"requestPayload":{"f": 1.0}}`,
		deadletter.SourceBare:        `{"topicName":"t"}`,
		deadletter.SourceUnreadable:  `<xml/>`,
	}
}

func sendForeign(q *memQueue) map[string]*deadletter.Letter {
	sent := map[string]*deadletter.Letter{}
	for source, body := range bodies() {
		sent[source] = deadletter.Read([]byte(body), nil, "message-of-"+source)
		q.Send(sent[source])
	}
	return sent
}

func TestLettersWithoutARouteAreParkedAndSayWhatToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		sent := sendForeign(q)
		r := start(t, q, ep)
		var last string
		for range 3 { // each time they are released again
			pass(time.Minute)
			for source, l := range sent {
				p := q.letters(q.parked)[l.ID]
				if p == nil || p.Parked == nil || string(p.Payload) != string(l.Payload) || p.Source != source || p.OriginalEndpoint != "" {
					t.Fatalf("%s: parked %+v", source, p)
				}
				want, reason := `no route for letters from "`+source+`": set --route `+source+`=URL, then release it`, deadletter.Rejected
				if source == deadletter.SourceUnreadable {
					want, reason = l.Error, deadletter.Unreadable
				}
				if p.Parked.Reason != reason || !strings.HasPrefix(p.Error, want) || !strings.HasSuffix(p.Error, l.Error) {
					t.Errorf("%s: parked as %q: %q", source, p.Parked.Reason, p.Error)
				}
			}
			now := q.letters(q.parked)[sent[deadletter.SourceLambda].ID].Error
			if last != "" && now != last {
				t.Errorf("parked again it says %q, first %q", now, last)
			}
			last = now
			release(t, r, sent)
		}
		r.stop(t)
		if len(ep.attempts) != 0 {
			t.Errorf("attempted %v", ep.attempts)
		}
	})
}

func release(t *testing.T, r *run, letters map[string]*deadletter.Letter) {
	t.Helper()
	var ids []string
	for _, l := range letters {
		ids = append(ids, l.ID)
	}
	results, err := r.Do(t.Context(), retry.Release{IDs: ids, By: "ann"})
	if err != nil || len(results) != len(ids) {
		t.Fatal(results, err)
	}
	for _, result := range results {
		if result.Did != retry.DidRelease {
			t.Errorf("released: %+v", result)
		}
	}
}

func TestLettersGoWhereTheirSourceIsRouted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events, others = "https://events.example.com/hook", "https://others.example.com/hook"
		q := newMemQueue(1)
		var mu sync.Mutex // guards urls
		urls := map[string]string{}
		ep := newEndpoints(func(r delivery.Request, n int) delivery.Result {
			mu.Lock()
			defer mu.Unlock()
			urls[r.ID] = r.URL
			if n == 1 {
				return unavailable()
			}
			return ok()
		})
		sent := sendForeign(q)
		r := start(t, q, ep) // without routes, then with them
		pass(time.Minute)
		r.stop(t)
		empty := letter(1)
		empty.OriginalEndpoint = ""
		q.Send(empty)
		own := letter(2)
		q.Send(own)
		ep.setLatency(time.Second)
		r = start(t, q, ep, func(c *retry.Config) {
			c.Routes = map[string]string{deadletter.SourceEventBridge: events, retry.AnySource: others}
			c.BackoffBase, c.BackoffCap = time.Hour, time.Hour
		})
		release(t, r, sent)
		pass(5 * time.Second)
		failed := q.letters(q.waiting)
		pass(3 * time.Hour)
		r.stop(t)
		sent["empty"], sent["own"] = empty, own
		for source, l := range sent {
			to := map[string]string{deadletter.SourceEventBridge: events, "own": own.OriginalEndpoint}[source]
			if to == "" {
				to = others
			}
			if source == deadletter.SourceUnreadable {
				if p := q.letters(q.parked)[l.ID]; p == nil || p.Parked.Reason != deadletter.Unreadable || urls[l.ID] != "" {
					t.Errorf("%s: parked %+v, sent to %q", source, p, urls[l.ID])
				}
				continue
			}
			if w := failed[l.ID]; w == nil || w.OriginalEndpoint != to || w.Source != l.Source || w.RetryCount != 1 || string(w.Payload) != string(l.Payload) {
				t.Errorf("%s: after a failed attempt the queue has %+v", source, w)
			}
			if urls[l.ID] != to || !ep.acceptedOnce(l.ID) || ep.payloads[l.ID] != string(l.Payload) {
				t.Errorf("%s: sent to %q, accepted %d times: %q", source, urls[l.ID], ep.accepted[l.ID], ep.payloads[l.ID])
			}
		}
		if len(q.waiting) != 0 || len(q.parked) != 1 {
			t.Errorf("%d waiting, %d parked", len(q.waiting), len(q.parked))
		}
	})
}
