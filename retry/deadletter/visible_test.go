package deadletter_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"rehook/retry/deadletter"
)

func TestALineGivesTheSameLetterBack(t *testing.T) {
	for name, body := range map[string]string{
		"plain":            tutorial,
		"pretty payload":   "{\"original_endpoint\":\"http://a\",\"payload\":{\n  \"a\": 1,\r\n  \"b\": 2\n}}",
		"pretty rest":      "{\n\"original_endpoint\":\"http://a\",\n\"payload\":1,\n\"theirs\": {\n\"x\":[1,\n2]}}",
		"controls":         "{\"id\":\"\u009b31m\",\"original_endpoint\":\"http://a\",\"payload\":\"\u009b2J\",\"th\u202eirs\":\"\u009b\"}",
		"joined emoji":     "{\"original_endpoint\":\"http://a\",\"payload\":\"\U0001F468\u200D\U0001F469\"}",
		"elsewhere":        `{"original_endpoint":"http://a","payload_ref":{"bucket":"b","key":"k","size":3,"sha256":"00"}}`,
		"bytes of no JSON": `{"original_endpoint":"http://a","payload_b64":"/////w=="}`,
	} {
		l, err := deadletter.Decode([]byte(body))
		if err != nil {
			t.Fatal(name, err)
		}
		line := l.Line()
		if bytes.ContainsAny(line, "\n\r\u009b\u202e") {
			t.Errorf("%s: %q is no line for a terminal", name, line)
		}
		again, err := deadletter.Decode(line)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if string(again.Payload) != string(l.Payload) || !reflect.DeepEqual(again.PayloadRef, l.PayloadRef) || again.ID != l.ID {
			t.Errorf("%s: %q came back as %q", name, l.Payload, again.Payload)
		}
		if strings.Contains(name, "emoji") && !bytes.Contains(line, []byte("\u200D")) {
			t.Errorf("%s: it cannot be read any more: %s", name, line)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add([]byte(tutorial))
	f.Add([]byte("{\"original_endpoint\":\"\",\"payload\":[\n\"\u009b\"],\"x\":{\"\u2028\":\n1}}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		l, err := deadletter.Decode(body)
		if err != nil {
			return
		}
		line := l.Line()
		if bytes.ContainsAny(line, "\n\r\u009b") {
			t.Errorf("%q is no line for a terminal", line)
		}
		again, err := deadletter.Decode(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if !bytes.Equal(again.Payload, l.Payload) || !bytes.Equal(again.Line(), line) {
			t.Errorf("%q came back as %q", line, again.Line())
		}
	})
}
