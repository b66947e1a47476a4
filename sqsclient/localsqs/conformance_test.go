package localsqs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// The conformance tests hold the server to AWS's documentation of SQS, as requests over HTTP: each case in every
// protocol that AWS serves. Requests and answers are written once, with the names that the JSON protocol has.

// params are the parameters of a request: strings, ints, []byte, lists and params.
type params map[string]any

// list is a parameter that is a list.
type list []any

// protocol is one of the two ways to say a request and an answer.
type protocol struct {
	name    string
	request func(t *testing.T, operation string, in params) *http.Request
	// read gives an answer's output, or its error in a, with JSON's names and structure.
	read func(t *testing.T, operation string, a *answer)
}

// protocols are those that the server speaks.
var protocols = []protocol{
	{name: "JSON", request: jsonRequest, read: readJSON},
	query,
}

// conversation is a client that talks to a new server in one protocol, in a bubble of synctest.
type conversation struct {
	t        *testing.T
	protocol protocol
	http     *http.Client

	dir string // of the server
	end func() // ends the server
}

// inEachProtocol runs a test in each protocol, each time with a server of its own and with fake time.
func inEachProtocol(t *testing.T, f func(c *conversation)) {
	t.Helper()
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(newConversation(t, p)) })
		})
	}
}

func newConversation(t *testing.T, p protocol) *conversation {
	t.Helper()
	c := &conversation{t: t, protocol: p, dir: t.TempDir()}
	c.connect()
	return c
}

// connect talks to a server of the directory.
func (c *conversation) connect() {
	c.t.Helper()
	server := open(c.t, c.dir)
	s := serve(c.t, server)
	transport := &http.Transport{DialContext: s.net.DialContext, MaxIdleConnsPerHost: 8}
	c.t.Cleanup(transport.CloseIdleConnections)
	c.http = &http.Client{Transport: transport}
	c.end = func() {
		transport.CloseIdleConnections()
		s.stop()
		if err := server.Close(); err != nil {
			c.t.Error(err)
		}
	}
}

// restart goes on with another server of the same directory.
func (c *conversation) restart() {
	c.t.Helper()
	c.end()
	c.connect()
}

// within is the conversation, going on in a subtest.
func (c *conversation) within(t *testing.T) *conversation {
	t.Helper()
	return &conversation{t: t, protocol: c.protocol, http: c.http}
}

// request is one request of a table of them.
type request struct {
	name      string
	operation string
	in        params
}

// askEach asks each request in each protocol in its own subtest, of a server that prepare has prepared.
func askEach[Case any](t *testing.T, prepare func(c *conversation), cases []Case, of func(Case) request, check func(a *answer, c Case)) {
	t.Helper()
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			c := newConversation(t, p)
			prepare(c)
			for _, one := range cases {
				r := of(one)
				t.Run(r.name, func(t *testing.T) { check(c.within(t).ask(r.operation, r.in), one) })
			}
		})
	}
}

// answer is what the server said to a request.
type answer struct {
	t      *testing.T
	asked  string // the operation
	status int
	header http.Header
	text   []byte
	output any // of JSON's structure, whatever the protocol

	// Of an error: the code of the Query protocol, which both tell; the JSON protocol's type; Sender or Receiver.
	code, typ, whose, message string
}

func arnOf(name string) string { return "arn:aws:sqs:us-east-1:000000000000:" + name }

// ask sends a request and reads the answer, be it an error or not.
func (c *conversation) ask(operation string, in params) *answer {
	c.t.Helper()
	return c.do(operation, c.protocol.request(c.t, operation, in))
}

func (c *conversation) do(operation string, r *http.Request) *answer {
	c.t.Helper()
	a, err := c.try(operation, r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.protocol.read(c.t, operation, a)
	return a
}

// try may be called by goroutines other than the test's.
func (c *conversation) try(operation string, r *http.Request) (*answer, error) {
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	return &answer{t: c.t, asked: operation, status: resp.StatusCode, header: resp.Header, text: text}, nil
}

// ok asks and fails the test if the answer is an error.
func (c *conversation) ok(operation string, in params) *answer {
	c.t.Helper()
	a := c.ask(operation, in)
	if a.status != http.StatusOK {
		c.t.Fatalf("%s %v: %d %s", operation, in, a.status, a.text)
	}
	return a
}

// queue makes a queue and returns its URL.
func (c *conversation) queue(name string, attributes params) string {
	c.t.Helper()
	in := params{"QueueName": name}
	if attributes != nil {
		in["Attributes"] = attributes
	}
	return c.ok("CreateQueue", in).at("QueueUrl")
}

func (c *conversation) send(url, body string) *answer {
	c.t.Helper()
	return c.ok("SendMessage", params{"QueueUrl": url, "MessageBody": body})
}

// receive receives up to ten messages with all attributes.
func (c *conversation) receive(url string) *answer {
	c.t.Helper()
	return c.ok("ReceiveMessage", params{
		"QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": list{"All"}, "MessageAttributeNames": list{"All"},
	})
}

// attribute is the value of an attribute of a queue.
func (c *conversation) attribute(url, name string) string {
	c.t.Helper()
	return c.ok("GetQueueAttributes", params{"QueueUrl": url, "AttributeNames": list{name}}).at("Attributes/" + name)
}

// refused asks, and fails the test unless the answer is this error.
func (c *conversation) refused(operation string, in params, want refusal) {
	c.t.Helper()
	c.ask(operation, in).refused(want)
}

// refusal is an error as AWS's documentation names it.
type refusal struct {
	code   string // of the Query protocol
	typ    string // of the JSON protocol
	status int
}

func (a *answer) refused(want refusal) {
	a.t.Helper()
	if a.status != want.status || a.code != want.code || a.whose != "Sender" || a.message == "" {
		a.t.Errorf("%s: answered %d %s, want %d %s of the sender\n%s", a.asked, a.status, a.code, want.status, want.code, a.text)
	}
	if a.typ != "" && a.typ != "com.amazonaws.sqs#"+want.typ {
		a.t.Errorf("%s: error of type %s, want %s", a.asked, a.typ, want.typ)
	}
}

// at is the value at a path like "Messages/0/Body" of the output, "" if there is none.
func (a *answer) at(path string) string {
	switch v := a.node(path).(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any, []any:
		return fmt.Sprintf("(%T)", v)
	default:
		return fmt.Sprint(v)
	}
}

// count is how many elements the list or the map at a path has; 0 if there is none.
func (a *answer) count(path string) int {
	switch v := a.node(path).(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	default:
		return 0
	}
}

func (a *answer) node(path string) any {
	at := a.output
	for step := range strings.SplitSeq(path, "/") {
		switch v := at.(type) {
		case map[string]any:
			at = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return nil
			}
			at = v[i]
		default:
			return nil
		}
	}
	return at
}

// is fails the test unless the values at paths are these: path, value, path, value.
func (a *answer) is(pairs ...string) {
	a.t.Helper()
	for pair := range slices.Chunk(pairs, 2) {
		path, want := pair[0], pair[1]
		if got := a.at(path); got != want {
			a.t.Errorf("%s: %s is %q, want %q", a.asked, path, got, want)
		}
	}
}

// has fails the test unless the list or map at a path has n elements.
func (a *answer) has(n int, path string) {
	a.t.Helper()
	if got := a.count(path); got != n {
		a.t.Fatalf("%s: %d of %s, want %d\n%s", a.asked, got, path, n, a.text)
	}
}

func jsonRequest(t *testing.T, operation string, in params) *http.Request {
	t.Helper()
	if in == nil {
		in = params{}
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r := newRequest(t, http.MethodPost, "http://queues/", string(text))
	r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	return r
}

func newRequest(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readJSON(t *testing.T, _ string, a *answer) {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "application/x-amz-json-1.0" {
		t.Errorf("%s: an answer of type %q", a.asked, kind)
	}
	if a.header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("%s: an answer without a request id", a.asked)
	}
	if len(a.text) == 0 && a.status == http.StatusOK {
		return
	}
	if err := decodeNumbers(a.text, &a.output); err != nil {
		t.Fatalf("%s: %q is not JSON: %v", a.asked, a.text, err)
	}
	if a.status == http.StatusOK {
		return
	}
	a.typ, a.message = a.at("__type"), a.at("message")
	a.code, a.whose, _ = strings.Cut(a.header.Get("X-Amzn-Query-Error"), ";")
}

func decodeNumbers(text []byte, out any) error {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	return decoder.Decode(out)
}
