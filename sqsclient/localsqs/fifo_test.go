package localsqs_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// fifoQueue makes a FIFO queue that deduplicates by content, with more attributes or others.
func (s served) fifoQueue(tb testing.TB, attributes map[string]string) string {
	tb.Helper()
	all := map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"}
	maps.Copy(all, attributes)
	out, err := s.CreateQueue(tb.Context(), &sqs.CreateQueueInput{QueueName: aws.String("letters.fifo"), Attributes: all})
	if err != nil {
		tb.Fatal(err)
	}
	return *out.QueueUrl
}

// serveFIFO serves a new directory with a FIFO queue in it.
func serveFIFO(tb testing.TB) (s served, url string) {
	tb.Helper()
	s = serve(tb, open(tb, tb.TempDir()))
	return s, s.fifoQueue(tb, nil)
}

// sendIn sends messages of a group, one by one.
func (s served) sendIn(tb testing.TB, url, group string, bodies ...string) {
	tb.Helper()
	for _, body := range bodies {
		if _, err := s.SendMessage(tb.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body, MessageGroupId: &group}); err != nil {
			tb.Fatal(err)
		}
	}
}

// take receives up to so many messages and returns them with their bodies, separated by spaces.
func (s served) take(tb testing.TB, url string, limit int32) ([]types.Message, string) {
	tb.Helper()
	out, err := s.ReceiveMessage(tb.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: limit})
	if err != nil {
		tb.Fatal(err)
	}
	return out.Messages, bodiesOf(out.Messages)
}

func bodiesOf(messages []types.Message) string {
	var bodies []string
	for _, m := range messages {
		bodies = append(bodies, *m.Body)
	}
	return strings.Join(bodies, " ")
}

// wantNext receives up to ten messages, which must be these, and returns them.
func (s served) wantNext(tb testing.TB, url, want string) []types.Message {
	tb.Helper()
	got, bodies := s.take(tb, url, 10)
	if bodies != want {
		tb.Fatalf("received %q, want %q", bodies, want)
	}
	return got
}

func TestFIFOQueuesThatSQSRefusesAreRefused(t *testing.T) {
	fifo := map[string]string{"FifoQueue": "true"}
	and := func(name, value string) map[string]string { return map[string]string{"FifoQueue": "true", name: value} }
	for name, c := range map[string]struct {
		queue      string
		attributes map[string]string
		code       string
	}{
		"80 characters":                    {strings.Repeat("x", 75) + ".fifo", fifo, ""},
		"81 characters":                    {strings.Repeat("x", 76) + ".fifo", fifo, "InvalidParameterValue"},
		"nothing before the suffix":        {".fifo", fifo, "InvalidParameterValue"},
		"no suffix":                        {"a", fifo, "InvalidParameterValue"},
		"suffix of a standard queue":       {"a.fifo", nil, "InvalidParameterValue"},
		"suffix, said to be standard":      {"a.fifo", map[string]string{"FifoQueue": "false"}, "InvalidParameterValue"},
		"standard, and says so":            {"a", map[string]string{"FifoQueue": "false"}, "InvalidAttributeName"},
		"scope on a standard queue":        {"a", map[string]string{"DeduplicationScope": "queue"}, "InvalidAttributeName"},
		"throughput on a standard queue":   {"a", map[string]string{"FifoThroughputLimit": "perQueue"}, "InvalidAttributeName"},
		"deduplication neither on nor off": {"a.fifo", and("ContentBasedDeduplication", "yes"), "InvalidAttributeValue"},
		"unknown scope":                    {"a.fifo", and("DeduplicationScope", "group"), "InvalidAttributeValue"},
		"throughput per group alone":       {"a.fifo", and("FifoThroughputLimit", "perMessageGroupId"), "InvalidAttributeValue"},
		"high throughput":                  {"a.fifo", map[string]string{"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "messageGroup"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, open(t, t.TempDir()))
				_, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &c.queue, Attributes: c.attributes})
				if c.code == "" && err != nil || c.code != "" && !isCode(err, c.code) {
					t.Errorf("%v, want %q", err, c.code)
				}
			})
		})
	}
}

func TestFIFOAttributesAreReadAndChangedButNotTheType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		url := s.fifoQueue(t, map[string]string{"ContentBasedDeduplication": "false"})
		check := func(want string) {
			t.Helper()
			a := s.attributes(t, url)
			if got := fmt.Sprint(a["FifoQueue"], " ", a["ContentBasedDeduplication"], " ", a["DeduplicationScope"], " ", a["FifoThroughputLimit"]); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		check("true false queue perQueue")
		s.set(t, url, map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": "messageGroup"})
		s.set(t, url, map[string]string{"FifoThroughputLimit": "perMessageGroupId"})
		check("true true messageGroup perMessageGroupId")
		for _, wrong := range []map[string]string{{"FifoQueue": "false"}, {"FifoQueue": ""}, {"DeduplicationScope": "queue"}} {
			if _, err := s.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: wrong}); !isCode(err, "InvalidAttributeValue") {
				t.Errorf("%v: %v", wrong, err)
			}
		}
		standard := s.queue(t, nil)
		_, err := s.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &standard, Attributes: map[string]string{"FifoQueue": "true"}})
		if !isCode(err, "InvalidAttributeValue") {
			t.Errorf("a standard queue made FIFO: %v", err)
		}
		if _, has := s.attributes(t, standard)["DeduplicationScope"]; has {
			t.Error("a standard queue has FIFO attributes")
		}
		s.fifoQueue(t, map[string]string{"DeduplicationScope": "messageGroup"}) // the same again
	})
}

func TestMessagesThatAQueueOfTheTypeDoesNotTakeAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		fifo bool
		in   sqs.SendMessageInput
		code string
	}{
		"no group":                         {true, sqs.SendMessageInput{MessageDeduplicationId: aws.String("d")}, "MissingParameter"},
		"no deduplication id":              {true, sqs.SendMessageInput{MessageGroupId: aws.String("g")}, "InvalidParameterValue"},
		"both, all of punctuation":         {true, sqs.SendMessageInput{MessageGroupId: aws.String("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), MessageDeduplicationId: aws.String("~")}, ""},
		"a group of 128":                   {true, sqs.SendMessageInput{MessageGroupId: aws.String(strings.Repeat("g", 128)), MessageDeduplicationId: aws.String("d")}, ""},
		"a group of 129":                   {true, sqs.SendMessageInput{MessageGroupId: aws.String(strings.Repeat("g", 129)), MessageDeduplicationId: aws.String("d")}, "InvalidParameterValue"},
		"a deduplication id of 129":        {true, sqs.SendMessageInput{MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String(strings.Repeat("d", 129))}, "InvalidParameterValue"},
		"a space in the deduplication id":  {true, sqs.SendMessageInput{MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d d")}, "InvalidParameterValue"},
		"a delay":                          {true, sqs.SendMessageInput{MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d"), DelaySeconds: 2}, "InvalidParameterValue"},
		"a standard queue's deduplication": {false, sqs.SendMessageInput{MessageDeduplicationId: aws.String("d")}, "InvalidParameterValue"},
		"a standard queue's group":         {false, sqs.SendMessageInput{MessageGroupId: aws.String("g")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, open(t, t.TempDir()))
				url := s.queue(t, nil)
				if c.fifo {
					url = s.fifoQueue(t, map[string]string{"ContentBasedDeduplication": "false"})
				}
				c.in.QueueUrl, c.in.MessageBody = &url, aws.String("m")
				_, err := s.SendMessage(t.Context(), &c.in)
				if c.code == "" && err != nil || c.code != "" && !isCode(err, c.code) {
					t.Errorf("%v, want %q", err, c.code)
				}
			})
		})
	}
}

func TestFIFOMessageTellsItsGroupItsDeduplicationAndItsNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveFIFO(t)
		sent, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("m"), MessageGroupId: aws.String("g")})
		if err != nil {
			t.Fatal(err)
		}
		got := s.receiveAll(t, url)[0].Attributes
		const sha256OfM = "62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a"
		if got["MessageGroupId"] != "g" || got["MessageDeduplicationId"] != sha256OfM || got["SequenceNumber"] != *sent.SequenceNumber || len(*sent.SequenceNumber) != 20 {
			t.Errorf("%v, sent as %s", got, *sent.SequenceNumber)
		}
	})
}

// An expired message, one that is deleted after a purge of its group, and a queue that is gone.
func TestFIFOMessagesExpireAndArePurged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		url := s.fifoQueue(t, map[string]string{"MessageRetentionPeriod": "60"})
		s.sendIn(t, url, "g", "a")
		held, _ := s.take(t, url, 1)
		time.Sleep(30 * time.Second)
		s.sendIn(t, url, "g", "b")
		time.Sleep(30 * time.Second)
		s.wantNext(t, url, "b") // what was before it is past its retention
		s.delete(t, url, held[0].ReceiptHandle)
		s.sendIn(t, url, "g", "c")
		if _, err := s.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &url}); err != nil {
			t.Fatal(err)
		}
		s.sendIn(t, url, "g", "d")
		s.wantNext(t, url, "d")
	})
}
