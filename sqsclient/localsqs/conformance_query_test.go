package localsqs_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// These cases are of the Query protocol alone: what it leaves to the form, the URL and the XML.

var query = protocol{name: "Query", request: queryRequest, read: readQuery}

// form posts a form, or what is almost one, to a path.
func (c *conversation) form(method, path string, form url.Values, operation string) *answer {
	c.t.Helper()
	target, body := "http://queues"+path, form.Encode()
	if method == http.MethodGet {
		target, body = target+"?"+body, ""
	}
	r := newRequest(c.t, method, target, body)
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return c.do(operation, r)
}

func TestQueryRequestsToTheQueuesPathMeanTheQueue(t *testing.T) {
	c := newConversation(t, query)
	c.queue("letters", nil)
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		const path = "/000000000000/letters"
		c.form(method, path, url.Values{"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "MessageBody": {"m & +%"}}, "SendMessage").is("MD5OfMessageBody", md5Of("m & +%"))
		got := c.form(method, path, url.Values{"Action": {"ReceiveMessage"}}, "ReceiveMessage")
		got.holds("m & +%")
		c.form(method, path, url.Values{"Action": {"DeleteMessage"}, "ReceiptHandle": {got.at("Messages/0/ReceiptHandle")}}, "DeleteMessage")
		c.form(method, path, url.Values{"Action": {"GetQueueAttributes"}, "AttributeName.1": {"All"}}, "GetQueueAttributes").is("Attributes/QueueArn", arnOf("letters"), "Attributes/ApproximateNumberOfMessagesNotVisible", "0")
	}
	c.form(http.MethodPost, "/000000000000/nowhere", url.Values{"Action": {"ReceiveMessage"}}, "ReceiveMessage").refused(noQueue)
}

func TestQueryParameterWinsOverThePath(t *testing.T) {
	c := newConversation(t, query)
	c.queue("letters", nil)
	other := c.queue("other", nil)
	c.form(http.MethodPost, "/000000000000/letters", url.Values{"Action": {"SendMessage"}, "QueueUrl": {other}, "MessageBody": {"m"}}, "SendMessage")
	c.receive(other).holds("m")
}

func TestQueryByGetDoesWhatPostDoes(t *testing.T) {
	c := newConversation(t, query)
	c.form(http.MethodGet, "/", url.Values{"Action": {"CreateQueue"}, "QueueName": {"letters"}, "Attribute.1.Name": {"DelaySeconds"}, "Attribute.1.Value": {"7"}}, "CreateQueue").is("QueueUrl", lettersURL)
	c.form(http.MethodGet, "/", url.Values{"Action": {"GetQueueUrl"}, "QueueName": {"letters"}}, "GetQueueUrl").is("QueueUrl", lettersURL)
	c.form(http.MethodGet, "/", url.Values{"Action": {"ListQueues"}}, "ListQueues").is("QueueUrls/0", lettersURL)
	c.form(http.MethodGet, "/", url.Values{"Action": {"GetQueueAttributes"}, "QueueUrl": {lettersURL}, "AttributeName": {"DelaySeconds"}}, "GetQueueAttributes").is("Attributes/DelaySeconds", "7")
	c.form(http.MethodGet, "/", url.Values{"Action": {"DeleteQueue"}, "QueueUrl": {lettersURL}}, "DeleteQueue")
	c.form(http.MethodGet, "/", url.Values{"Action": {"GetQueueUrl"}, "QueueName": {"letters"}}, "GetQueueUrl").refused(noQueue)
}

func TestQueryWithoutActionIsSaidSo(t *testing.T) {
	c := newConversation(t, query)
	a := c.form(http.MethodPost, "/", url.Values{"QueueName": {"letters"}}, "")
	if a.status != http.StatusBadRequest || a.code != "MissingAction" {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestQueryOfAMissingQueueNamesTheWSDL(t *testing.T) {
	c := newConversation(t, query)
	if a := c.ask("GetQueueUrl", params{"QueueName": "nowhere"}); a.message != "The specified queue does not exist for this wsdl version." {
		t.Error(a.message)
	}
}

func TestQueryTakesListsInTheOrderOfTheirNumbers(t *testing.T) {
	c := newConversation(t, query)
	c.fifo(params{"ContentBasedDeduplication": "true"})
	form := url.Values{"Action": {"SendMessageBatch"}, "QueueUrl": {fifoURL}}
	for _, n := range []string{"10", "2", "1", "9", "4"} { // with gaps, and 10 after 9
		at := "SendMessageBatchRequestEntry." + n + "."
		form.Set(at+"Id", "id"+n)
		form.Set(at+"MessageBody", n)
		form.Set(at+"MessageGroupId", "g")
	}
	c.form(http.MethodPost, "/", form, "SendMessageBatch").has(5, "Successful")
	c.receive(fifoURL).holds("1 2 4 9 10")
}

func TestQueryAnswersEscapeWhatXMLReadersChange(t *testing.T) {
	c := newConversation(t, query)
	c.send(c.queue("letters", nil), "a\r\nb<&>\"'")
	text := string(c.receive(lettersURL).text)
	if strings.Contains(text, "\r") || !strings.Contains(text, "&#13;") && !strings.Contains(text, "&#xD;") {
		t.Errorf("%s", text)
	}
}

func TestQueryErrorsHaveTheWholeForm(t *testing.T) {
	c := newConversation(t, query)
	text := string(c.ask("GetQueueUrl", params{"QueueName": "nowhere"}).text)
	for _, part := range []string{"<ErrorResponse xmlns=\"" + queryNamespace + "\">", "<Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>", "<Detail", "</Error><RequestId>"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), part) && !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(text, "\n", ""), "  ", ""), part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
}
