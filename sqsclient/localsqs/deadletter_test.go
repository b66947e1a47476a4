package localsqs_test

import (
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestLongPollOnTheDeadLetterQueueWakesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		dead := s.named(t, "dead", nil)
		url := s.named(t, "letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)})
		s.send(t, url, "m")
		waiting := s.goPoll(t.Context(), dead)
		s.receiveAll(t, url)
		start := time.Now()
		s.receiveAll(t, url)
		if got := <-waiting; len(got.messages) != 1 || time.Since(start) != 0 {
			t.Errorf("%d messages after %v", len(got.messages), time.Since(start))
		}
	})
}

func TestMessageStaysReceivableWhenItsDeadLetterQueueIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		dead := s.named(t, "dead", nil)
		url := s.named(t, "letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)})
		s.send(t, url, "m")
		if _, err := s.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &dead}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := s.receiveAll(t, url); len(got) != 1 {
				t.Fatalf("received %d", len(got))
			}
		}
	})
}

func TestDeadLettersOutliveTheirSource(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := open(t, dir)
		s := serve(t, server)
		s.named(t, "dead", nil)
		url := s.named(t, "letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)})
		s.send(t, url, "m")
		s.receiveAll(t, url)
		s.receiveAll(t, url)
		if _, err := s.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &url}); err != nil {
			t.Fatal(err)
		}
		s.stop()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		s = serve(t, open(t, dir))
		if got := s.receiveAll(t, s.named(t, "dead", nil)); len(got) != 1 || *got[0].Body != "m" {
			t.Error(got)
		}
	})
}

// A message may be received from each queue as often as that one's policy says, whatever the queues before it counted.
func TestDeadLetterQueueWithAPolicyOfItsOwnGivesItsMessages(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := open(t, dir)
		s := serve(t, server)
		s.named(t, "last", nil)
		dead := s.named(t, "dead", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("last", 2)})
		url := s.named(t, "letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 3)})
		s.send(t, url, "m")
		for range 4 {
			s.receiveAll(t, url)
		}
		s.stop()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		s = serve(t, open(t, dir))
		for i, want := range []int{1, 1, 0} {
			if got := s.receiveAll(t, dead); len(got) != want {
				t.Errorf("receive %d from the dead letter queue: %d messages", i, len(got))
			}
		}
		if got := s.receiveAll(t, s.named(t, "last", nil)); len(got) != 1 || got[0].Attributes["ApproximateReceiveCount"] != "6" {
			t.Error(got)
		}
	})
}

func TestMoveTaskFailsWhereAMessageDoesNotSayItsSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, open(t, t.TempDir()))
		dead := s.named(t, "dead", nil)
		s.named(t, "letters", map[string]string{"RedrivePolicy": redrive("dead", 1)})
		s.send(t, dead, "sent here")
		if _, err := s.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arnOf("dead"))}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		out, err := s.ListMessageMoveTasks(t.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(arnOf("dead"))})
		if err != nil || aws.ToString(out.Results[0].FailureReason) != "CouldNotDetermineMessageSource" {
			t.Error(out, err)
		}
		if got := s.receiveAll(t, dead); len(got) != 1 {
			t.Errorf("%d messages are left", len(got))
		}
	})
}

func TestFullDiskLeavesADeadLetterWhereItWas(t *testing.T) {
	server := startChild(t, t.TempDir(), fileLimit+"=100000")
	c := &crowd{}
	c.prepare(t, server.Client)
	if err := trySend(t, server, c.url, strings.Repeat("x", 10_000)); err != nil {
		t.Fatal(err)
	}
	receive := func(url string) (int, error) {
		out, err := server.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url}, withoutRetry)
		if err != nil {
			return 0, err
		}
		return len(out.Messages), nil
	}
	if n, err := receive(c.url); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	for trySend(t, server, c.dead, strings.Repeat("y", 5_000)) == nil {
	}
	if n, err := receive(c.url); n != 0 || !isStatus(err, 500) {
		t.Errorf("%d messages, and %v", n, err)
	}
	if err := server.process.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if err := server.retrySend(t, c.dead, "there is space again"); err != nil {
		t.Fatal(err)
	}
	if n, err := receive(c.url); n != 0 || err != nil {
		t.Errorf("%d messages, and %v", n, err)
	}
	for {
		out, err := server.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &c.dead, MaxNumberOfMessages: 10})
		if err != nil || len(out.Messages) == 0 {
			t.Fatal("the dead letter did not arrive", err)
		}
		for _, m := range out.Messages {
			if strings.HasPrefix(*m.Body, "x") {
				server.kill(t)
				return
			}
		}
	}
}
