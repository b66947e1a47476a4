package localsqs_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestSmoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		url := s.queue(t, nil)
		s.send(t, url, "hello")
		out, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
		if err != nil || len(out.Messages) != 1 || *out.Messages[0].Body != "hello" {
			t.Fatal(out, err)
		}
		began := time.Now()
		out, err = s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 20})
		if err != nil || len(out.Messages) != 0 || time.Since(began) != 20*time.Second {
			t.Fatal(out, err, time.Since(began))
		}
		out, err = s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 20})
		if err != nil || len(out.Messages) != 1 || time.Since(began) != 30*time.Second {
			t.Fatal(out, err, time.Since(began))
		}
		if _, err := s.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: out.Messages[0].ReceiptHandle}); err != nil {
			t.Fatal(err)
		}
	})
}
