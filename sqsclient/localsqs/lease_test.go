package localsqs_test

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestLeaseIsAtMostTwelveHoursFromTheReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "m")
		handle := s.receive(t, url, 30).ReceiptHandle
		time.Sleep(time.Second)
		if err := s.tryVisibility(t, url, handle, 43200); !isCode(err, "InvalidParameterValue") {
			t.Errorf("12 h, a second after the receive: %v", err)
		}
		s.changeVisibility(t, url, handle, 43199)
		if err := s.tryVisibility(t, url, handle, 43201); !isCode(err, "InvalidParameterValue") {
			t.Errorf("more than 12 h: %v", err)
		}
	})
}

func TestVisibilityOfAMessageThatIsNotHeldCannotBeChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "m")
		first := s.receive(t, url, 5).ReceiptHandle
		if err := s.tryVisibility(t, url, aws.String("garbage"), 5); !isError[*types.ReceiptHandleIsInvalid](err) {
			t.Errorf("garbage: %v", err)
		}
		time.Sleep(5 * time.Second)
		if err := s.tryVisibility(t, url, first, 5); !isError[*types.MessageNotInflight](err) {
			t.Errorf("visible again: %v", err)
		}
		second := s.receive(t, url, 5).ReceiptHandle
		if err := s.tryVisibility(t, url, first, 5); !isCode(err, "InvalidParameterValue") {
			t.Errorf("received by another: %v", err)
		}
		s.delete(t, url, second)
		if err := s.tryVisibility(t, url, second, 5); !isCode(err, "InvalidParameterValue") {
			t.Errorf("deleted: %v", err)
		}
	})
}

// TestForgedHandleDeletesNothing forges the handle of a message that nobody has received, from that of its neighbour.
func TestForgedHandleDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "first")
		raw, err := base64.StdEncoding.DecodeString(aws.ToString(s.receive(t, url, 60).ReceiptHandle))
		if err != nil || len(raw) != 28 {
			t.Fatalf("the handle has another form now: %d bytes, %v", len(raw), err)
		}
		s.send(t, url, "second")
		binary.BigEndian.PutUint64(raw[8:], binary.BigEndian.Uint64(raw[8:])+1) // the number of the message
		binary.BigEndian.PutUint64(raw[16:], 0)                                 // what it has before its first receive
		forged := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(raw[:24], crc32.ChecksumIEEE(raw[:24])))
		if _, err := s.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: &forged}); !isError[*types.ReceiptHandleIsInvalid](err) {
			t.Errorf("a forged handle: %v", err)
		}
		if got := s.receive(t, url, 60); aws.ToString(got.Body) != "second" {
			t.Errorf("received %q", aws.ToString(got.Body))
		}
	})
}

func TestOnlyTheLatestHandleDeletes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "m")
		first := s.receive(t, url, 5).ReceiptHandle
		time.Sleep(5 * time.Second)
		second := s.receive(t, url, 5).ReceiptHandle
		s.delete(t, url, first)
		time.Sleep(5 * time.Second)
		if n := s.attributes(t, url)["ApproximateNumberOfMessages"]; n != "1" {
			t.Errorf("a stale handle deleted: %s messages", n)
		}
		s.delete(t, url, second) // its lease has ended, but nobody has received the message since
		s.delete(t, url, second)
		if n := s.attributes(t, url)["ApproximateNumberOfMessages"]; n != "0" {
			t.Errorf("the latest handle did not delete: %s messages", n)
		}
		_, err := s.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: aws.String("garbage")})
		if !isError[*types.ReceiptHandleIsInvalid](err) {
			t.Errorf("garbage: %v", err)
		}
	})
}

func TestHandleOfAnotherQueueIsInvalid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "m")
		handle := s.receive(t, url, 30).ReceiptHandle
		other, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("other")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: other.QueueUrl, ReceiptHandle: handle})
		if !isError[*types.ReceiptHandleIsInvalid](err) {
			t.Error(err)
		}
	})
}

func TestReceiveWithoutLeaseIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		url := s.queue(t, map[string]string{"VisibilityTimeout": "0"})
		s.send(t, url, "m")
		if got := s.receiveAll(t, url); len(got) != 1 {
			t.Fatalf("one message, received %d times at once", len(got))
		}
		if got := s.receiveAll(t, url); len(got) != 1 || got[0].Attributes["ApproximateReceiveCount"] != "2" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestChangedVisibilityIsForThisLeaseOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "m")
		s.changeVisibility(t, url, s.receive(t, url, 30).ReceiptHandle, 600)
		time.Sleep(599 * time.Second)
		if got := s.receiveAll(t, url); len(got) != 0 {
			t.Fatalf("received %d before the lease ended", len(got))
		}
		time.Sleep(time.Second)
		if got := s.receiveAll(t, url); len(got) != 1 {
			t.Fatal("not received after the lease ended")
		}
		time.Sleep(30 * time.Second) // the queue's own
		if got := s.receiveAll(t, url); len(got) != 1 {
			t.Error("the next lease was not the queue's")
		}
	})
}

func TestBatchesAnswerEntryByEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "m")
		handle := s.receive(t, url, 30).ReceiptHandle
		changed, err := s.ChangeMessageVisibilityBatch(t.Context(), &sqs.ChangeMessageVisibilityBatchInput{
			QueueUrl: &url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
				{Id: aws.String("good"), ReceiptHandle: handle, VisibilityTimeout: 60},
				{Id: aws.String("bad"), ReceiptHandle: aws.String("garbage"), VisibilityTimeout: 60},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		wantOutcomes(t, changed.Failed, len(changed.Successful), *changed.Successful[0].Id)
		deleted, err := s.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{
			QueueUrl: &url, Entries: []types.DeleteMessageBatchRequestEntry{
				{Id: aws.String("good"), ReceiptHandle: handle},
				{Id: aws.String("bad"), ReceiptHandle: aws.String("garbage")},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		wantOutcomes(t, deleted.Failed, len(deleted.Successful), *deleted.Successful[0].Id)
	})
}

func wantOutcomes(t *testing.T, failed []types.BatchResultErrorEntry, successes int, success string) {
	t.Helper()
	if successes != 1 || success != "good" || len(failed) != 1 {
		t.Fatalf("%d succeeded (%s), failed: %+v", successes, success, failed)
	}
	if f := failed[0]; *f.Id != "bad" || *f.Code != "ReceiptHandleIsInvalid" || !f.SenderFault {
		t.Errorf("failed: %s %s %v", *f.Id, *f.Code, f.SenderFault)
	}
}
