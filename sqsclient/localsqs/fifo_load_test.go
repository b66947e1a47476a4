package localsqs_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// sendNumber sends message n of a group. Its id is n, so that sending it again adds nothing.
func sendNumber(ctx context.Context, c *sqs.Client, url, group string, n int) (*sqs.SendMessageOutput, error) {
	return c.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: aws.String(strconv.Itoa(n)), MessageGroupId: &group, MessageDeduplicationId: aws.String(group + "-" + strconv.Itoa(n)),
	})
}

// groupLog is what consumers have handled, by group.
type groupLog struct {
	t    *testing.T
	mu   sync.Mutex // guards next and left
	next map[string]int
	left int
}

// handle notes that a message is handled, which must be the next of its group.
func (l *groupLog) handle(m types.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	group := m.Attributes["MessageGroupId"]
	if want := strconv.Itoa(l.next[group]); *m.Body != want {
		l.t.Errorf("group %s: handled %s, want %s", group, *m.Body, want)
	}
	l.next[group]++
	l.left--
}

func (l *groupLog) done() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left == 0
}

// consume handles and deletes what it receives, but every third time it gives all back unhandled, the last first.
func (l *groupLog) consume(s served, url string) error {
	for turn := 0; !l.done(); turn++ {
		out, err := s.ReceiveMessage(l.t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: int32(1 + turn%10), WaitTimeSeconds: 1,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{"MessageGroupId"},
		})
		if err != nil {
			return err
		}
		for i := range out.Messages {
			if turn%3 == 2 {
				err = s.tryVisibility(l.t, url, out.Messages[len(out.Messages)-1-i].ReceiptHandle, 0)
			} else {
				l.handle(out.Messages[i])
				_, err = s.DeleteMessage(l.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: out.Messages[i].ReceiptHandle})
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Several producers fill groups of their own while several consumers empty them.
func TestConsumersTogetherHandleEachGroupInOrder(t *testing.T) {
	const groups, each = 6, 60
	s := serve(t, open(t, t.TempDir()))
	url := s.fifoQueue(t, map[string]string{"VisibilityTimeout": "3600"})
	l := &groupLog{t: t, next: map[string]int{}, left: groups * each}
	var all sync.WaitGroup
	for group := range groups {
		all.Go(func() {
			for n := range each {
				if _, err := sendNumber(t.Context(), s.Client, url, strconv.Itoa(group), n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 5 {
		all.Go(func() {
			if err := l.consume(s, url); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// groupLedger is what a client of a server that is killed knows of its group.
type groupLedger struct {
	ids      []string // of the messages that it sent, "" if that was not acknowledged
	deleting int      // how many of them it has asked to delete
	deleted  int      // and how many of those were acknowledged
}

// work sends a group's messages, and deletes every third one that it receives, until the server is gone.
func (l *groupLedger) work(ctx context.Context, c *sqs.Client, url, group string, progress chan<- struct{}) {
	for err := error(nil); err == nil; {
		l.ids = append(l.ids, "")
		var sent *sqs.SendMessageOutput
		if sent, err = sendNumber(ctx, c, url, group, len(l.ids)-1); err != nil {
			return
		}
		l.ids[len(l.ids)-1] = *sent.MessageId
		if len(l.ids)%3 == 0 {
			err = l.deleteOne(ctx, c, url, group)
		}
		select {
		case progress <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

// deleteOne deletes the message that it receives if it is of the group, which nobody else deletes from, or else lets it
// go.
func (l *groupLedger) deleteOne(ctx context.Context, c *sqs.Client, url, group string) error {
	out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &url, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"MessageGroupId"},
	})
	if err != nil || len(out.Messages) == 0 {
		return err
	}
	m := out.Messages[0]
	if m.Attributes["MessageGroupId"] != group {
		_, err = c.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle})
		return err
	}
	l.deleting++
	if _, err = c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err == nil {
		l.deleted++
	}
	return err
}

// After kill -9 every message can be sent again: what was acknowledged is deduplicated, also if it was deleted, and the
// rest is there once and in order.
func TestKillUnderLoadKeepsOrderAndDeduplication(t *testing.T) {
	const groups = 6
	dir := t.TempDir()
	server := startChild(t, dir)
	url := createFIFO(t, server.Client)
	ledgers := make([]groupLedger, groups)
	ctx, stop := context.WithCancel(t.Context())
	progress := make(chan struct{})
	var clients sync.WaitGroup
	for i := range ledgers {
		clients.Go(func() { ledgers[i].work(ctx, server.Client, url, strconv.Itoa(i), progress) })
	}
	for range 200 {
		<-progress
	}
	server.kill(t)
	stop()
	clients.Wait()

	second := open(t, dir)
	again := serve(t, second)
	for i, l := range ledgers {
		for n, id := range l.ids {
			out, err := sendNumber(t.Context(), again.Client, url, strconv.Itoa(i), n)
			if err != nil || id != "" && *out.MessageId != id {
				t.Fatalf("%d of group %d was acknowledged as %q and is accepted again as %+v, %v", n, i, id, out, err)
			}
		}
	}
	again.stop()
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	found := drainGroups(t, dir)
	for i, l := range ledgers {
		left := found[strconv.Itoa(i)]
		first := len(l.ids) - len(left)
		if first < l.deleted || first > l.deleting {
			t.Errorf("group %d: %d sent, %d to %d deleted, %d left", i, len(l.ids), l.deleted, l.deleting, len(left))
		}
		for k, body := range left {
			if body != strconv.Itoa(first+k) {
				t.Fatalf("group %d is left with %v", i, left)
			}
		}
	}
}

func createFIFO(t *testing.T, c *sqs.Client) string {
	t.Helper()
	out, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String("load.fifo"), Attributes: map[string]string{"FifoQueue": "true", "VisibilityTimeout": fmt.Sprint(crashVisibility.Seconds())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl
}

// drainGroups returns the bodies that are left of each group, in the order in which they are received. In a bubble it
// outlasts the leases.
func drainGroups(t *testing.T, dir string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	leasesEnd := time.Now().Add(crashVisibility).Round(0)
	synctest.Test(t, func(t *testing.T) {
		server := open(t, dir)
		time.Sleep(time.Until(leasesEnd))
		c := client(direct{server})
		url := createFIFO(t, c)
		for {
			out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
				QueueUrl: &url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"MessageGroupId"},
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Messages) == 0 {
				return
			}
			for _, m := range out.Messages {
				found[m.Attributes["MessageGroupId"]] = append(found[m.Attributes["MessageGroupId"]], *m.Body)
				if _, err := c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	return found
}
