package localsqs_test

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sys/unix"
)

// fileLimit is how long the child's files may become, in bytes: what a full disk looks like to one process. The limit is
// lifted when the child gets SIGUSR1.
const fileLimit = "LOCALSQS_TEST_FILE_LIMIT"

func limitFiles() {
	var limit uint64
	if _, err := fmt.Sscan(os.Getenv(fileLimit), &limit); err != nil {
		return // not limited
	}
	signal.Ignore(syscall.SIGXFSZ)
	lifted := make(chan os.Signal, 1)
	signal.Notify(lifted, syscall.SIGUSR1)
	setFileLimit(limit)
	go func() {
		<-lifted
		setFileLimit(unix.RLIM_INFINITY)
	}()
}

func setFileLimit(limit uint64) {
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: unix.RLIM_INFINITY}); err != nil {
		panic(err)
	}
}

func TestFullDiskFailsSendsKeepsReceivingAndRecovers(t *testing.T) {
	dir := t.TempDir()
	server := startChild(t, dir, fileLimit+"=100000")
	url := createQueue(t, server.Client)
	body := func(i int) string { return fmt.Sprintf("%d:%s", i, strings.Repeat("x", 10_000)) }

	acknowledged := 0
	for trySend(t, server, url, body(acknowledged)) == nil {
		acknowledged++
	}
	if acknowledged < 5 {
		t.Fatalf("%d messages fit", acknowledged)
	}
	for i := range acknowledged {
		out, err := server.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
		if err != nil || len(out.Messages) != 1 || *out.Messages[0].Body != body(i) {
			t.Fatalf("receive %d on a full disk: %v", i, err)
		}
	}

	server.refuseDelete(t, url)

	if err := server.process.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	if err := server.retrySend(t, url, body(acknowledged)); err != nil {
		t.Fatalf("send after there is space again: %v", err)
	}
	server.kill(t)
	found := drain(t, dir)
	for i := range acknowledged + 1 {
		if !found[body(i)] {
			t.Errorf("message %d was acknowledged and is lost", i)
		}
	}
}

// refuseDelete fills the last bytes of the disk, and deletes until that does not fit either. The message of the delete
// that failed must still be in flight.
func (c child) refuseDelete(t *testing.T, url string) {
	t.Helper()
	sent := 0
	for trySend(t, c, url, "small") == nil {
		sent++
	}
	for deleted := 0; ; deleted++ {
		out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
		if err != nil || len(out.Messages) != 1 {
			t.Fatalf("after %d of %d deletes: %v", deleted, sent, err)
		}
		before := c.inFlight(t, url)
		_, err = c.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: out.Messages[0].ReceiptHandle}, withoutRetry)
		if err == nil {
			continue
		}
		if after := c.inFlight(t, url); after != before {
			t.Errorf("%s in flight before the delete that failed, %s after", before, after)
		}
		return
	}
}

func (c child) inFlight(t *testing.T, url string) string {
	t.Helper()
	out, err := c.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

func withoutRetry(o *sqs.Options) { o.Retryer = aws.NopRetryer{} }

func trySend(t *testing.T, c child, url, body string) error {
	t.Helper()
	_, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}, withoutRetry)
	return err
}

// retrySend sends as a program does, with the client's own retries: the signal takes a moment.
func (c child) retrySend(t *testing.T, url, body string) error {
	t.Helper()
	_, err := c.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
	return err
}
