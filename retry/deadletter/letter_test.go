package deadletter_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rehook/retry/deadletter"
)

const tutorial = `{"id":"7f3a9c1e-0000-4000-8000-000000000001","timestamp":"2026-11-24T03:00:00.123456",` +
	`"original_endpoint":"https://crm.example.com/hook","error_code":503,"payload":{"b":1.0,"a":9007199254740993123},"retry_count":2}`

func TestReadsTheSixFieldsOfOtherTools(t *testing.T) {
	l, err := deadletter.Decode([]byte(tutorial))
	if err != nil {
		t.Fatal(err)
	}
	want := &deadletter.Letter{
		ID:               "7f3a9c1e-0000-4000-8000-000000000001",
		Timestamp:        time.Date(2026, 11, 24, 3, 0, 0, 123456000, time.UTC),
		OriginalEndpoint: "https://crm.example.com/hook",
		ErrorCode:        503,
		Payload:          []byte(`{"b":1.0,"a":9007199254740993123}`),
		RetryCount:       2,
	}
	if !reflect.DeepEqual(l, want) {
		t.Errorf("got  %+v\nwant %+v", l, want)
	}
}

func TestWritesTheSixFieldsForOtherTools(t *testing.T) {
	l, err := deadletter.Decode([]byte(tutorial))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(l.Encode(), &m); err != nil {
		t.Fatal(err)
	}
	if len(m) != 6 || m["timestamp"] != "2026-11-24T03:00:00.123456Z" || m["retry_count"] != 2.0 || m["error_code"] != 503.0 {
		t.Errorf("other tools would read %v", m)
	}
}

func TestTimestampsAsToolsWriteThem(t *testing.T) {
	want := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	for _, written := range []string{
		`"2026-11-24T03:00:00Z"`, `"2026-11-24T03:00:00"`, `"2026-11-24 03:00:00"`, `"2026-11-24T03:00:00.000"`,
		`"2026-11-24T04:00:00+01:00"`, `"2026-11-24T04:00:00+0100"`, `"2026-11-24 04:00:00+01:00"`, `1795489200`, `1795489200000`, `1795489200.0`,
	} {
		l, err := deadletter.Decode([]byte(`{"timestamp":` + written + `,"original_endpoint":"http://a","payload":1}`))
		if err != nil || !l.Timestamp.Equal(want) {
			t.Errorf("%s: got %v, %v", written, l, err)
		}
	}
}

// payloads are the bodies that careless tools change.
func payloads() map[string]string {
	return map[string]string{
		"big number":            `{"n":9007199254740993123,"f":1.0,"e":1e400}`,
		"duplicate keys":        `{"a":1,"a":2,"a":1}`,
		"key order":             `{"z":1,"a":2,"m":3}`,
		"escapes":               `{"s":"\u003cb\u003e \/ \u00e9 é \ud83d\ude00"}`,
		"html":                  `{"s":"<b>&amp;</b>"}`,
		"line separator":        "{\"s\":\"\u2028\u2029\"}",
		"lone surrogate escape": `{"s":"\ud800"}`,
		"space inside":          "{ \"a\" :\t1,\r\n\"b\":2 }",
		"space around":          " {\"a\":1}\n",
		"noncharacter":          "{\"s\":\"\ufffe\uffff\"}",
		"not UTF-8":             "{\"s\":\"\xff\xfe\"}",
		"encoded surrogate":     "{\"s\":\"\xed\xa0\x80\"}",
		"not JSON":              `<xml>&</xml>`,
		"binary":                "\x00\x01\x02\x1b[31m",
		"two values":            `{} {}`,
		"empty":                 "",
		"null":                  "null",
		"a string":              `"text"`,
		"deep":                  strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
	}
}

func TestPayloadBytesSurviveManyRewrites(t *testing.T) {
	for name, payload := range payloads() {
		t.Run(name, func(t *testing.T) {
			l := &deadletter.Letter{ID: "x", OriginalEndpoint: "http://a", Payload: []byte(payload)}
			for range 5 {
				body := l.Encode()
				assertSafeForSQS(t, body)
				read, err := deadletter.Decode(body)
				if err != nil {
					t.Fatalf("%s: %v", body, err)
				}
				if string(read.Payload) != payload {
					t.Fatalf("payload %q came back as %q", payload, read.Payload)
				}
				l = read.Clone()
				l.AddAttempt(deadletter.Attempt{Status: 503, Error: "bad \x00\x1b \xff \ufffe"})
			}
		})
	}
}

func TestPlainJSONTravelsAsJSON(t *testing.T) {
	l := &deadletter.Letter{ID: "x", OriginalEndpoint: "http://a", Payload: []byte(`{"a":"<é>"}`)}
	if body := l.Encode(); !bytes.Contains(body, []byte(`"payload":{"a":"<é>"}`)) {
		t.Errorf("other tools cannot read the payload of %s", body)
	}
}

// assertSafeForSQS holds a body to the characters of XML 1.0, which SQS lets through unchanged.
func assertSafeForSQS(t *testing.T, body []byte) {
	t.Helper()
	if !utf8.Valid(body) || !json.Valid(body) {
		t.Fatalf("not UTF-8 JSON: %q", body)
	}
	for _, r := range string(body) {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			t.Fatalf("SQS would replace %U in %q", r, body)
		}
	}
}

func TestUnknownFieldsSurvive(t *testing.T) {
	body := `{"x_trace": {"n":1.0, "s":"\u2028"} ,"original_endpoint":"http://a","payload":1,"z":[1, 2],"x_trace":2,"\u0061":"é"}`
	l, err := deadletter.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if l, err = deadletter.Decode(l.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	const want = `,"x_trace":{"n":1.0, "s":"\u2028"},"z":[1, 2],"x_trace":2,"\u0061":"é"}`
	if got := string(l.Encode()); !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want it to end with %s", got, want)
	}
}

func TestOptionalFieldInAnotherFormIsKept(t *testing.T) {
	for _, member := range []string{`"headers":"none"`, `"attempts":{"n":3}`, `"next_attempt_at":"soon"`, `"parked":true`, `"source":7`, `"edited":{"at":"soon"}`, `"error":{"code":1}`} {
		l, err := deadletter.Decode([]byte(`{"original_endpoint":"http://a","payload":1,` + member + `}`))
		if err != nil {
			t.Fatalf("%s: %v", member, err)
		}
		if got := string(l.Encode()); !strings.Contains(got, member) {
			t.Errorf("%s was lost in %s", member, got)
		}
	}
	l, err := deadletter.Decode([]byte(`{"original_endpoint":"http://a","payload":1,"attempts":"three"}`))
	if err != nil {
		t.Fatal(err)
	}
	l.AddAttempt(deadletter.Attempt{At: time.Unix(1, 0).UTC()})
	if got := string(l.Encode()); strings.Count(got, `"attempts"`) != 1 {
		t.Errorf("two members of one name in %s", got)
	}
}

func TestTheWholeLetterRoundTrips(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 0, 0, 5, time.UTC)
	l := &deadletter.Letter{
		ID: "i", Timestamp: at, OriginalEndpoint: "http://a", ErrorCode: 429, Payload: []byte("1"), RetryCount: 3,
		Headers: deadletter.Headers{"Content-Type": {"application/json"}, "X-Two": {"a", "b"}},
		Error:   "429", NextAttemptAt: at.Add(time.Hour), Source: "sns", Parked: &deadletter.Parked{At: at, Reason: deadletter.Exhausted},
		Edited:   &deadletter.Edited{At: at, By: "ann\x1b", Of: []string{"00", "01"}},
		Attempts: []deadletter.Attempt{{At: at, Status: 429, Latency: 84 * time.Millisecond, Error: "e", Response: "r", RetryAfter: 9 * time.Minute}},
	}
	got, err := deadletter.Decode(l.Encode())
	if err != nil || !reflect.DeepEqual(got, l) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, l)
	}
	ref := &deadletter.Letter{ID: "i", Timestamp: at, OriginalEndpoint: "http://a", PayloadRef: &deadletter.PayloadRef{Bucket: "b", Key: "k", Size: 3, SHA256: "00"}}
	if got, err := deadletter.Decode(ref.Encode()); err != nil || !reflect.DeepEqual(got, ref) {
		t.Errorf("claim check: got %+v, %v", got, err)
	}
}

func TestNullIsAsGoodAsAbsent(t *testing.T) {
	l, err := deadletter.Decode([]byte(`{"id":"i","original_endpoint":"http://a","payload":{"x":1},"retry_count":-7,"payload_b64":null,"payload_ref":null,"headers":null,"attempts":null,"next_attempt_at":null,"error":null,"parked":null}`))
	want := &deadletter.Letter{ID: "i", OriginalEndpoint: "http://a", Payload: []byte(`{"x":1}`)}
	if err != nil || !reflect.DeepEqual(l, want) {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestPayloadBesideAClaimCheckIsKept(t *testing.T) {
	l, err := deadletter.Decode([]byte(`{"original_endpoint":"http://a","payload":{"x":1},"payload_ref":{"bucket":"b","key":"k","size":1,"sha256":"0"}}`))
	if err != nil {
		t.Fatal(err)
	}
	again, err := deadletter.Decode(l.Encode())
	if err != nil || string(again.Payload) != `{"x":1}` || again.PayloadRef == nil {
		t.Errorf("after a rewrite: %+v, %v", again, err)
	}
}

func TestKeepsTheLastTenAttempts(t *testing.T) {
	l := &deadletter.Letter{}
	for i := range 12 {
		l.AddAttempt(deadletter.Attempt{Status: 500 + i})
	}
	if l.RetryCount != 12 || len(l.Attempts) != 10 || l.Attempts[0].Status != 502 || l.ErrorCode != 511 {
		t.Errorf("got %+v", l)
	}
}

func TestBodiesThatAreNoLetterAreShownAsTheyAre(t *testing.T) {
	for body, source := range map[string]string{
		`{"detail-type":"x"}`: deadletter.SourceBare, `[1,2]`: deadletter.SourceBare, `null`: deadletter.SourceBare,
		`hello`: deadletter.SourceUnreadable, ``: deadletter.SourceUnreadable, `{"id":`: deadletter.SourceUnreadable,
		`{"original_endpoint":7,"payload":1}`:                     deadletter.SourceBare,
		`{"original_endpoint":"http://a","payload_b64":"no b64"}`: deadletter.SourceBare,
	} {
		if _, err := deadletter.Decode([]byte(body)); err == nil {
			t.Errorf("%s was taken for a letter", body)
		} else if _, ok := errors.AsType[*deadletter.FormatError](err); !ok {
			t.Errorf("%s: error of type %T", body, err)
		}
		l := deadletter.Read([]byte(body), nil, "message-1")
		if l.ID != "message-1" || string(l.Payload) != body || l.Source != source || l.Error == "" || l.OriginalEndpoint != "" {
			t.Errorf("%s: got %+v", body, l)
		}
		again, err := deadletter.Decode(l.Encode())
		if err != nil || string(again.Payload) != body || again.Source != source {
			t.Errorf("%s parked and read again: %+v, %v", body, again, err)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	for _, name := range []string{"Authorization", "X-Hub-Signature-256", "Cookie", "X-Api-Key", "X-AUTH-TOKEN"} {
		if got := deadletter.MaskHeader(name, "hunter2"); strings.Contains(got, "hunter2") {
			t.Errorf("%s is shown", name)
		}
	}
	if got := deadletter.MaskHeader("Content-Type", "text/plain"); got != "text/plain" {
		t.Errorf("got %q", got)
	}
	for in, want := range map[string]string{
		"https://a.example/x":                       "https://a.example/x",
		"https://u:hunter2@a.example/x":             "https://a.example/x",
		"https://a.example/x?token=hunter2&page=2":  "https://a.example/x?token=" + deadletter.Masked + "&page=2",
		"http://u:hunter2@a example\x7f/?k=hunter2": "a example\x7f/",
	} {
		if got := deadletter.MaskURL(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func FuzzDecodeEncodeDecodeIsIdentity(f *testing.F) {
	f.Add([]byte(tutorial))
	for _, p := range payloads() {
		f.Add((&deadletter.Letter{ID: "x", OriginalEndpoint: "http://a", Payload: []byte(p), Error: "e"}).Encode())
		if len(p) < 1000 {
			f.Add(fmt.Appendf(nil, `{"id":1,"original_endpoint":"","payload": %s ,"headers":{"a":["b"],"c":1},"attempts":[{"at":"2026-01-01","latency_ms":3}],"q":%s}`, p, p))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		original := bytes.Clone(body)
		first := deadletter.Read(body, nil, "m")
		encoded := first.Encode()
		assertSafeForSQS(t, encoded)
		second, err := deadletter.Decode(encoded)
		if err != nil {
			t.Fatalf("%q was written as %q, which does not read: %v", body, encoded, err)
		}
		if !bytes.Equal(second.Payload, first.Payload) {
			t.Fatalf("payload %q came back as %q", first.Payload, second.Payload)
		}
		if again := second.Encode(); !bytes.Equal(again, encoded) {
			t.Fatalf("a rewrite changed\n%q to\n%q", encoded, again)
		}
		if !bytes.Equal(body, original) {
			t.Fatal("decoding changed its input")
		}
	})
}

func TestEditsTellOfAllThatTheyStandFor(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	var e *deadletter.Edited
	for i := range 12 {
		e = e.Again(fmt.Sprint(i), at, "ann")
	}
	if len(e.Of) != deadletter.KeptEdits || e.Of[0] != "2" || e.Of[9] != "11" {
		t.Errorf("it stands for %v", e.Of)
	}
	behind := e.Again("5", at.Add(-time.Hour), "bob") // back to what it was, by another clock
	if !behind.At.After(e.At) || behind.By != "bob" || len(behind.Of) != deadletter.KeptEdits || behind.Of[9] != "5" || len(e.Of) != deadletter.KeptEdits {
		t.Errorf("%+v after %+v", behind, e)
	}
}
