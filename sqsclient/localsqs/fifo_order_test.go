package localsqs_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestGroupWithAMessageInFlightGivesNoMoreAndOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		s.sendIn(t, url, "1", "1a")
		s.sendIn(t, url, "2", "2a")
		s.sendIn(t, url, "1", "1b", "1c", "1d")
		held, bodies := s.take(t, url, 2)
		if bodies != "1a 1b" {
			t.Fatalf("received %q", bodies)
		}
		s.delete(t, url, held[0].ReceiptHandle)
		s.wantNext(t, url, "2a")
		s.sendIn(t, url, "3", "3a")
		s.delete(t, url, held[1].ReceiptHandle)
		s.wantNext(t, url, "3a 1c 1d") // the group that went on last comes last
	})
}

func TestMessageThatIsVisibleAgainIsTheHeadOfItsGroup(t *testing.T) {
	for name, release := range map[string]func(t *testing.T, s served, url string, held []types.Message){
		"its lease ends": func(t *testing.T, _ served, _ string, _ []types.Message) { t.Helper(); time.Sleep(30 * time.Second) },
		"it is released": func(t *testing.T, s served, url string, held []types.Message) {
			t.Helper()
			s.changeVisibility(t, url, held[1].ReceiptHandle, 0)
			s.changeVisibility(t, url, held[0].ReceiptHandle, 0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, url := serveFIFO(t)
				s.sendIn(t, url, "g", "a", "b", "c")
				held, _ := s.take(t, url, 2)
				release(t, s, url, held)
				s.wantNext(t, url, "a b c")
			})
		})
	}
}

// Recorded from SQS: the first of two that are held is given out again alone when its lease has ended.
func TestMessageWhoseLeaseEndsDoesNotWaitForLaterOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		s.sendIn(t, url, "1", "1a", "1b", "1c")
		s.sendIn(t, url, "2", "2a")
		held, _ := s.take(t, url, 2)
		s.changeVisibility(t, url, held[0].ReceiptHandle, 1)
		time.Sleep(time.Second)
		s.wantNext(t, url, "2a 1a")
		s.changeVisibility(t, url, held[1].ReceiptHandle, 0)
		s.wantNext(t, url, "") // behind the first, which is held again
	})
}

func TestGroupsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		s.sendIn(t, url, "busy", "a", "b", "c", "d")
		s.sendIn(t, url, "quiet", "q")
		var order strings.Builder
		for range 5 {
			got, bodies := s.take(t, url, 1)
			order.WriteString(bodies)
			s.delete(t, url, got[0].ReceiptHandle)
		}
		if order.String() != "aqbcd" {
			t.Errorf("received in the order %s", order.String())
		}
	})
}

func TestExpiredHandleDeletesNothingFromAFIFOQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		s.sendIn(t, url, "g", "a")
		tryDelete := func(m types.Message) error {
			_, err := s.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle})
			return err
		}
		first := s.wantNext(t, url, "a")[0]
		time.Sleep(30 * time.Second)
		if err := tryDelete(first); !isCode(err, "InvalidParameterValue") {
			t.Errorf("visible again: %v", err)
		}
		second := s.wantNext(t, url, "a")[0]
		if err := tryDelete(first); !isCode(err, "InvalidParameterValue") {
			t.Errorf("held by another: %v", err)
		}
		for range 2 {
			if err := tryDelete(second); err != nil {
				t.Errorf("in force, or gone: %v", err)
			}
		}
		s.sendIn(t, url, "g", "b")
		third := s.wantNext(t, url, "b")[0]
		time.Sleep(30 * time.Second)
		out, err := s.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{
			QueueUrl: &url, Entries: []types.DeleteMessageBatchRequestEntry{{Id: aws.String("x"), ReceiptHandle: third.ReceiptHandle}},
		})
		if err != nil || len(out.Failed) != 1 || *out.Failed[0].Code != "InvalidParameterValue" || !out.Failed[0].SenderFault {
			t.Errorf("in a batch: %+v, %v", out, err)
		}
	})
}

func TestDelayOfAFIFOQueueHoldsForAllThatIsInIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		server := open(t, dir)
		s := serve(t, server)
		url := s.fifoQueue(t, map[string]string{"DelaySeconds": "10"})
		s.sendIn(t, url, "g", "a")
		time.Sleep(9 * time.Second)
		s.sendIn(t, url, "g", "b")
		s.wantNext(t, url, "")
		time.Sleep(time.Second)
		s.wantNext(t, url, "a")
		s.sendIn(t, url, "h", "c")
		s.set(t, url, map[string]string{"DelaySeconds": "900"})
		time.Sleep(10 * time.Second)
		s.wantNext(t, url, "")
		s.set(t, url, map[string]string{"DelaySeconds": "20"})
		s.stop()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		s = serve(t, open(t, dir))
		time.Sleep(9 * time.Second)
		s.wantNext(t, url, "")
		time.Sleep(time.Second)
		s.wantNext(t, url, "c")
	})
}

func TestLongPollWakesWhenAGroupGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		during func(t *testing.T, s served, url string, held *string)
		after  time.Duration
		want   string
	}{
		"its head is deleted": {
			func(t *testing.T, s served, url string, held *string) {
				t.Helper()
				time.Sleep(3 * time.Second)
				s.delete(t, url, held)
			}, 3 * time.Second, "b",
		},
		"its head is released": {
			func(t *testing.T, s served, url string, held *string) {
				t.Helper()
				time.Sleep(3 * time.Second)
				s.changeVisibility(t, url, held, 0)
			}, 3 * time.Second, "a b",
		},
		"its head's lease ends": {
			func(*testing.T, served, string, *string) {}, 15 * time.Second, "a b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, open(t, t.TempDir()))
				url := s.fifoQueue(t, map[string]string{"VisibilityTimeout": "15"})
				s.sendIn(t, url, "g", "a", "b")
				held, _ := s.take(t, url, 1)
				result := s.goPoll(t.Context(), url)
				c.during(t, s, url, held[0].ReceiptHandle)
				if got := <-result; got.err != nil || bodiesOf(got.messages) != c.want || got.after != c.after {
					t.Errorf("%q after %v, %v; want %q after %v", bodiesOf(got.messages), got.after, got.err, c.want, c.after)
				}
			})
		})
	}
}

// attempt receives two messages with a ReceiveRequestAttemptId.
func (s served) attempt(tb testing.TB, url, id string) ([]types.Message, error) {
	tb.Helper()
	out, err := s.ReceiveMessage(tb.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: 2, ReceiveRequestAttemptId: &id,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"ApproximateReceiveCount"},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

func TestReceiveAttemptIsAnsweredAgainWithTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		s.sendIn(t, url, "g", "a", "b", "c")
		first, err := s.attempt(t, url, "one")
		if err != nil || bodiesOf(first) != "a b" {
			t.Fatalf("%q, %v", bodiesOf(first), err)
		}
		for range 3 {
			time.Sleep(29 * time.Second) // each begins the leases anew
			again, err := s.attempt(t, url, "one")
			if err != nil || bodiesOf(again) != "a b" || *again[0].ReceiptHandle != *first[0].ReceiptHandle || again[0].Attributes["ApproximateReceiveCount"] != "1" {
				t.Fatalf("again: %+v, %v", again, err)
			}
		}
		if got, err := s.attempt(t, url, "two"); err != nil || len(got) != 0 {
			t.Errorf("another attempt got %q, %v", bodiesOf(got), err)
		}
	})
}

func TestReceiveAttemptIsNotAnsweredAgainAfterAChange(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, s served, url string, handle *string){
		"a message is deleted": func(t *testing.T, s served, url string, handle *string) { t.Helper(); s.delete(t, url, handle) },
		"its lease is changed": func(t *testing.T, s served, url string, handle *string) {
			t.Helper()
			s.changeVisibility(t, url, handle, 600)
		},
		"its lease has ended": func(*testing.T, served, string, *string) { time.Sleep(30 * time.Second) },
		"it is received again": func(t *testing.T, s served, url string, _ *string) {
			t.Helper()
			time.Sleep(30 * time.Second)
			s.take(t, url, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, url := serveFIFO(t)
				s.sendIn(t, url, "g", "a", "b")
				first, err := s.attempt(t, url, "one")
				if err != nil {
					t.Fatal(err)
				}
				change(t, s, url, first[1].ReceiptHandle)
				if again, err := s.attempt(t, url, "one"); !isCode(err, "InvalidParameterValue") {
					t.Errorf("%q, %v", bodiesOf(again), err)
				}
			})
		})
	}
}

// The client is gone before the answer to its receive is there. It asks again.
func TestReceiveAttemptWhoseAnswerWasLostIsANewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := open(t, t.TempDir())
		s := serve(t, server)
		url := s.fifoQueue(t, nil)
		s.sendIn(t, url, "g", "a", "b", "c")
		gone := client(brokenAnswers{server})
		in := &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 2, ReceiveRequestAttemptId: aws.String("one")}
		if _, err := gone.ReceiveMessage(t.Context(), in); err == nil {
			t.Fatal("answered")
		}
		if got, err := s.attempt(t, url, "one"); err != nil || bodiesOf(got) != "a b" || got[0].Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestReceiveAttemptIsForgottenAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		url := s.fifoQueue(t, map[string]string{"VisibilityTimeout": "3600"})
		s.sendIn(t, url, "g", "a")
		in := &sqs.ReceiveMessageInput{QueueUrl: &url, ReceiveRequestAttemptId: aws.String("one")}
		receive := func() string {
			out, err := s.ReceiveMessage(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			return bodiesOf(out.Messages)
		}
		first := receive()
		time.Sleep(5*time.Minute - time.Nanosecond)
		before := receive()
		time.Sleep(time.Nanosecond)
		if _, err := s.attempt(t, url, strings.Repeat("a", 129)); !isCode(err, "InvalidParameterValue") {
			t.Errorf("an id of 129 characters: %v", err)
		}
		if after := receive(); first != "a" || before != "a" || after != "" {
			t.Errorf("received %q, then %q, and after five minutes %q", first, before, after)
		}
	})
}
