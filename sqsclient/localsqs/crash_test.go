package localsqs_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/sqsclient/localsqs"
)

// crashVisibility is longer than the test, so that every delete has the latest handle.
const crashVisibility = time.Hour

// serveChild names the directory that a child process of the tests serves, on the socket in it.
const serveChild = "LOCALSQS_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveChild); dir != "" {
		fmt.Fprintln(os.Stderr, serveSocket(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func serveSocket(dir string) error {
	limitFiles()
	server, err := localsqs.Open(localsqs.Config{Dir: dir})
	if err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(context.Background(), "unix", socketOf(dir))
	if err != nil {
		return err
	}
	return server.Serve(context.Background(), ln)
}

func socketOf(dir string) string { return filepath.Join(dir, "socket") }

// child is a process that serves a directory.
type child struct {
	*sqs.Client
	process *exec.Cmd
}

func startChild(t *testing.T, dir string, env ...string) child {
	t.Helper()
	_ = os.Remove(socketOf(dir))
	process := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this very test
	process.Env = append(append(os.Environ(), serveChild+"="+dir), env...)
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialWhenThere(ctx, socketOf(dir))
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return child{client(transport), process}
}

// dialWhenThere waits for a process that is starting.
func dialWhenThere(ctx context.Context, socket string) (net.Conn, error) {
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for range 1000 {
		if conn, err := new(net.Dialer).DialContext(ctx, "unix", socket); err == nil {
			return conn, nil
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, errors.New("the process does not answer")
}

// kill ends the process as a crash does.
func (c child) kill(t *testing.T) {
	t.Helper()
	if err := c.process.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = c.process.Wait() // "signal: killed"
}

// ledger is what clients were told.
type ledger struct {
	mu       sync.Mutex // guards both
	sent     map[string]bool
	deleting map[string]bool // asked for, perhaps not answered
	deleted  map[string]bool // answered
}

func (l *ledger) note(set map[string]bool, body string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	set[body] = true
}

// padding makes messages so long that segments are given back under load, too.
var padding = strings.Repeat("x", 100<<10)

// work sends, and receives and deletes half of what it gets, until the server is gone. Each acknowledged delete goes to
// progress.
func (l *ledger) work(ctx context.Context, c *sqs.Client, url, name string, progress chan<- struct{}) {
	for i := 0; ; i++ {
		body := fmt.Sprintf("%s-%d-%s", name, i, padding)
		if _, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
			return
		}
		l.note(l.sent, body)
		out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url})
		if err != nil {
			return
		}
		for _, m := range out.Messages {
			if i%2 == 0 {
				continue
			}
			l.note(l.deleting, *m.Body)
			if _, err := c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return
			}
			l.note(l.deleted, *m.Body)
			select {
			case progress <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}
}

func TestKillUnderLoadLosesNothingAcknowledgedAndBringsNothingBack(t *testing.T) {
	dir := t.TempDir()
	l := &ledger{sent: map[string]bool{}, deleting: map[string]bool{}, deleted: map[string]bool{}}
	for round := range crashRounds(t) {
		server := startChild(t, dir)
		url := createQueue(t, server.Client)
		ctx, stop := context.WithCancel(t.Context())
		progress := make(chan struct{})
		var clients sync.WaitGroup
		for i := range 8 {
			clients.Go(func() { l.work(ctx, server.Client, url, fmt.Sprintf("%d-%d", round, i), progress) })
		}
		for range 20 + 7*round {
			<-progress
		}
		server.kill(t)
		stop()
		clients.Wait()
	}
	l.check(t, drain(t, dir))
}

func crashRounds(t *testing.T) int {
	t.Helper()
	if testing.Short() {
		return 2
	}
	return 6
}

func createQueue(t *testing.T, c *sqs.Client) string {
	t.Helper()
	out, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String("load"), Attributes: map[string]string{"VisibilityTimeout": fmt.Sprint(crashVisibility.Seconds())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl
}

// drain returns the bodies of all messages in the directory's queue. In a bubble it outlasts the leases.
func drain(t *testing.T, dir string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	leasesEnd := time.Now().Add(crashVisibility).Round(0)
	synctest.Test(t, func(t *testing.T) {
		server := open(t, dir)
		time.Sleep(time.Until(leasesEnd))
		c := client(direct{server})
		url := createQueue(t, c)
		for {
			out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Messages) == 0 {
				return
			}
			for _, m := range out.Messages {
				found[*m.Body] = true
			}
		}
	})
	return found
}

func (l *ledger) check(t *testing.T, found map[string]bool) {
	t.Helper()
	if len(l.sent) == 0 || len(l.deleted) == 0 {
		t.Fatal("no load")
	}
	for body := range l.sent {
		if !found[body] && !l.deleting[body] {
			t.Errorf("%.20s was acknowledged and is lost", body)
		}
	}
	for body := range l.deleted {
		if found[body] {
			t.Errorf("%.20s was deleted and is back", body)
		}
	}
	t.Logf("%d sent, %d deleted, %d left", len(l.sent), len(l.deleted), len(found))
}
