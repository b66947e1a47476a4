package localsqs_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"rehook/sqsclient/localsqs"
)

// open opens the queues in dir until the test ends.
func open(tb testing.TB, dir string) *localsqs.Server {
	tb.Helper()
	server, err := localsqs.Open(localsqs.Config{Dir: dir})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := server.Close(); err != nil {
			tb.Error(err)
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
func serve(tb testing.TB, server *localsqs.Server) served {
	tb.Helper()
	network := newPipeNet()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, network) }()
	transport := &http.Transport{DialContext: network.DialContext, MaxIdleConnsPerHost: 64}
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
		transport.CloseIdleConnections()
	})
	tb.Cleanup(stop)
	return served{Client: client(transport), net: network, stop: stop}
}

// client is the real client of SQS, as a program has it.
func client(transport http.RoundTripper) *sqs.Client {
	return sqs.New(sqs.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://queues"),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:   &http.Client{Transport: plainBodies{transport}},
	})
}

// plainBodies sends request bodies without their WriteTo. Smithy's, once the answer's header is there, returns an error
// from it that makes net/http drop the connection while the answer's body is being read. A server as fast as this
// one is meets that.
type plainBodies struct{ http.RoundTripper }

func (p plainBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r = r.Clone(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return p.RoundTripper.RoundTrip(r)
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
func (s served) queue(tb testing.TB, attributes map[string]string) string {
	tb.Helper()
	out, err := s.CreateQueue(tb.Context(), &sqs.CreateQueueInput{QueueName: aws.String("letters"), Attributes: attributes})
	if err != nil {
		tb.Fatal(err)
	}
	return *out.QueueUrl
}

func (s served) send(tb testing.TB, url, body string) {
	tb.Helper()
	if _, err := s.SendMessage(tb.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
		tb.Fatal(err)
	}
}

func (s served) sendDelayed(tb testing.TB, url, body string, seconds int32) {
	tb.Helper()
	if _, err := s.SendMessage(tb.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body, DelaySeconds: seconds}); err != nil {
		tb.Fatal(err)
	}
}

// receive receives the one message that there is, for so many seconds.
func (s served) receive(tb testing.TB, url string, visibility int32) types.Message {
	tb.Helper()
	out, err := s.ReceiveMessage(tb.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, VisibilityTimeout: visibility})
	if err != nil || len(out.Messages) != 1 {
		tb.Fatalf("want one message, got %+v, %v", out, err)
	}
	return out.Messages[0]
}

// receiveAll receives up to ten messages with everything that can be asked for.
func (s served) receiveAll(tb testing.TB, url string) []types.Message {
	tb.Helper()
	out, err := s.ReceiveMessage(tb.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out.Messages
}

func (s served) changeVisibility(tb testing.TB, url string, handle *string, seconds int32) {
	tb.Helper()
	if err := s.tryVisibility(tb, url, handle, seconds); err != nil {
		tb.Fatal(err)
	}
}

func (s served) tryVisibility(tb testing.TB, url string, handle *string, seconds int32) error {
	tb.Helper()
	_, err := s.ChangeMessageVisibility(tb.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: handle, VisibilityTimeout: seconds})
	return err
}

func (s served) delete(tb testing.TB, url string, handle *string) {
	tb.Helper()
	if _, err := s.DeleteMessage(tb.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: handle}); err != nil {
		tb.Fatal(err)
	}
}

// attributes returns all attributes of a queue.
func (s served) attributes(tb testing.TB, url string) map[string]string {
	tb.Helper()
	out, err := s.GetQueueAttributes(tb.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		tb.Fatal(err)
	}
	return out.Attributes
}

func isError[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isCode reports whether err has the code that the older protocol gives it.
func isCode(err error, code string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == code
}

// brokenAnswers is a transport over which requests arrive and answers do not.
type brokenAnswers struct{ handler http.Handler }

func (b brokenAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	w := brokenWriter{httptest.NewRecorder()}
	b.handler.ServeHTTP(w, r)
	return nil, io.ErrUnexpectedEOF
}

type brokenWriter struct{ *httptest.ResponseRecorder }

func (brokenWriter) FlushError() error { return io.ErrClosedPipe }

func (s served) set(tb testing.TB, url string, attributes map[string]string) {
	tb.Helper()
	if _, err := s.SetQueueAttributes(tb.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: attributes}); err != nil {
		tb.Fatal(err)
	}
}

// serveQueue serves a new directory with one queue in it, and returns the queue's URL too.
func serveQueue(tb testing.TB) (s served, url string) {
	tb.Helper()
	s = serve(tb, open(tb, tb.TempDir()))
	return s, s.queue(tb, nil)
}
