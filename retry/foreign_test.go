package retry_test

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/retry/delivery"
)

// An event that failed at two targets of EventBridge is in two dead letters, with one id and one body. EventBridge
// may also send one of them twice.
func TestDeadLettersOfOneEventAreDeliveredOnceATarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, err := os.ReadFile("deadletter/testdata/foreign/eventbridge_dead.json")
		if err != nil {
			t.Fatal(err)
		}
		q, ep := newMemQueue(1), newEndpoints(func(delivery.Request, int) delivery.Result { return ok() })
		for n, target := range []string{"crm", "billing", "crm"} {
			q.Send(deadletter.Read(body, map[string]deadletter.Attribute{
				"RULE_ARN":   {Type: "String", String: "arn:aws:events:us-west-1:111122223333:rule/terminated"},
				"TARGET_ARN": {Type: "String", String: "arn:aws:events:us-west-1:111122223333:api-destination/" + target + "/17"},
			}, []string{"message-1", "message-2", "message-3"}[n]))
		}
		r := start(t, q, ep, func(c *retry.Config) {
			c.Routes = map[string]string{deadletter.SourceEventBridge: "https://crm.example.com/hook"}
		})
		pass(2 * time.Minute)
		ep.mu.Lock()
		if len(ep.accepted) != 2 {
			t.Errorf("dead letters for two targets were delivered as %v", ep.accepted)
		}
		for id, n := range ep.accepted {
			if n != 1 {
				t.Errorf("%s was delivered %d times", id, n)
			}
		}
		ep.mu.Unlock()
		r.stop(t)
		q.mu.Lock()
		defer q.mu.Unlock()
		if n := len(q.waiting) + len(q.parked); n != 0 {
			t.Errorf("%d messages are left", n)
		}
	})
}
