package localsqs_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// polled is what a long poll brought, and when.
type polled struct {
	messages []types.Message
	after    time.Duration
	err      error
}

func (s served) poll(ctx context.Context, url string, seconds int32) polled {
	began := time.Now()
	out, err := s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: seconds, MaxNumberOfMessages: 10})
	if err != nil {
		return polled{err: err}
	}
	return polled{messages: out.Messages, after: time.Since(began)}
}

func (s served) goPoll(ctx context.Context, url string) <-chan polled {
	result := make(chan polled, 1)
	go func() { result <- s.poll(ctx, url, 20) }()
	synctest.Wait()
	return result
}

func TestLongPollWakesWhenAMessageCanBeReceived(t *testing.T) {
	for name, c := range map[string]struct {
		before func(t *testing.T, s served, url string) // the poll begins
		during func(t *testing.T, s served, url string)
		after  time.Duration
	}{
		"it is there already": {
			before: func(t *testing.T, s served, url string) { t.Helper(); s.send(t, url, "m") },
		},
		"it is sent": {
			during: func(t *testing.T, s served, url string) { t.Helper(); time.Sleep(3 * time.Second); s.send(t, url, "m") },
			after:  3 * time.Second,
		},
		"its delay ends": {
			during: func(t *testing.T, s served, url string) { t.Helper(); s.sendDelayed(t, url, "m", 7) },
			after:  7 * time.Second,
		},
		"its delay, begun before the poll, ends": {
			before: func(t *testing.T, s served, url string) { t.Helper(); s.sendDelayed(t, url, "m", 7) },
			after:  7 * time.Second,
		},
		"its lease ends": {
			before: func(t *testing.T, s served, url string) { t.Helper(); s.send(t, url, "m"); s.receive(t, url, 11) },
			after:  11 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, url := serveQueue(t)
				if c.before != nil {
					c.before(t, s, url)
				}
				result := s.goPoll(t.Context(), url)
				if c.during != nil {
					c.during(t, s, url)
				}
				if got := <-result; got.err != nil || len(got.messages) != 1 || got.after != c.after {
					t.Errorf("%d messages after %v, %v; want 1 after %v", len(got.messages), got.after, got.err, c.after)
				}
			})
		})
	}
}

func TestLongPollWakesWhenALeaseIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "m")
		handle := s.receive(t, url, 30).ReceiptHandle
		result := s.goPoll(t.Context(), url)
		time.Sleep(2 * time.Second)
		s.changeVisibility(t, url, handle, 0)
		if got := <-result; got.err != nil || len(got.messages) != 1 || got.after != 2*time.Second {
			t.Errorf("%+v", got)
		}
	})
}

func TestLongPollEndsEmptyAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		if got := s.poll(t.Context(), url, 20); got.err != nil || len(got.messages) != 0 || got.after != 20*time.Second {
			t.Errorf("%+v", got)
		}
	})
}

func TestEachMessageWakesOnePoller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		var results []<-chan polled
		for range 3 {
			results = append(results, s.goPoll(t.Context(), url))
		}
		for i, result := range results {
			time.Sleep(time.Second)
			s.send(t, url, fmt.Sprint(i))
			if got := <-result; got.err != nil || len(got.messages) != 1 || *got.messages[0].Body != fmt.Sprint(i) {
				t.Errorf("poller %d, first come first served: %+v", i, got)
			}
		}
	})
}

func TestPollerThatHasGoneTakesNoMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		gone, leave := context.WithCancel(t.Context())
		result := s.goPoll(gone, url)
		leave()
		<-result
		synctest.Wait()
		s.send(t, url, "m")
		got := s.receiveAll(t, url)
		if len(got) != 1 || got[0].Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestPollerThatHasGoneDoesNotKeepTheNextFromWaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		first, leave := context.WithCancel(t.Context())
		gone := s.goPoll(first, url)
		there := s.goPoll(t.Context(), url)
		leave()
		<-gone
		time.Sleep(time.Second)
		s.send(t, url, "m")
		if got := <-there; got.err != nil || len(got.messages) != 1 || got.after != time.Second {
			t.Errorf("%+v", got)
		}
	})
}

// The connection breaks while the answer is being written: whoever reads it is gone, and the message is not.
func TestAnswerThatCannotBeDeliveredGivesTheMessageBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := open(t, t.TempDir())
		s := serve(t, server)
		url := s.queue(t, nil)
		s.send(t, url, "m")
		broken := client(brokenAnswers{server})
		_, err := broken.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url}, func(o *sqs.Options) {
			o.Retryer = aws.NopRetryer{}
		})
		if err == nil {
			t.Error("the answer was delivered")
		}
		got := s.receiveAll(t, url)
		if len(got) != 1 || got[0].Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestStoppingServerAnswersLongPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		began := time.Now()
		result := s.goPoll(t.Context(), url)
		s.stop()
		if got := <-result; got.err != nil || len(got.messages) != 0 {
			t.Errorf("%+v", got)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("stopping took %v", took)
		}
	})
}

func TestDeletingAQueueEndsItsPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		result := s.goPoll(t.Context(), url)
		if _, err := s.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &url}); err != nil {
			t.Fatal(err)
		}
		if got := <-result; !isError[*types.QueueDoesNotExist](got.err) {
			t.Errorf("%+v", got)
		}
	})
}
