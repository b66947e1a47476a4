package localsqs_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// xmlAnswer is what the tests read of an answer in XML, whichever operation's.
type xmlAnswer struct {
	XMLName xml.Name
	Result  struct {
		QueueUrl                                                                          []string
		MessageId, MD5OfMessageBody, MD5OfMessageAttributes, MD5OfMessageSystemAttributes string
		Attribute                                                                         []pair
		Message                                                                           []xmlMessage
		Sent                                                                              []xmlEntry `xml:"SendMessageBatchResultEntry"`
		Deleted                                                                           []xmlEntry `xml:"DeleteMessageBatchResultEntry"`
		Changed                                                                           []xmlEntry `xml:"ChangeMessageVisibilityBatchResultEntry"`
		Failed                                                                            []xmlEntry `xml:"BatchResultErrorEntry"`
	} `xml:",any"`
	ResponseMetadata struct{ RequestId string }
	Error            struct{ Type, Code, Message string }
	RequestId        string
}

type pair struct{ Name, Value string }

type xmlEntry struct{ Id, MessageId, MD5OfMessageBody, SenderFault, Code, Message string }

type xmlMessage struct {
	MessageId, ReceiptHandle, Body, MD5OfBody, MD5OfMessageAttributes string
	Attribute                                                         []pair
	MessageAttribute                                                  []struct {
		Name  string
		Value struct{ StringValue, BinaryValue, DataType string }
	}
}

const lettersAt = "http://queues/000000000000/letters"

// post sends a form, of which pairs are names and values.
func post(tb testing.TB, server http.Handler, path string, pairs ...string) *httptest.ResponseRecorder {
	tb.Helper()
	form := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		form.Set(pair[0], pair[1])
	}
	return postRaw(tb, server, path, form.Encode())
}

func postRaw(tb testing.TB, server http.Handler, path, form string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "http://queues"+path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

// read parses an answer in XML.
func read(tb testing.TB, w *httptest.ResponseRecorder) xmlAnswer {
	tb.Helper()
	var a xmlAnswer
	if err := xml.Unmarshal(w.Body.Bytes(), &a); err != nil {
		tb.Fatalf("%v: %s", err, w.Body)
	}
	id := w.Header().Get("X-Amzn-Requestid")
	if id == "" || a.ResponseMetadata.RequestId+a.RequestId != id || a.XMLName.Space != "http://queue.amazonaws.com/doc/2012-11-05/" {
		tb.Errorf("request id %q, namespace %q in %s", id, a.XMLName.Space, w.Body)
	}
	if kind := w.Header().Get("Content-Type"); kind != "text/xml" {
		tb.Errorf("an answer of type %q", kind)
	}
	return a
}

// postOK sends a form to the letters' queue, whose operation must succeed.
func postOK(tb testing.TB, server http.Handler, action string, pairs ...string) xmlAnswer {
	tb.Helper()
	w := post(tb, server, "/000000000000/letters", append(pairs, "Action", action)...)
	a := read(tb, w)
	if w.Code != http.StatusOK || a.XMLName.Local != action+"Response" {
		tb.Fatalf("%s: %d %s", action, w.Code, w.Body)
	}
	return a
}

func TestQueryClientSendsAndReceives(t *testing.T) {
	server := open(t, t.TempDir())
	made := postOK(t, server, "CreateQueue", "QueueName", "letters", "Attribute.1.Name", "VisibilityTimeout", "Attribute.1.Value", "7")
	if fmt.Sprint(made.Result.QueueUrl) != "["+lettersAt+"]" {
		t.Errorf("made %q", made.Result.QueueUrl)
	}
	body := "a\r\nb\u0085\u2028<&>\"\t\U0001F600"
	sent := postOK(t, server, "SendMessage", "QueueUrl", lettersAt, "MessageBody", body,
		"MessageAttribute.1.Name", "n", "MessageAttribute.1.Value.DataType", "Number.x", "MessageAttribute.1.Value.StringValue", "5",
		"MessageAttribute.2.Name", "b", "MessageAttribute.2.Value.DataType", "Binary", "MessageAttribute.2.Value.BinaryValue", "AP8=",
		"MessageSystemAttribute.1.Name", "AWSTraceHeader", "MessageSystemAttribute.1.Value.DataType", "String", "MessageSystemAttribute.1.Value.StringValue", "Root=1")
	w := post(t, server, "/", "Action", "ReceiveMessage", "QueueUrl", lettersAt, "AttributeName.1", "All", "MessageAttributeName.1", "All")
	if !strings.Contains(w.Body.String(), "a&#13;\nb&#133;&#8232;&lt;&amp;&gt;") {
		t.Errorf("not escaped for every parser: %s", w.Body)
	}
	got := read(t, w).Result.Message
	if len(got) != 1 || got[0].Body != body || got[0].MessageId != sent.Result.MessageId || got[0].MD5OfBody != sent.Result.MD5OfMessageBody {
		t.Fatalf("sent %+v, got %+v", sent.Result, got)
	}
	if got[0].MD5OfMessageAttributes != sent.Result.MD5OfMessageAttributes || sent.Result.MD5OfMessageSystemAttributes == "" {
		t.Errorf("digests: sent %+v, got %+v", sent.Result, got[0])
	}
	if names := fmt.Sprint(got[0].MessageAttribute); names != "[{b { AP8= Binary}} {n {5  Number.x}}]" {
		t.Errorf("message attributes %s", names)
	}
	if system := fmt.Sprint(got[0].Attribute); !strings.Contains(system, "{AWSTraceHeader Root=1}") || !strings.Contains(system, "{ApproximateReceiveCount 1}") {
		t.Errorf("system attributes %s", system)
	}
	postOK(t, server, "ChangeMessageVisibility", "ReceiptHandle", got[0].ReceiptHandle, "VisibilityTimeout", "9")
	if w := post(t, server, "/000000000000/letters/", "Action", "DeleteMessage", "ReceiptHandle", got[0].ReceiptHandle); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Result>") {
		t.Errorf("delete: %d %s", w.Code, w.Body)
	}
	attributes := postOK(t, server, "GetQueueAttributes", "AttributeName.2", "VisibilityTimeout", "AttributeName.1", "ApproximateNumberOfMessagesNotVisible").Result.Attribute
	if fmt.Sprint(attributes) != "[{ApproximateNumberOfMessagesNotVisible 0} {VisibilityTimeout 7}]" {
		t.Errorf("queue attributes %v", attributes)
	}
}

// TestBothProtocolsSeeOneQueue: what one sends the other receives, with the same digests, which the SDK checks.
func TestBothProtocolsSeeOneQueue(t *testing.T) {
	server := open(t, t.TempDir())
	s := serve(t, server)
	url := s.queue(t, nil)
	postOK(t, server, "SendMessage", "MessageBody", "from a form", "MessageAttribute.1.Name", "a", "MessageAttribute.1.Value.DataType", "String", "MessageAttribute.1.Value.StringValue", "ä")
	if got := s.receiveAll(t, url); len(got) != 1 || *got[0].Body != "from a form" || *got[0].MessageAttributes["a"].StringValue != "ä" {
		t.Errorf("the SDK got %+v", got)
	}
	s.send(t, url, "from the SDK")
	if got := postOK(t, server, "ReceiveMessage").Result.Message; len(got) != 1 || got[0].Body != "from the SDK" {
		t.Errorf("the form got %+v", got)
	}
}

func TestQueryBatches(t *testing.T) {
	server := withLetters(t)
	sent := postOK(t, server, "SendMessageBatch",
		"SendMessageBatchRequestEntry.10.Id", "last", "SendMessageBatchRequestEntry.10.MessageBody", "3",
		"SendMessageBatchRequestEntry.2.Id", "first", "SendMessageBatchRequestEntry.2.MessageBody", "1",
		"SendMessageBatchRequestEntry.7.Id", "bad", "SendMessageBatchRequestEntry.7.MessageBody", "2", "SendMessageBatchRequestEntry.7.DelaySeconds", "901").Result
	if len(sent.Sent) != 2 || sent.Sent[0].Id != "first" || sent.Sent[1].Id != "last" || sent.Sent[1].MD5OfMessageBody == "" {
		t.Errorf("sent %+v", sent.Sent)
	}
	if len(sent.Failed) != 1 || sent.Failed[0].Id != "bad" || sent.Failed[0].SenderFault != "true" || sent.Failed[0].Code != "InvalidParameterValue" {
		t.Errorf("failed %+v", sent.Failed)
	}
	handle := postOK(t, server, "ReceiveMessage").Result.Message[0].ReceiptHandle
	changed := postOK(t, server, "ChangeMessageVisibilityBatch", "ChangeMessageVisibilityBatchRequestEntry.1.Id", "c",
		"ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle", handle, "ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout", "5").Result.Changed
	deleted := postOK(t, server, "DeleteMessageBatch", "DeleteMessageBatchRequestEntry.1.Id", "d", "DeleteMessageBatchRequestEntry.1.ReceiptHandle", handle).Result.Deleted
	if len(changed) != 1 || changed[0].Id != "c" || len(deleted) != 1 || deleted[0].Id != "d" {
		t.Errorf("changed %+v, deleted %+v", changed, deleted)
	}
}

// TestFormsOfOlderClients: a lone element needs no number, an empty list is an empty parameter, GET does as well.
func TestFormsOfOlderClients(t *testing.T) {
	server := withLetters(t)
	postOK(t, server, "SetQueueAttributes", "Attribute.Name", "DelaySeconds", "Attribute.Value", "3")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://queues/000000000000/letters/?Action=GetQueueAttributes&AttributeName=DelaySeconds&Version=2012-11-05", nil)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if got := read(t, w).Result.Attribute; fmt.Sprint(got) != "[{DelaySeconds 3}]" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	postOK(t, server, "ReceiveMessage", "AttributeNames", "", "MessageAttributeNames", "")
	if w := post(t, server, "/", "Action", "SendMessageBatch", "QueueUrl", lettersAt, "Entries", ""); read(t, w).Error.Code != "AWS.SimpleQueueService.EmptyBatchRequest" {
		t.Error(w.Body)
	}
	r = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://queues/?Action=ListQueues", nil)
	w = httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if got := read(t, w).Result.QueueUrl; fmt.Sprint(got) != "["+lettersAt+"]" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEmptyResultsAreElements(t *testing.T) {
	server := withLetters(t)
	for action, pairs := range map[string][]string{"ReceiveMessage": nil, "GetQueueAttributes": nil, "ListQueues": {"QueueNamePrefix", "x"}} {
		w := post(t, server, "/000000000000/letters", append(pairs, "Action", action)...)
		if want := "<" + action + "Result></" + action + "Result>"; w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", action, w.Code, w.Body)
		}
	}
}

func TestQueryErrors(t *testing.T) {
	server := withLetters(t)
	many := &strings.Builder{}
	for i := range 20_000 {
		fmt.Fprintf(many, "&AttributeName.%d=All", i+1)
	}
	entries := &strings.Builder{}
	for i := range 2000 {
		fmt.Fprintf(entries, "&DeleteMessageBatchRequestEntry.%d.Id=%d", i+1, i)
	}
	for name, c := range map[string]struct {
		form    string
		status  int
		code    string
		message string // a part of it
	}{
		"missing queue":     {"Action=GetQueueUrl&QueueName=x", 400, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version."},
		"missing parameter": {"Action=SendMessage", 400, "MissingParameter", "The request must contain the parameter MessageBody."},
		"missing name":      {"Action=SetQueueAttributes&Attribute.1.Value=3", 400, "MissingParameter", "Attribute.1.Name"},
		"no action":         {"Version=2012-11-05", 400, "MissingAction", "Action"},
		"unknown action":    {"Action=Dance", 400, "InvalidAction", "The action Dance is not valid for this endpoint."},
		"wild action":       {"Action=%00%ff%3C", 400, "InvalidAction", "<"},
		"no number":         {"Action=ReceiveMessage&MaxNumberOfMessages=ten", 400, "MalformedInput", "MaxNumberOfMessages"},
		"no number within":  {"Action=SendMessageBatch&SendMessageBatchRequestEntry.1.DelaySeconds=x", 400, "MalformedInput", "SendMessageBatchRequestEntry.1.DelaySeconds"},
		"out of range":      {"Action=ReceiveMessage&MaxNumberOfMessages=11", 400, "InvalidParameterValue", "between 1 and 10"},
		"no base64":         {"Action=SendMessage&MessageBody=m&MessageAttribute.1.Name=a&MessageAttribute.1.Value.BinaryValue=%21", 400, "MalformedInput", "MessageAttribute.1.Value.BinaryValue"},
		"named twice":       {"Action=SendMessage&MessageBody=m&MessageAttribute.1.Name=a&MessageAttribute.2.Name=a", 400, "MalformedInput", "a"},
		"index 0":           {"Action=GetQueueAttributes&AttributeName.0=All", 400, "MalformedInput", "0 is not a valid index"},
		"index x":           {"Action=SendMessageBatch&SendMessageBatchRequestEntry.x.Id=1", 400, "MalformedInput", "x is not a valid index"},
		"index too large":   {"Action=GetQueueAttributes&AttributeName.99999999999999999999=All", 400, "MalformedInput", "not a valid index"},
		"bad escape":        {"Action=%zz", 404, "MalformedQueryString", "syntax"},
		"bad escape later":  {"Action=ListQueues&x=%f", 404, "MalformedQueryString", "syntax"},
		"too many":          {"Action=GetQueueAttributes" + many.String(), 400, "MalformedInput", "10000"},
		"too many entries":  {"Action=DeleteMessageBatch" + entries.String(), 400, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "You have sent 2000."},
		"not UTF-8":         {"Action=SendMessage&MessageBody=%ff", 400, "InvalidMessageContents", "Invalid"},
		"no character":      {"Action=SendMessage&MessageBody=%00", 400, "InvalidMessageContents", "Invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			w := postRaw(t, server, "/000000000000/letters", c.form)
			a := read(t, w)
			if w.Code != c.status || a.XMLName.Local != "ErrorResponse" || a.Error.Type != "Sender" || a.Error.Code != c.code || !strings.Contains(a.Error.Message, c.message) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	postOK(t, server, "PurgeQueue")
	w := post(t, server, "/000000000000/letters", "Action", "PurgeQueue")
	if a := read(t, w); w.Code != http.StatusForbidden || a.Error.Code != "AWS.SimpleQueueService.PurgeQueueInProgress" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestStrangeFormsDoNotHurt(t *testing.T) {
	server := withLetters(t)
	if got := postOK(t, server, "GetQueueAttributes", "AttributeName.999999999", "DelaySeconds").Result.Attribute; fmt.Sprint(got) != "[{DelaySeconds 0}]" {
		t.Errorf("%v", got)
	}
	postOK(t, server, "ListQueues", strings.Repeat("a.", 1<<20), "x", "", "", ".", "", "QueueNamePrefix.1.Name", "y")
}

// FuzzForm answers any form with XML and without a fault of its own.
func FuzzForm(f *testing.F) {
	f.Add("Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Tag.1.Key=a&Tag.1.Value=b", "")
	f.Add("Action=SendMessage&MessageBody=%F0%9F%98%80+a&MessageAttribute.1.Name=a&MessageAttribute.1.Value.DataType=Number&MessageAttribute.1.Value.StringValue=1e5", "")
	f.Add("Action=SendMessage&MessageBody=m&MessageAttribute.Name=a&MessageAttribute.Value.DataType=Binary&MessageAttribute.Value.BinaryValue=AP8%3D", "")
	f.Add("Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=1&SendMessageBatchRequestEntry.1.MessageBody=m&SendMessageBatchRequestEntry.1.DelaySeconds=3", "")
	f.Add("Action=DeleteMessageBatch&Entries.2.Id=1&Entries.2.ReceiptHandle=AAAA", "a=b")
	f.Add("MaxNumberOfMessages=10&AttributeName.1=All&MessageAttributeName=a.%2A", "Action=ReceiveMessage")
	f.Add("", "Action=AddPermission&Label=l&AWSAccountId.1=000000000000&ActionName.1=%2A")
	f.Add("Action=ListQueues&MaxResults=3&NextToken=AAAA;&&=&.=.", "")
	server := open(f, f.TempDir())
	postOK(f, server, "CreateQueue", "QueueName", "letters")
	f.Fuzz(func(t *testing.T, form, inURL string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://queues/000000000000/letters", strings.NewReader(form))
		r.URL.RawQuery = inURL
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		given, _ := url.ParseQuery(form + "&" + inURL)
		for name := range given {
			if strings.HasPrefix(name, "WaitTime") || slices.ContainsFunc(given[name], func(v string) bool { return strings.Contains(v, "WaitTime") }) {
				t.Skip("would wait")
			}
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		var answer element
		if err := xml.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code >= http.StatusInternalServerError {
			t.Errorf("%d %q: %v", w.Code, w.Body, err)
		}
	})
}

func TestLongFormsAreNotReadWhole(t *testing.T) {
	for name, length := range map[string]int64{"declared": 9 << 20, "chunked": -1} {
		t.Run(name, func(t *testing.T) {
			body := &counted{Reader: io.LimitReader(spaces{}, 64<<20)}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://queues/", body)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.ContentLength = length
			w := httptest.NewRecorder()
			withLetters(t).ServeHTTP(w, r)
			if a := read(t, w); w.Code != http.StatusRequestEntityTooLarge || a.Error.Code != "RequestEntityTooLarge" || body.n > 9<<20 {
				t.Errorf("%d %s after %d bytes", w.Code, w.Body, body.n)
			}
		})
	}
}

type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// TestQueryClientThatLeftIsGivenNothing: it waits, goes, and the message that comes then is for who is there.
func TestQueryClientThatLeftIsGivenNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		ctx, leave := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("Action=ReceiveMessage&WaitTimeSeconds=20"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		transport := &http.Transport{DialContext: s.net.DialContext}
		defer transport.CloseIdleConnections()
		time.AfterFunc(5*time.Second, leave)
		if answer, err := transport.RoundTrip(r); err == nil {
			_ = answer.Body.Close()
			t.Fatal("the poll ended before its time")
		}
		synctest.Wait()
		s.send(t, url, "m")
		if got := s.receiveAll(t, url); len(got) != 1 || got[0].Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("it was lent to a client that had gone: %+v", got)
		}
	})
}

// TestQueryAnswerThatDidNotArriveIsTakenBack: the message is as it was before.
func TestQueryAnswerThatDidNotArriveIsTakenBack(t *testing.T) {
	server := open(t, t.TempDir())
	s := serve(t, server)
	url := s.queue(t, nil)
	s.send(t, url, "m")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, lettersAt, strings.NewReader("Action=ReceiveMessage"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	server.ServeHTTP(brokenWriter{httptest.NewRecorder()}, r)
	out, err := s.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}})
	if err != nil || len(out.Messages) != 1 || out.Messages[0].Attributes["ApproximateReceiveCount"] != "1" {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodHead} {
		w := httptest.NewRecorder()
		withLetters(t).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "http://queues/?Action=ListQueues", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
}
