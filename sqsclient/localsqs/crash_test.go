package localsqs_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/sqsclient/localsqs"
)

// serveChild names the directory that a child process of the tests serves. It prints the address.
const serveChild = "LOCALSQS_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveChild); dir != "" {
		fmt.Fprintln(os.Stderr, serveTCP(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func serveTCP(dir string) error {
	limitFiles()
	server, err := localsqs.Open(localsqs.Config{Dir: dir})
	if err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(os.Stdout, ln.Addr())
	return server.Serve(context.Background(), ln)
}

// child is a process that serves a directory.
type child struct {
	*sqs.Client
	process *exec.Cmd
}

func startChild(t *testing.T, dir string, env ...string) child {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this very test
	process.Env = append(append(os.Environ(), serveChild+"="+dir), env...)
	process.Stderr = os.Stderr
	says, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(says).ReadString('\n')
	if err != nil {
		t.Fatalf("the child says %q, and %v", address, err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", strings.TrimSpace(address))
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return child{client(transport), process}
}

// kill ends the process as a crash does.
func (c child) kill(t *testing.T) {
	t.Helper()
	if err := c.process.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = c.process.Wait() // "signal: killed"
}

// crashVisibility is longer than the test: whatever was received stays hidden until it is given back.
const crashVisibility = time.Hour

// crashSeed chooses what the clients do and when the crashes come. It is printed, and LOCALSQS_TEST_SEED sets it.
func crashSeed(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("LOCALSQS_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("LOCALSQS_TEST_SEED=%d", seed)
	return seed
}

func crashRounds() int {
	if testing.Short() {
		return 5
	}
	return 50
}

func TestFiftyKillsUnderLoadLoseNothingAcknowledgedAndBringNothingBack(t *testing.T) {
	dir, seed := t.TempDir(), crashSeed(t)
	l := newLedger(t)
	chance := rand.New(rand.NewPCG(seed, 0))
	for round := range crashRounds() {
		server := startChild(t, dir)
		l.round(server.Client, seed, round, chance.IntN(120), func() { server.kill(t) })
	}
	l.settle(dir)
}

// createQueue makes a queue that hides what is received for crashVisibility.
func createQueue(tb testing.TB, c *sqs.Client) string {
	tb.Helper()
	out, err := c.CreateQueue(tb.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String("load"), Attributes: map[string]string{"VisibilityTimeout": fmt.Sprint(crashVisibility.Seconds())},
	})
	if err != nil {
		tb.Fatal(err)
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
