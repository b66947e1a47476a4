package sqsclient_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/retry"
	"rehook/retry/deadletter"
	"rehook/sqsclient"
)

var _ retry.Queue = (*sqsclient.Client)(nil)

func TestLetterComesBackByteForByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		sent := letter("a")
		sent.Payload = []byte("{ \"n\" : 1.0,\r\n\"n\":9007199254740993123, \"s\":\"\u2028<&>\\u003c\" }")
		sent.Headers = deadletter.Headers{"X-Hub-Signature-256": {"sha256=00"}}
		before := time.Now()
		send(t, c, sent)
		got := receive(t, c, 1)[0]
		if !reflect.DeepEqual(got.Letter, sent) {
			t.Errorf("sent %+v\ngot  %+v", sent, got.Letter)
		}
		if got.MessageID == "" || got.Receipt == "" || got.Receives != 1 || got.Attributes != nil {
			t.Errorf("got the lease %+v", got)
		}
		if d := got.SentAt.Sub(before); d < -time.Millisecond || d > time.Second {
			t.Errorf("sent %v after it was sent", d)
		}
	})
}

func TestBodyThatIsNoLetterIsLeasedAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		w.put(t, waitingName, "<xml/>", nil)
		got := receive(t, w.open(t), 1)[0]
		if string(got.Letter.Payload) != "<xml/>" || got.Letter.Source != deadletter.SourceUnreadable || got.Letter.ID != got.MessageID {
			t.Errorf("got %+v", got.Letter)
		}
	})
}

func TestReceiveWaitsTwentySecondsAndWakesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		began := time.Now()
		if got, err := c.Receive(t.Context()); len(got) != 0 || err != nil || time.Since(began) != 20*time.Second {
			t.Errorf("an empty queue: %d letters, %v, after %v", len(got), err, time.Since(began))
		}
		began = time.Now()
		sent := make(chan struct{})
		time.AfterFunc(7*time.Second, func() {
			defer close(sent)
			w.put(t, waitingName, string(letter("a").Encode()), nil)
		})
		receive(t, c, 1)
		<-sent // its answer may come after the letter
		if waited := time.Since(began); waited != 7*time.Second {
			t.Errorf("a letter sent after 7 s came after %v", waited)
		}
		if n := w.requests("ReceiveMessage"); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestReceiveEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := c.Receive(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestReceiveTakesTenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letters(20)...)
		receive(t, c, 20)
		if n := w.requests("ReceiveMessage"); n != 2 {
			t.Errorf("20 letters took %d receives", n)
		}
	})
}

func TestLeaseLastsThirtySeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		leased := time.Now()
		first := receive(t, c, 1)[0]
		if left := first.Until.Sub(leased); left != 30*time.Second {
			t.Errorf("the lease says %v", left)
		}
		if got, err := c.Receive(t.Context()); len(got) != 0 || err != nil {
			t.Errorf("a leased letter came again: %v, %v", got, err)
		}
		second := receive(t, c, 1)[0]
		if took := time.Since(leased); took != 30*time.Second || second.Receives != 2 || second.MessageID != first.MessageID {
			t.Errorf("it came again after %v as %+v", took, second)
		}
	})
}

func TestExtendedLeaseLastsAsLongAsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		extended := time.Now()
		if err := c.Extend(t.Context(), 100*time.Second-time.Millisecond, l)[0]; err != nil {
			t.Fatal(err)
		}
		for range 4 {
			if got, err := c.Receive(t.Context()); len(got) != 0 || err != nil {
				t.Fatalf("after %v: %d letters, %v", time.Since(extended), len(got), err)
			}
		}
		receive(t, c, 1)
		if took := time.Since(extended).Round(time.Second); took != 100*time.Second {
			t.Errorf("it came again after %v", took)
		}
	})
}

func TestLetterGivenBackComesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		if err := c.Extend(t.Context(), 0, l)[0]; err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		receive(t, c, 1)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("it came after %v", waited)
		}
	})
}

func TestExtendKnowsALostLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("expired"))
		expired := receive(t, c, 1)[0]
		time.Sleep(31 * time.Second)
		assertLost(t, "expired", c.Extend(t.Context(), time.Minute, expired)[0])

		current := receive(t, c, 1)[0]
		assertLost(t, "overtaken", c.Extend(t.Context(), time.Minute, expired)[0])
		if err := c.Delete(t.Context(), current); err != nil {
			t.Fatal(err)
		}
		assertLost(t, "deleted", c.Extend(t.Context(), time.Minute, current)[0])

		garbage := current
		garbage.Receipt = "garbage"
		assertLost(t, "garbage", c.Extend(t.Context(), time.Minute, garbage)[0])
		assertLost(t, "garbage deleted", c.Delete(t.Context(), garbage))
	})
}

func assertLost(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, deadletter.ErrLeaseLost) {
		t.Errorf("%s: %v", what, err)
	}
}

func TestDeleteEndsALetterAndMayBeRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		for range 2 {
			if err := c.Delete(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		if d := depth(t, c); d != (deadletter.Depth{}) {
			t.Errorf("left: %+v", d)
		}
	})
}

func TestLeaseOfAnotherQueueIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		l := deadletter.Lease{Letter: letter("a"), Queue: "http://elsewhere/q", Receipt: "r"}
		if c.Delete(t.Context(), l) == nil || c.Extend(t.Context(), 0, l)[0] == nil || c.Replace(t.Context(), l, l.Letter) == nil {
			t.Error("it was taken")
		}
	})
}

func TestAttributesSurviveEveryMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.put(t, waitingName, `{"detail":1}`, map[string]types.MessageAttributeValue{
			"RULE_ARN": {DataType: aws.String("String"), StringValue: aws.String("arn:aws:events:r")},
			"TRIES":    {DataType: aws.String("Number.int"), StringValue: aws.String("3")},
			"RAW":      {DataType: aws.String("Binary.gzip"), BinaryValue: []byte{0, 1, 0xff}},
		})
		want := map[string]deadletter.Attribute{
			"RULE_ARN": {Type: "String", String: "arn:aws:events:r"},
			"TRIES":    {Type: "Number.int", String: "3"},
			"RAW":      {Type: "Binary.gzip", Binary: []byte{0, 1, 0xff}},
		}
		received := receive(t, c, 1)[0]
		assertMoved(t, "received", received, want, 0, nil)

		once := received.Letter.Clone()
		once.RetryCount = 1
		assertMoved(t, "replaced", received, want, 0, c.Replace(t.Context(), received, once))
		replaced := receive(t, c, 1)[0]
		assertMoved(t, "after replace", replaced, want, 1, nil)

		assertMoved(t, "parked", replaced, want, 1, c.Park(t.Context(), replaced, once))
		if d := depth(t, c); d.Total() != 0 || d.Parked != 1 {
			t.Errorf("after park: %+v", d)
		}
		parked := receiveParked(t, c)
		assertMoved(t, "after park", parked, want, 1, nil)

		assertMoved(t, "released", parked, want, 1, c.Release(t.Context(), parked, once))
		if d := depth(t, c); d.Visible != 1 || d.Parked != 0 {
			t.Errorf("after release: %+v", d)
		}
		assertMoved(t, "after release", receive(t, c, 1)[0], want, 1, nil)
	})
}

func assertMoved(t *testing.T, when string, l deadletter.Lease, want map[string]deadletter.Attribute, retries int, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	if !reflect.DeepEqual(l.Attributes, want) || l.Letter.RetryCount != retries {
		t.Errorf("%s: %d retries, %+v", when, l.Letter.RetryCount, l.Attributes)
	}
}

func TestParkedLettersAreExtendedAndDeletedInTheirQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		w.put(t, parkedName, string(letter("a").Encode()), nil)
		l := receiveParked(t, c)
		if err := c.Extend(t.Context(), 0, l)[0]; err != nil {
			t.Fatal(err)
		}
		l = receiveParked(t, c)
		if err := c.Delete(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if got, err := c.ReceiveParked(t.Context()); len(got) != 0 || err != nil || time.Since(began) != time.Second {
			t.Errorf("%d letters, %v, after %v", len(got), err, time.Since(began))
		}
	})
}

func TestDepthCountsBothQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		send(t, c, letters(12)...)
		leased := receive(t, c, 10)
		if err := c.Park(t.Context(), leased[0], leased[0].Letter); err != nil {
			t.Fatal(err)
		}
		w.delay(t, string(letter("later").Encode()))
		if d, want := depth(t, c), (deadletter.Depth{Visible: 2, InFlight: 9, Delayed: 1, Parked: 1}); d != want {
			t.Errorf("got %+v, want %+v", d, want)
		}
	})
}

func TestRetentionFollowsTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		if got := c.Retention(); got != 14*24*time.Hour {
			t.Errorf("at first: %v", got)
		}
		w.set(t, waitingName, "MessageRetentionPeriod", "3600")
		depth(t, c)
		if got := c.Retention(); got != time.Hour {
			t.Errorf("after a change: %v", got)
		}
	})
}

func TestLetterOverTheLimitIsRefusedWithoutARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		big := letter("a")
		big.Payload = []byte(`"` + strings.Repeat("x", 1<<20) + `"`)
		if err := c.Send(t.Context(), big); !errors.Is(err, deadletter.ErrTooLarge) {
			t.Errorf("got %v", err)
		}
		if n := w.requests("SendMessageBatch"); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestQueueMayTakeLessThanSQSDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		c := w.open(t)
		big := letter("a")
		big.Payload = []byte(`"` + strings.Repeat("x", 2000) + `"`)
		w.set(t, waitingName, "MaximumMessageSize", "1024")
		if err := c.Send(t.Context(), big); !errors.Is(err, deadletter.ErrTooLarge) {
			t.Errorf("lowered while open: %v", err)
		}
		depth(t, c)
		w.forget()
		if err := c.Send(t.Context(), big); !errors.Is(err, deadletter.ErrTooLarge) || w.requests("SendMessageBatch") != 0 {
			t.Errorf("once it is known: %v, %d requests", err, w.requests("SendMessageBatch"))
		}
	})
}

func TestAttributesCountAsTheirNamesTypesAndValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		w.set(t, waitingName, "MaximumMessageSize", "1024")
		c := w.open(t)
		send(t, c, letter("a"))
		l := receive(t, c, 1)[0]
		body := len(l.Letter.Encode())
		name, value := strings.Repeat("n", 200), strings.Repeat("v", 1024-body-200-len("String"))
		for over, attribute := range []deadletter.Attribute{
			{Type: "String", String: value},
			{Type: "String", String: value + "v"},
			{Type: "Binary", Binary: []byte(value + "v")},
		} {
			l.Attributes = map[string]deadletter.Attribute{name: attribute}
			if err := c.Replace(t.Context(), l, l.Letter); errors.Is(err, deadletter.ErrTooLarge) != (over > 0) {
				t.Errorf("%s of %d characters: %v", attribute.Type, len(value)+min(over, 1), err)
			}
		}
		if n := w.requests("SendMessageBatch"); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestClosingLeavesNoConnectionOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		if n := w.connections(); n != 0 {
			t.Errorf("ensure left %d", n)
		}
		c := w.open(t)
		send(t, c, letters(100)...)
		if w.connections() == 0 {
			t.Error("none was kept for the next request")
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if n := w.connections(); n != 0 {
			t.Errorf("close left %d", n)
		}
	})
}

func TestClosingSendsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		w.cfg.Linger = time.Hour
		c := w.open(t)
		errs := make(chan []error)
		go func() { errs <- atOnce(23, func(i int) error { return c.Send(t.Context(), letters(23)[i]) }) }()
		synctest.Wait()
		if n := w.requests("SendMessageBatch"); n != 2 {
			t.Errorf("%d requests before closing", n)
		}
		began := time.Now()
		for range 2 {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(<-errs...); err != nil || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if c.Send(t.Context(), letter("late")) == nil {
			t.Error("a closed client took a letter")
		}
		if d := depth(t, w.open(t)); d.Visible != 23 {
			t.Errorf("the queue has %+v", d)
		}
	})
}

// put sends a message as another tool would.
func (w *world) put(t *testing.T, name, body string, attributes map[string]types.MessageAttributeValue) {
	t.Helper()
	_, err := w.raw.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url(name), MessageBody: &body, MessageAttributes: attributes})
	if err != nil {
		t.Error(err)
	}
}

func (w *world) delay(t *testing.T, body string) {
	t.Helper()
	if _, err := w.raw.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url(waitingName), MessageBody: &body, DelaySeconds: 60}); err != nil {
		t.Error(err)
	}
}

func (w *world) set(t *testing.T, name, attribute, value string) {
	t.Helper()
	_, err := w.raw.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url(name), Attributes: map[string]string{attribute: value}})
	if err != nil {
		t.Error(err)
	}
}
