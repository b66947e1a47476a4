package config_test

import (
	"errors"
	"strings"
	"testing"

	"rehook/cmd/config"
)

func TestQueueNames(t *testing.T) {
	for _, name := range []string{
		"a", "Gen-webhook_dlq-1", strings.Repeat("q", 73), "http://127.0.0.1:9324/000000000000/orders",
		"https://sqs.eu-west-1.amazonaws.com/123456789012/orders/",
	} {
		if _, err := load(t, "", []string{"--queue", name}, nil); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"my queue", "orders/eu", "bücher", "a.b", "orders.fifo", strings.Repeat("q", 81), "sqs://h/1/orders", "http://", "http://h",
		"http:///1/orders", "http://h/1/orders.fifo", "http://h/1/my%20queue", "http://h:x/1/orders",
		"http://bob:hunter2@h/1/orders", "http://h/1/orders?token=hunter2", "http://h/1/orders#hunter2",
		"http://bob:hunter2@h/1/my queue", "http://bob:hunter2@h:x/1/orders", "bob:hunter2@h/1/orders",
	} {
		_, err := load(t, "", []string{"--queue", name}, nil)
		refused, ok := errors.AsType[*config.Error](err)
		if !ok || refused.Origin.Name != "--queue" || refused.Hint() == "" {
			t.Errorf("%q: got %v", name, err)
			continue
		}
		if text := err.Error() + refused.Hint(); strings.Contains(text, "hunter2") && strings.Contains(name, "://") {
			t.Errorf("%q: the error shows a secret: %s", name, text)
		}
	}
}

func TestParkedQueueFollowsAURL(t *testing.T) {
	c, err := load(t, "", []string{"--queue", "http://h/1/orders/"}, nil)
	if err != nil || c.Parked != "http://h/1/orders-parked" {
		t.Errorf("parked is %q: %v", c.Parked, err)
	}
}

func TestNameThatLeavesNoRoomForTheParkedQueuesNeedsThatNamed(t *testing.T) {
	long := strings.Repeat("q", 74)
	_, err := load(t, "", nil, map[string]string{"REHOOK_QUEUE": long})
	refused, ok := errors.AsType[*config.Error](err)
	if !ok || refused.Origin.Name != "REHOOK_QUEUE" || !strings.Contains(refused.Hint(), "--parked") {
		t.Errorf("got %v", err)
	}
	if _, err := load(t, "", []string{"--queue", long, "--parked", "p"}, nil); err != nil {
		t.Error(err)
	}
}
