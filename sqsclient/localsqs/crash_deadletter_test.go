package localsqs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// crowd is clients that keep messages moving between a queue and its dead letter queue.
type crowd struct {
	url, dead string
	mu        sync.Mutex // guards sent, acknowledged
	sent      int
	acked     []string
}

func (c *crowd) prepare(t *testing.T, s *sqs.Client) {
	t.Helper()
	for _, q := range []struct {
		name       string
		attributes map[string]string
		url        *string
	}{
		{"dead", nil, &c.dead},
		{"letters", map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": redrive("dead", 1)}, &c.url},
	} {
		out, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &q.name, Attributes: q.attributes})
		if err != nil {
			t.Fatal(err)
		}
		*q.url = *out.QueueUrl
	}
}

func (c *crowd) send(ctx context.Context, s *sqs.Client) error {
	c.mu.Lock()
	c.sent++
	body := fmt.Sprint(c.sent, " ", padding[:2<<10])
	c.mu.Unlock()
	_, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &c.url, MessageBody: &body}, withoutRetry)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.acked = append(c.acked, body)
	}
	return err
}

func (c *crowd) receive(ctx context.Context, s *sqs.Client) error {
	_, err := s.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.url, MaxNumberOfMessages: 10}, withoutRetry)
	return err
}

// redrive asks for a task; that one is running already is fine.
func (c *crowd) redrive(ctx context.Context, s *sqs.Client) error {
	_, _ = s.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(arnOf("dead"))}, withoutRetry)
	return c.receive(ctx, s)
}

// check counts the messages in a copy of the directory: each that was acknowledged is in one queue, once.
func (c *crowd) check(t *testing.T, dir string, round int) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "queues")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	server := open(t, copied)
	defer func() { _ = server.Close() }()
	s := client(direct{server})
	_, err := s.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &c.url, Attributes: map[string]string{"RedrivePolicy": ""}})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, url := range []string{c.url, c.dead} {
		for more := true; more; {
			out, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 3600})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range out.Messages {
				found[*m.Body]++
			}
			more = len(out.Messages) > 0
		}
	}
	for body, n := range found {
		if n != 1 {
			t.Errorf("round %d: message %.8s is there %d times", round, body, n)
		}
	}
	for _, body := range c.acked {
		if found[body] == 0 {
			t.Errorf("round %d: message %.8s was acknowledged and is lost", round, body)
		}
	}
}

func TestKillsLeaveEveryDeadLetterInExactlyOneQueue(t *testing.T) {
	dir, c := t.TempDir(), &crowd{}
	chance := rand.New(rand.NewPCG(crashSeed(t), 0))
	for round := range crashRounds() / 5 * 2 {
		server := startChild(t, dir)
		c.prepare(t, server.Client)
		ctx, stop := context.WithCancel(t.Context())
		answered := make(chan struct{})
		var clients sync.WaitGroup
		for _, step := range []func(context.Context, *sqs.Client) error{c.send, c.receive, c.receive, c.redrive} {
			clients.Go(func() { repeat(ctx, answered, func(ctx context.Context) error { return step(ctx, server.Client) }) })
		}
		for range 20 + chance.IntN(200) {
			<-answered
		}
		server.kill(t)
		stop()
		clients.Wait()
		c.check(t, dir, round)
	}
}
