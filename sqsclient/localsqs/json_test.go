package localsqs_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rehook/sqsclient/localsqs"
)

// ask sends a request as it is and returns the answer.
func ask(tb testing.TB, server *localsqs.Server, operation, body string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "http://queues/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

func askOK(t *testing.T, server *localsqs.Server, operation, body string) string {
	t.Helper()
	w := ask(t, server, operation, body)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", operation, w.Code, w.Body)
	}
	return w.Body.String()
}

const letters = `"QueueUrl":"http://queues/000000000000/letters"`

func withLetters(t *testing.T) *localsqs.Server {
	t.Helper()
	server := open(t, t.TempDir())
	askOK(t, server, "CreateQueue", `{"QueueName":"letters"}`)
	return server
}

func TestErrorsHaveTypeAndQueryCode(t *testing.T) {
	server := withLetters(t)
	for name, c := range map[string]struct {
		operation, body string
		status          int
		typ, query      string
	}{
		"missing queue":     {"GetQueueUrl", `{"QueueName":"x"}`, 400, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue;Sender"},
		"missing parameter": {"SendMessage", `{"MessageBody":"m"}`, 400, "MissingRequiredParameterException", "MissingParameter;Sender"},
		"bad parameter":     {"ReceiveMessage", `{` + letters + `,"MaxNumberOfMessages":11}`, 400, "InvalidParameterValueException", "InvalidParameterValue;Sender"},
		"bad handle":        {"DeleteMessage", `{` + letters + `,"ReceiptHandle":"x"}`, 400, "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid;Sender"},
		"unknown operation": {"Dance", `{}`, 400, "UnknownOperationException", "UnknownOperationException;Sender"},
		"not JSON":          {"SendMessage", `{`, 400, "SerializationException", "SerializationException;Sender"},
		"wrong type":        {"SendMessage", `{"MessageBody":5}`, 400, "SerializationException", "SerializationException;Sender"},
		"lone surrogate":    {"SendMessage", `{` + letters + `,"MessageBody":"\ud83d"}`, 400, "InvalidMessageContents", "InvalidMessageContents;Sender"},
		"surrogates turned": {"SendMessage", `{` + letters + `,"MessageBody":"\\\ude00\ud83d"}`, 400, "InvalidMessageContents", "InvalidMessageContents;Sender"},
		"not UTF-8":         {"SendMessage", `{` + letters + `,"MessageBody":"` + "\xff" + `"}`, 400, "InvalidMessageContents", "InvalidMessageContents;Sender"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ask(t, server, c.operation, c.body)
			var answer struct {
				Type    string `json:"__type"`
				Message string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			if w.Code != c.status || answer.Type != "com.amazonaws.sqs#"+c.typ || w.Header().Get("x-amzn-query-error") != c.query || answer.Message == "" {
				t.Errorf("%d %q %+v", w.Code, w.Header().Get("x-amzn-query-error"), answer)
			}
		})
	}
}

func TestSurrogatePairIsOneCharacter(t *testing.T) {
	server := withLetters(t)
	askOK(t, server, "SendMessage", `{`+letters+`,"MessageBody":"\\ud83d \ud83d\ude00"}`)
	if got := askOK(t, server, "ReceiveMessage", `{`+letters+`}`); !strings.Contains(got, `"Body":"\\ud83d `+"\U0001F600"+`"`) {
		t.Error(got)
	}
}

func TestDelayOfZeroIsADelay(t *testing.T) {
	server := open(t, t.TempDir())
	askOK(t, server, "CreateQueue", `{"QueueName":"letters","Attributes":{"DelaySeconds":"60"}}`)
	askOK(t, server, "SendMessage", `{`+letters+`,"MessageBody":"m","DelaySeconds":0}`)
	if got := askOK(t, server, "ReceiveMessage", `{`+letters+`}`); !strings.Contains(got, `"Body":"m"`) {
		t.Error(got)
	}
}

func TestEmptyReceiveHasNoMessagesKey(t *testing.T) {
	if got := askOK(t, withLetters(t), "ReceiveMessage", `{`+letters+`}`); got != "{}" {
		t.Error(got)
	}
}

// unreadable fails the test when the body of a request is read.
type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestRequestThatSaysItIsTooLongIsNotRead(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://queues/", unreadable{t})
	r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
	r.ContentLength = 8<<20 + 1
	w := httptest.NewRecorder()
	withLetters(t).ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Error(w.Code)
	}
}

func TestRequestThatTurnsOutTooLongIsCutOff(t *testing.T) {
	body := &counted{Reader: io.LimitReader(spaces{}, 64<<20)}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://queues/", body)
	r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
	r.ContentLength = -1
	w := httptest.NewRecorder()
	withLetters(t).ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || body.n > 9<<20 {
		t.Errorf("%d %s after %d bytes", w.Code, w.Body, body.n)
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// FuzzRequest answers any request with JSON and without a fault of its own.
func FuzzRequest(f *testing.F) {
	f.Add("CreateQueue", `{"QueueName":"q","Attributes":{"DelaySeconds":"5"}}`)
	f.Add("SendMessage", `{`+letters+`,"MessageBody":"\ud83d\ude00","MessageAttributes":{"a":{"DataType":"Number","StringValue":"1e5"}}}`)
	f.Add("SendMessageBatch", `{`+letters+`,"Entries":[{"Id":"1","MessageBody":"m","DelaySeconds":3}]}`)
	f.Add("ReceiveMessage", `{`+letters+`,"MaxNumberOfMessages":10,"AttributeNames":["All"],"MessageAttributeNames":["a.*"]}`)
	f.Add("DeleteMessageBatch", `{`+letters+`,"Entries":[{"Id":"1","ReceiptHandle":"AAAA"}]}`)
	f.Add("ChangeMessageVisibility", `{`+letters+`,"ReceiptHandle":"AAAA","VisibilityTimeout":3}`)
	f.Add("ListQueues", `{"MaxResults":3,"NextToken":"AAAA"}`)
	f.Add("SetQueueAttributes", `{`+letters+`,"Attributes":{"Policy":""}}`)
	server := open(f, f.TempDir())
	if w := ask(f, server, "CreateQueue", `{"QueueName":"letters"}`); w.Code != http.StatusOK {
		f.Fatal(w.Body)
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		if strings.Contains(body, "WaitTime") || strings.ContainsAny(operation, "\r\n") {
			t.Skip("would wait")
		}
		w := ask(t, server, operation, body)
		if !json.Valid(w.Body.Bytes()) || w.Code >= http.StatusInternalServerError {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	})
}

func TestEveryEscapeIsReadAsTheCharacterThatItStandsFor(t *testing.T) {
	server := withLetters(t)
	for escaped, want := range map[string]string{
		`\"\\\/`:                         `"\/`,
		`a\tb\nc\rd`:                     "a\tb\nc\rd",
		`\u0041\u00e9\u20AC\ud83d\uDE00`: "Aé€\U0001F600",
		`é\ufffdé`:                       "é\ufffdé",
		`{\"a\":\"\\u0041\"}`:            `{"a":"\u0041"}`,
	} {
		askOK(t, server, "SendMessage", `{`+letters+`,"MessageBody":"`+escaped+`"}`)
		var got struct{ Messages []struct{ Body string } }
		if err := json.Unmarshal([]byte(askOK(t, server, "ReceiveMessage", `{`+letters+`}`)), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Messages) != 1 || got.Messages[0].Body != want {
			t.Errorf("%s: %q, want %q", escaped, got.Messages, want)
		}
	}
	for _, escaped := range []string{`\b`, `\f`, `\u0000`, `\ud83d\u0041`, `\ud83d\ud83d\ude00`, `\ude00`} {
		if w := ask(t, server, "SendMessage", `{`+letters+`,"MessageBody":"`+escaped+`"}`); !strings.Contains(w.Body.String(), "InvalidMessageContents") {
			t.Errorf("%s: %d %s", escaped, w.Code, w.Body)
		}
	}
}
