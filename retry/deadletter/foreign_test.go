package deadletter_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rehook/retry/deadletter"
)

// message is one that another program has sent.
type message struct {
	body       []byte
	attributes map[string]deadletter.Attribute
}

// captured are the samples of testdata/foreign, in the main those of the documentation of AWS.
func captured(tb testing.TB) map[string]message {
	tb.Helper()
	names, err := filepath.Glob("testdata/foreign/*.json")
	if err != nil || len(names) == 0 {
		tb.Fatal(names, err)
	}
	all := map[string]message{}
	for _, name := range names {
		if strings.HasSuffix(name, ".attributes.json") {
			continue
		}
		m := message{body: read(tb, name)}
		if beside := strings.TrimSuffix(name, ".json") + ".attributes.json"; slices.Contains(names, beside) {
			var values map[string]string
			if err := json.Unmarshal(read(tb, beside), &values); err != nil {
				tb.Fatal(err)
			}
			m.attributes = texts(values)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".json")] = m
	}
	return all
}

func read(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func texts(values map[string]string) map[string]deadletter.Attribute {
	attributes := map[string]deadletter.Attribute{}
	for name, v := range values {
		attributes[name] = deadletter.Attribute{Type: "String", String: v}
	}
	return attributes
}

func TestMessagesOfOtherProgramsAreLetters(t *testing.T) {
	all := captured(t)
	whole := func(name string) string { return string(all[name].body) }
	jsonBody := deadletter.Headers{"Content-Type": {"application/json"}}
	gone := "RequestId: e4b46cbf-b738-xmpl-8880-a18cdf61200e Process exited before completing request"
	want := map[string]deadletter.Letter{
		"eventbridge": {ID: "6a7e8feb-b491-4cf7-a9f1-bf3703467718", Timestamp: day(2017, 12, 22, 18, 43, 48), Source: "eventbridge", Headers: jsonBody, Payload: []byte(whole("eventbridge"))},
		"eventbridge_dead": {
			ID: "19cf88c8-d3b7-801f-941f-36c79fff4e49", Timestamp: day(2017, 12, 22, 18, 43, 48), Source: "eventbridge", Headers: jsonBody, Payload: []byte(whole("eventbridge")),
			Error: "SDK_CLIENT_ERROR: Unable to invoke ApiDestination endpoint: The request failed because the endpoint answered with status 503.: retries 24, MaximumEventAgeInSeconds",
		},
		"genesys": {
			ID: "d8fec343-61f4-8df0-90be-9b0d1a80716c", Timestamp: day(2026, 11, 24, 3, 0, 0), Source: "eventbridge", Headers: jsonBody, Payload: []byte(whole("genesys")),
			Error: "NO_PERMISSIONS: The role may not invoke the target.",
		},
		"sns": {
			ID: "8d95cbc7-13e4-8f61-95d2-8c0d91a59f53", Timestamp: day(2012, 5, 2, 0, 54, 6).Add(655 * time.Millisecond), Source: "sns", Headers: jsonBody,
			Payload: []byte("{\"n\":1.0, \"s\":\"<\\u00e9> \U0001F600\\n\"}"),
		},
		"sns_text": {
			ID: "8d95cbc7-13e4-8f61-95d2-8c0d91a59f53", Timestamp: day(2012, 5, 2, 0, 54, 6).Add(655 * time.Millisecond), Source: "sns",
			Headers: deadletter.Headers{"Content-Type": {"text/plain; charset=utf-8"}}, Payload: []byte("Hello world!"),
		},
		"lambda_dead": {ID: "e4b46cbf-b738-xmpl-8880-a18cdf61200e", Source: "lambda", Headers: jsonBody, Payload: []byte(whole("lambda_dead")), Error: "200: " + gone},
		"lambda": {
			ID: "e4b46cbf-b738-xmpl-8880-a18cdf61200e", Timestamp: day(2019, 11, 14, 18, 16, 5).Add(568 * time.Millisecond), Source: "lambda", Headers: jsonBody,
			Payload: []byte(between(whole("lambda"), `"requestPayload": `, ",\n    \"responseContext\"")), Error: "RetriesExhausted: invocations 3: Unhandled: " + gone,
		},
		"bare":       {ID: "message-1", Source: "bare", Headers: jsonBody, Payload: []byte(whole("bare")), Error: `not a letter: "original_endpoint" is missing`},
		"unreadable": {ID: "message-1", Source: "unreadable", Payload: []byte(whole("unreadable")), Error: "not a letter: it is not JSON"},
	}
	if got, want := slices.Sorted(maps.Keys(all)), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) {
		t.Fatalf("samples %q, expected %q", got, want)
	}
	for name, m := range all {
		first := deadletter.Read(m.body, m.attributes, "message-1")
		again, err := deadletter.Decode(first.Encode())
		if err != nil || !reflect.DeepEqual(again, first) {
			t.Errorf("%s: after a rewrite %+v, %v, want %+v", name, again, err, first)
		}
		if again := deadletter.Read(first.Encode(), m.attributes, "message-2"); !reflect.DeepEqual(again, first) {
			t.Errorf("%s: beside its attributes its rewrite is taken for %+v", name, again)
		}
		if got, want := shown(t, first), shown(t, new(want[name])); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %v\nwant %v", name, got, want)
		}
	}
}

func day(year, month, day, hour, minute, second int) time.Time {
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}

// shown is a letter as others read it, without what was around its payload.
func shown(t *testing.T, l *deadletter.Letter) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(l.Encode(), &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "envelope")
	m["payload bytes"] = string(l.Payload)
	return m
}

func TestWhatSurroundedAPayloadIsKept(t *testing.T) {
	for _, name := range []string{"sns", "sns_text", "lambda"} {
		m := captured(t)[name]
		var want map[string]json.RawMessage
		if err := json.Unmarshal(m.body, &want); err != nil {
			t.Fatal(err)
		}
		delete(want, "Message")
		delete(want, "requestPayload")
		l := deadletter.Read(m.body, m.attributes, "message-1")
		for range 3 {
			var err error
			if l, err = deadletter.Decode(l.Encode()); err != nil {
				t.Fatal(err)
			}
		}
		if got := envelope(t, l); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: kept %s, want %s", name, got, want)
		}
	}
}

func envelope(tb testing.TB, l *deadletter.Letter) map[string]json.RawMessage {
	tb.Helper()
	var kept struct{ Envelope map[string]json.RawMessage }
	if err := json.Unmarshal(l.Encode(), &kept); err != nil {
		tb.Fatal(err)
	}
	return kept.Envelope
}

func TestCopiesForOtherSubscriptionsHaveIDsOfTheirOwn(t *testing.T) {
	body := string(captured(t)["sns"].body)
	other := strings.Replace(body, "c9135db0-26c4", "d0246ec1-37d5", 1)
	first, again := deadletter.Read([]byte(body), nil, "message-1"), deadletter.Read([]byte(body), nil, "message-2")
	if first.ID != again.ID {
		t.Errorf("one notification has the ids %q and %q", first.ID, again.ID)
	}
	if l := deadletter.Read([]byte(other), nil, "message-3"); l.ID == first.ID || l.ID == "message-3" {
		t.Errorf("the copy of another subscription has the id %q, the first %q", l.ID, first.ID)
	}
}

// A schedule of EventBridge sends what it was given each time, with whatever id stands in that.
func TestWhatAScheduleSendsTwiceIsTwoLetters(t *testing.T) {
	body := []byte(`{"id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","time":"2020-01-01T00:00:00Z","do":"sync"}`)
	attributes := texts(map[string]string{
		"SCHEDULE_ARN": "arn:aws:scheduler:us-east-1:111122223333:schedule/default/sync", "EXECUTION_ID": "d39f4f4b-7a35-4a4e-8bc1-3d63b2a2f1c1",
		"TARGET_ARN": "arn:aws:lambda:us-east-1:111122223333:function:sync", "ERROR_CODE": "AWS.Lambda.ThrottlingException", "RETRY_ATTEMPTS": "3",
	})
	first, second := deadletter.Read(body, attributes, "message-1"), deadletter.Read(body, attributes, "message-2")
	if first.Source != "eventbridge" || !first.Timestamp.IsZero() || first.ID != "message-1" || second.ID != "message-2" {
		t.Errorf("got %+v and %+v", first, second)
	}
}

func TestEnvelopeCannotSetTheLettersOwnFields(t *testing.T) {
	body := strings.Replace(string(captured(t)["sns"].body), `"Type"`, `"original_endpoint":"http://evil.example","parked":{"at":"2026-01-01"},"id":"x","retry_count":9,"Type"`, 1)
	l, err := deadletter.Decode(deadletter.Read([]byte(body), nil, "message-1").Encode())
	if err != nil || l.Source != "sns" || l.OriginalEndpoint != "" || l.Parked != nil || l.RetryCount != 0 || l.ID != "8d95cbc7-13e4-8f61-95d2-8c0d91a59f53" {
		t.Errorf("got %+v, %v", l, err)
	}
	if kept := envelope(t, l); string(kept["original_endpoint"]) != `"http://evil.example"` || string(kept["retry_count"]) != "9" {
		t.Errorf("kept %s", kept)
	}
}

func TestLettersOfOtherToolsAreNotForeign(t *testing.T) {
	attributes := maps.Clone(captured(t)["eventbridge_dead"].attributes)
	maps.Copy(attributes, captured(t)["lambda_dead"].attributes)
	if l := deadletter.Read([]byte(tutorial), attributes, "message-1"); l.Source != "" || l.OriginalEndpoint == "" || l.ID == "message-1" || l.Error != "" {
		t.Errorf("got %+v", l)
	}
}

func TestNotificationsMayHaveAnyAttributes(t *testing.T) {
	all := captured(t)
	if l := deadletter.Read(all["sns"].body, all["lambda_dead"].attributes, "message-1"); l.Source != "sns" || l.ID != "8d95cbc7-13e4-8f61-95d2-8c0d91a59f53" {
		t.Errorf("got %+v", l)
	}
}

func TestStatusIsThatOfAFailedRequest(t *testing.T) {
	for code, want := range map[string]int{"503": 503, "429": 429, "302": 302, "200": 0, "99": 0, "1e400": 0, "SDK_CLIENT_ERROR": 0, "": 0, "600": 0} {
		l := deadletter.Read([]byte(`{}`), texts(map[string]string{"RULE_ARN": "arn", "ERROR_CODE": code}), "message-1")
		if l.ErrorCode != want || !strings.Contains(l.Error, code) || l.Source != "eventbridge" {
			t.Errorf("%q: %d, %q", code, l.ErrorCode, l.Error)
		}
	}
}

func TestIDsThatAreNoneOfTheirsAreNotTaken(t *testing.T) {
	for _, id := range []string{"1", "", strings.Repeat("a", 36), "6a7e8feb-b491-4cf7-a9f1-bf37034677\u00e9", "6a7e8feb-b491-4cf7-a9f1-bf37034677\r\n", strings.Repeat("x", 1<<10)} {
		l := deadletter.Read([]byte(`[]`), texts(map[string]string{"RequestID": id, "ErrorCode": "200"}), "message-1")
		if l.ID != "message-1" || l.Source != "lambda" {
			t.Errorf("%q: id %q of %q", id, l.ID, l.Source)
		}
	}
}

func TestWhatOthersSayOfAnErrorIsBounded(t *testing.T) {
	l := deadletter.Read([]byte(`{}`), texts(map[string]string{"RULE_ARN": "arn", "ERROR_MESSAGE": "\xff" + strings.Repeat("é", 1<<19)}), "message-1")
	if n := len(l.Error); n < 1000 || n > 1100 || strings.Contains(l.Error, "\xff") {
		t.Errorf("%d bytes", n)
	}
}

func TestHostileEnvelopesLoseNothing(t *testing.T) {
	const sns = `{"Type":"Notification","TopicArn":"a","MessageId":"m","Message":`
	for name, body := range map[string]string{
		"half a surrogate pair": sns + `"a\ud800b"}`,
		"not UTF-8":             sns + "\"a\xffb\"}",
		"two messages":          sns + `"first","Message":"last"}`,
		"no string":             sns + `{"a":1}}`,
		"escaped name":          sns + `"first","\u004dessage":"last"}`,
		"deep":                  sns + `"m","z":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		"too deep":              sns + `"m","z":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
		"huge number":           sns + `"m","Timestamp":1e999999,"z":` + strings.Repeat("9", 1<<20) + `}`,
		"many members":          sns + `"m"` + strings.Repeat(`,"a":1`, 1<<17) + `}`,
		"large":                 sns + `"` + strings.Repeat("m", 1<<20) + `"}`,
		"noncharacter":          sns + "\"\ufffe\",\"\uffff\":\"\ufffe\"}",
		"null event":            `{"requestContext":{"requestId":"r","functionArn":"f"},"requestPayload":null}`,
	} {
		t.Run(name, func(t *testing.T) { holdForeign(t, []byte(body), nil) })
	}
}

// holdForeign states what is true of every message there is.
func holdForeign(tb testing.TB, body []byte, attributes map[string]deadletter.Attribute) {
	tb.Helper()
	original := bytes.Clone(body)
	first := deadletter.Read(body, attributes, "m")
	if !bytes.Equal(body, original) {
		tb.Fatal("reading changed its input")
	}
	encoded := first.Encode()
	second, err := deadletter.Decode(encoded)
	if err != nil {
		tb.Fatalf("%q was written as %q, which does not read: %v", body, encoded, err)
	}
	if again := second.Encode(); !bytes.Equal(again, encoded) {
		tb.Fatalf("a rewrite changed\n%q to\n%q", encoded, again)
	}
	if !bytes.Equal(second.Payload, first.Payload) {
		tb.Fatalf("payload %q came back as %q", first.Payload, second.Payload)
	}
	if _, err := deadletter.Decode(body); err == nil || bytes.Equal(first.Payload, body) {
		return
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil || !utf8.Valid(body) {
		tb.Fatalf("%q was taken apart: %v", body, err)
	}
	kept := envelope(tb, second)
	for name, value := range all {
		if got, ok := kept[name]; ok && sameJSON(got, value) {
			continue
		}
		var text string
		if json.Unmarshal(value, &text) == nil && text == string(first.Payload) && !strings.Contains(text, "\ufffd") || bytes.Equal(value, first.Payload) {
			continue
		}
		tb.Fatalf("%q has lost %q: kept %s and %q", body, name, kept, first.Payload)
	}
	if n, m := strings.Count(string(encoded), `\ud800`), strings.Count(string(body), `\ud800`); n < m {
		tb.Fatalf("%q has lost half a surrogate pair in %q", body, encoded)
	}
}

// sameJSON compares two texts of JSON whose strings may be escaped in other ways.
func sameJSON(a, b []byte) bool {
	var x, y any
	return bytes.Equal(a, b) || json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func FuzzReadForeign(f *testing.F) {
	for _, m := range captured(f) {
		a := func(name string) string { return m.attributes[name].String }
		f.Add(m.body, a("RULE_ARN"), a("ERROR_CODE"), a("ERROR_MESSAGE"), a("RETRY_ATTEMPTS"), a("RequestID"), a("ErrorCode"))
	}
	f.Fuzz(func(t *testing.T, body []byte, rule, code, said, retries, request, status string) {
		given := map[string]string{"RULE_ARN": rule, "ERROR_CODE": code, "ERROR_MESSAGE": said, "RETRY_ATTEMPTS": retries, "RequestID": request, "ErrorCode": status}
		maps.DeleteFunc(given, func(_, v string) bool { return v == "" })
		holdForeign(t, body, texts(given))
	})
}
