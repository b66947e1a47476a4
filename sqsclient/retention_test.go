package sqsclient_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"rehook/retry"
	"rehook/retry/deadletter"
)

// bodies receives what a queue holds, with the attributes of each message.
func (w *world) bodies(t *testing.T, name string) map[string]string {
	t.Helper()
	got, err := w.raw.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: url(name), MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}, VisibilityTimeout: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, m := range got.Messages {
		all[*m.Body] = aws.ToString(m.MessageAttributes["kept"].StringValue)
	}
	return all
}

func TestLettersOutlastTheRetentionOfTheirQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ensure(t)
		for _, name := range []string{waitingName, parkedName} {
			w.set(t, name, string(types.QueueAttributeNameMessageRetentionPeriod), "7200")
		}
		waiting, parked := letter("waiting"), letter("parked")
		waiting.Timestamp, parked.Timestamp = time.Now().UTC(), time.Now().UTC()
		parked.Parked = &deadletter.Parked{At: time.Now().UTC(), Reason: deadletter.Exhausted}
		bodies := map[string]string{waitingName: string(waiting.Encode()), parkedName: string(parked.Encode())}
		for name, body := range bodies {
			w.put(t, name, body, map[string]types.MessageAttributeValue{"kept": {DataType: aws.String("String"), StringValue: aws.String("as it was")}})
		}
		e, err := retry.New(retry.Config{Queue: w.open(t), Deliver: &endpoint{}, Name: waitingName, PausedBy: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- e.Run(ctx) }()
		time.Sleep(11 * time.Hour)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for name, body := range bodies {
			if got := w.bodies(t, name); len(got) != 1 || got[body] != "as it was" {
				t.Errorf("queue %s holds %q, and held %s", name, got, body)
			}
		}
	})
}
