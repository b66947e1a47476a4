package localsqs_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestCreatingAQueueAgainReturnsItIfItIsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		create := func(attributes map[string]string) (string, error) {
			out, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("letters"), Attributes: attributes})
			if err != nil {
				return "", err
			}
			return *out.QueueUrl, nil
		}
		for _, same := range []map[string]string{nil, {"VisibilityTimeout": "30"}} {
			if again, err := create(same); err != nil || again != url {
				t.Errorf("%v: %s, %v", same, again, err)
			}
		}
		if _, err := create(map[string]string{"DelaySeconds": "1"}); !isError[*types.QueueNameExists](err) || !isCode(err, "QueueAlreadyExists") {
			t.Errorf("another delay: %v", err)
		}
		if url != "http://queues/000000000000/letters" {
			t.Errorf("the URL is %s", url)
		}
	})
}

func TestQueuesThatSQSRefusesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		queue      string
		attributes map[string]string
		code       string
	}{
		"space":             {"a b", nil, "InvalidParameterValue"},
		"81 characters":     {fmt.Sprintf("%081d", 0), nil, "InvalidParameterValue"},
		"fifo":              {"a.fifo", nil, "InvalidParameterValue"},
		"unknown attribute": {"a", map[string]string{"Colour": "red"}, "InvalidAttributeName"},
		"fifo attribute":    {"a", map[string]string{"ContentBasedDeduplication": "true"}, "InvalidAttributeName"},
		"short retention":   {"a", map[string]string{"MessageRetentionPeriod": "59"}, "InvalidAttributeValue"},
		"long visibility":   {"a", map[string]string{"VisibilityTimeout": "43201"}, "InvalidAttributeValue"},
		"long messages":     {"a", map[string]string{"MaximumMessageSize": "1048577"}, "InvalidAttributeValue"},
		"not a number":      {"a", map[string]string{"DelaySeconds": "soon"}, "InvalidAttributeValue"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := serveQueue(t)
				_, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &c.queue, Attributes: c.attributes})
				if !isCode(err, c.code) {
					t.Errorf("%v, want %s", err, c.code)
				}
			})
		})
	}
}

func TestQueueThatDoesNotExistIsSaidSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := serveQueue(t)
		_, err := s.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("missing")})
		if !isError[*types.QueueDoesNotExist](err) || !isCode(err, "AWS.SimpleQueueService.NonExistentQueue") {
			t.Errorf("by name: %v", err)
		}
		_, err = s.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("http://queues/000000000000/missing"), MessageBody: aws.String("m")})
		if !isError[*types.QueueDoesNotExist](err) {
			t.Errorf("by URL: %v", err)
		}
	})
}

func TestQueuesAreListedInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := serveQueue(t)
		for i := range 5 {
			if _, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(fmt.Sprint("page-", i))}); err != nil {
				t.Fatal(err)
			}
		}
		var all []string
		pages := sqs.NewListQueuesPaginator(s.Client, &sqs.ListQueuesInput{QueueNamePrefix: aws.String("page-"), MaxResults: aws.Int32(2)})
		n := 0
		for ; pages.HasMorePages(); n++ {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page.QueueUrls...)
		}
		if n != 3 || len(all) != 5 || all[4] != "http://queues/000000000000/page-4" {
			t.Errorf("%d pages: %v", n, all)
		}
	})
}

func TestAttributesAreThoseThatWereSetOrSQSsDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		url := s.queue(t, map[string]string{"VisibilityTimeout": "300"})
		created := fmt.Sprint(time.Now().Unix())
		time.Sleep(time.Minute)
		s.set(t, url, map[string]string{"MessageRetentionPeriod": "1209600", "Policy": `{"Statement":[]}`})
		s.set(t, url, map[string]string{"Policy": ""})
		want := map[string]string{
			"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesDelayed": "0", "ApproximateNumberOfMessagesNotVisible": "0",
			"CreatedTimestamp": created, "LastModifiedTimestamp": fmt.Sprint(time.Now().Unix()),
			"QueueArn":          "arn:aws:sqs:us-east-1:000000000000:letters",
			"VisibilityTimeout": "300", "MessageRetentionPeriod": "1209600", "DelaySeconds": "0", "MaximumMessageSize": "1048576",
			"ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true",
		}
		if got := s.attributes(t, url); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		none, err := s.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url})
		if err != nil || len(none.Attributes) != 0 {
			t.Errorf("none asked for: %v, %v", none, err)
		}
	})
}

func TestMessagesExpireAfterTheRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.set(t, url, map[string]string{"MessageRetentionPeriod": "60"})
		s.send(t, url, "ready")
		s.sendDelayed(t, url, "delayed", 900)
		time.Sleep(59 * time.Second)
		held := s.receive(t, url, 600)
		s.send(t, url, "young")
		time.Sleep(time.Second)
		if a := s.attributes(t, url); a["ApproximateNumberOfMessages"]+a["ApproximateNumberOfMessagesDelayed"]+a["ApproximateNumberOfMessagesNotVisible"] != "100" {
			t.Errorf("left: %v", a)
		}
		if err := s.tryVisibility(t, url, held.ReceiptHandle, 5); !isCode(err, "InvalidParameterValue") {
			t.Errorf("lease of an expired message: %v", err)
		}
	})
}

func TestShorterRetentionExpiresWhatIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "m")
		time.Sleep(2 * time.Minute)
		s.set(t, url, map[string]string{"MessageRetentionPeriod": "60"})
		s.set(t, url, map[string]string{"MessageRetentionPeriod": "600"})
		if got := s.receiveAll(t, url); len(got) != 0 {
			t.Error("it is still there")
		}
	})
}

func TestPurgeDeletesAllAndOnlyOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.send(t, url, "held")
		s.receive(t, url, 600)
		s.send(t, url, "ready")
		s.sendDelayed(t, url, "delayed", 900)
		purge := func() error {
			_, err := s.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &url})
			return err
		}
		if err := purge(); err != nil {
			t.Fatal(err)
		}
		if a := s.attributes(t, url); a["ApproximateNumberOfMessages"]+a["ApproximateNumberOfMessagesDelayed"]+a["ApproximateNumberOfMessagesNotVisible"] != "000" {
			t.Errorf("left: %v", a)
		}
		if err := purge(); !isError[*types.PurgeQueueInProgress](err) {
			t.Errorf("again: %v", err)
		}
		time.Sleep(time.Minute)
		if err := purge(); err != nil {
			t.Errorf("a minute later: %v", err)
		}
	})
}

func TestDeletedQueueStaysDeletedAndItsNameIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		first := open(t, dir)
		s := serve(t, first)
		url := s.queue(t, nil)
		s.send(t, url, "old")
		if _, err := s.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &url}); err != nil {
			t.Fatal(err)
		}
		s.queue(t, map[string]string{"DelaySeconds": "1"})
		s.stop()
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		s = serve(t, open(t, dir))
		if got := s.receiveAll(t, url); len(got) != 0 || s.attributes(t, url)["DelaySeconds"] != "1" {
			t.Errorf("got %v", got)
		}
	})
}
