package localsqs_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"rehook/sqsclient/localsqs"
)

// open opens the queues in dir until the test ends.
func open(t testing.TB, dir string) *localsqs.Server {
	t.Helper()
	server, err := localsqs.Open(localsqs.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// served is a server that is being served, and a real client for it.
type served struct {
	*sqs.Client
	net  *pipeNet
	stop func() // ends Serve and waits for it; twice is fine
}

// serve serves server over pipes until the test ends.
func serve(t testing.TB, server *localsqs.Server) served {
	t.Helper()
	network := newPipeNet()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, network) }()
	transport := &http.Transport{DialContext: network.DialContext, MaxIdleConnsPerHost: 64}
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	})
	t.Cleanup(stop)
	return served{Client: client(transport), net: network, stop: stop}
}

// client is the real client of SQS, as a program has it.
func client(transport http.RoundTripper) *sqs.Client {
	return sqs.New(sqs.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://queues"),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:   &http.Client{Transport: transport},
	})
}

// pipeNet is a listener whose connections are pipes: they block durably, so a synctest bubble's time goes on.
type pipeNet struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeNet() *pipeNet {
	return &pipeNet{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *pipeNet) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case n.conns <- theirs:
		return ours, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *pipeNet) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *pipeNet) Close() error {
	select {
	case <-n.closed:
	default:
		close(n.closed)
	}
	return nil
}

func (n *pipeNet) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// queue makes a queue and returns its URL.
func (s served) queue(t testing.TB, attributes map[string]string) string {
	t.Helper()
	out, err := s.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("letters"), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl
}

func (s served) send(t testing.TB, url, body string) {
	t.Helper()
	if _, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
}
