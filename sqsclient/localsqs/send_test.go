package localsqs_test

import (
	"crypto/md5" //nolint:gosec // SQS's checksum
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestMessageComesBackAsItWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		body := "tab\tcr\r\nsnow\u2603 \U0001F600 \u2028 <&> \u0085"
		attributes := map[string]types.MessageAttributeValue{
			"text":   {DataType: aws.String("String.label"), StringValue: aws.String("text\n")},
			"number": {DataType: aws.String("Number"), StringValue: aws.String("-1.5e10")},
			"bytes":  {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255, 10}},
		}
		sent, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: &url, MessageBody: &body, MessageAttributes: attributes, MessageGroupId: aws.String("tenant-1"),
			MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String("Root=1")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		sentAt := time.Now()
		time.Sleep(time.Second)
		got := s.receiveAll(t, url)[0]
		if *got.Body != body || *got.MessageId != *sent.MessageId {
			t.Errorf("got %q, %s", *got.Body, *got.MessageId)
		}
		if fmt.Sprint(attributeTexts(got.MessageAttributes)) != fmt.Sprint(attributeTexts(attributes)) {
			t.Errorf("attributes: got %v", attributeTexts(got.MessageAttributes))
		}
		sum := md5.Sum([]byte(body)) //nolint:gosec // SQS's checksum
		if hex.EncodeToString(sum[:]) != *got.MD5OfBody || *sent.MD5OfMessageBody != *got.MD5OfBody {
			t.Errorf("MD5 of the body: sent %s, received %s", *sent.MD5OfMessageBody, *got.MD5OfBody)
		}
		if *sent.MD5OfMessageAttributes != *got.MD5OfMessageAttributes {
			t.Errorf("MD5 of attributes: sent %s, received %s", *sent.MD5OfMessageAttributes, *got.MD5OfMessageAttributes)
		}
		want := map[string]string{
			"SenderId": "000000000000", "ApproximateReceiveCount": "1", "AWSTraceHeader": "Root=1", "MessageGroupId": "tenant-1",
			"SentTimestamp":                    strconv.FormatInt(sentAt.UnixMilli(), 10),
			"ApproximateFirstReceiveTimestamp": strconv.FormatInt(time.Now().UnixMilli(), 10),
		}
		if fmt.Sprint(got.Attributes) != fmt.Sprint(want) {
			t.Errorf("system attributes: got %v, want %v", got.Attributes, want)
		}
	})
}

func attributeTexts(attributes map[string]types.MessageAttributeValue) map[string]string {
	texts := map[string]string{}
	for name, a := range attributes {
		texts[name] = fmt.Sprintf("%s%s%v", *a.DataType, aws.ToString(a.StringValue), a.BinaryValue)
	}
	return texts
}

// The digest of these attributes is the one in moto's tests, which were made against SQS.
func TestDigestOfAttributesIsSQSs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		out, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: &url, MessageBody: aws.String("m"), MessageAttributes: map[string]types.MessageAttributeValue{
				"timestamp": {DataType: aws.String("Number.java.lang.Long"), StringValue: aws.String("1493147359900")},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if *out.MD5OfMessageAttributes != "2e2e4876d8e0bd6b8c2c8f556831c349" {
			t.Errorf("got %s", *out.MD5OfMessageAttributes)
		}
	})
}

func TestAttributesAreReturnedOnlyIfAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		text := types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("v")}
		_, err := s.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: &url, MessageBody: aws.String("m"),
			MessageAttributes: map[string]types.MessageAttributeValue{"one": text, "trace.id": text, "trace.parent": text},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ ask, want string }{
			{"", "map[]"},
			{"one", "map[one:Stringv[]]"},
			{"trace.*", "map[trace.id:Stringv[] trace.parent:Stringv[]]"},
			{".*", "map[one:Stringv[] trace.id:Stringv[] trace.parent:Stringv[]]"},
			{"missing", "map[]"},
		} {
			in := &sqs.ReceiveMessageInput{QueueUrl: &url}
			if c.ask != "" {
				in.MessageAttributeNames = []string{c.ask}
			}
			out, err := s.ReceiveMessage(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			got := out.Messages[0]
			if fmt.Sprint(attributeTexts(got.MessageAttributes)) != c.want || len(got.Attributes) != 0 {
				t.Errorf("%q: got %v and %v", c.ask, attributeTexts(got.MessageAttributes), got.Attributes)
			}
			time.Sleep(30 * time.Second)
		}
	})
}

func TestMessagesThatSQSRefusesAreRefused(t *testing.T) {
	text := func(dataType, value string) map[string]types.MessageAttributeValue {
		return map[string]types.MessageAttributeValue{"a": {DataType: &dataType, StringValue: &value}}
	}
	named := func(name string) map[string]types.MessageAttributeValue {
		return map[string]types.MessageAttributeValue{name: text("String", "v")["a"]}
	}
	eleven := map[string]types.MessageAttributeValue{}
	for i := range 11 {
		eleven[fmt.Sprint(i)] = text("String", "v")["a"]
	}
	for name, c := range map[string]struct {
		in   sqs.SendMessageInput
		code string
	}{
		"empty":              {sqs.SendMessageInput{MessageBody: aws.String("")}, "MissingParameter"},
		"too long":           {sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("x", 1<<20+1))}, "InvalidParameterValue"},
		"attributes count":   {sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("x", 1<<20-7)), MessageAttributes: text("String", "v")}, "InvalidParameterValue"},
		"U+FFFE":             {sqs.SendMessageInput{MessageBody: aws.String("a\uFFFEb")}, "InvalidMessageContents"},
		"U+FFFF":             {sqs.SendMessageInput{MessageBody: aws.String("\uFFFF")}, "InvalidMessageContents"},
		"control":            {sqs.SendMessageInput{MessageBody: aws.String("\x00")}, "InvalidMessageContents"},
		"vertical tab":       {sqs.SendMessageInput{MessageBody: aws.String("\x0b")}, "InvalidMessageContents"},
		"delay":              {sqs.SendMessageInput{DelaySeconds: 901}, "InvalidParameterValue"},
		"group":              {sqs.SendMessageInput{MessageGroupId: aws.String("a b")}, "InvalidParameterValue"},
		"eleven attributes":  {sqs.SendMessageInput{MessageAttributes: eleven}, "InvalidParameterValue"},
		"reserved name":      {sqs.SendMessageInput{MessageAttributes: named("aWs.x")}, "InvalidParameterValue"},
		"dot at the end":     {sqs.SendMessageInput{MessageAttributes: named("x.")}, "InvalidParameterValue"},
		"two dots":           {sqs.SendMessageInput{MessageAttributes: named("x..y")}, "InvalidParameterValue"},
		"empty value":        {sqs.SendMessageInput{MessageAttributes: text("String", "")}, "InvalidParameterValue"},
		"unknown type":       {sqs.SendMessageInput{MessageAttributes: text("Strings", "v")}, "InvalidParameterValue"},
		"not a number":       {sqs.SendMessageInput{MessageAttributes: text("Number", "one")}, "InvalidParameterValue"},
		"39 digits":          {sqs.SendMessageInput{MessageAttributes: text("Number", strings.Repeat("1", 39))}, "InvalidParameterValue"},
		"too great a number": {sqs.SendMessageInput{MessageAttributes: text("Number", "1e127")}, "InvalidParameterValue"},
		"text as bytes":      {sqs.SendMessageInput{MessageAttributes: text("Binary", "v")}, "InvalidParameterValue"},
		"bad character":      {sqs.SendMessageInput{MessageAttributes: text("String", "\x01")}, "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, url := serveQueue(t)
				c.in.QueueUrl = &url
				if c.in.MessageBody == nil {
					c.in.MessageBody = aws.String("m")
				}
				if _, err := s.SendMessage(t.Context(), &c.in); !isCode(err, c.code) {
					t.Errorf("%v, want %s", err, c.code)
				}
				if got := s.receiveAll(t, url); len(got) != 0 {
					t.Error("it is in the queue all the same")
				}
			})
		})
	}
}

func TestMessageOfAWholeMebibyteIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		body := strings.Repeat("\x7f", 1<<20)
		s.send(t, url, body)
		if got := s.receiveAll(t, url); len(got) != 1 || *got[0].Body != body {
			t.Error("it did not come back")
		}
	})
}

func TestQueuesOwnSizeLimitFailsTheEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.set(t, url, map[string]string{"MaximumMessageSize": "1024"})
		out, err := s.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{
			{Id: aws.String("fits"), MessageBody: aws.String(strings.Repeat("x", 1024))},
			{Id: aws.String("long"), MessageBody: aws.String(strings.Repeat("x", 1025))},
			{Id: aws.String("odd"), MessageBody: aws.String("\x01")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Successful) != 1 || *out.Successful[0].Id != "fits" || len(out.Failed) != 2 {
			t.Fatalf("succeeded %v, failed %v", out.Successful, out.Failed)
		}
		for _, f := range out.Failed {
			if want := map[string]string{"long": "InvalidParameterValue", "odd": "InvalidMessageContents"}[*f.Id]; *f.Code != want || !f.SenderFault {
				t.Errorf("%s: %s %v", *f.Id, *f.Code, f.SenderFault)
			}
		}
	})
}

func TestBatchesThatSQSRefusesAreRefused(t *testing.T) {
	entry := func(id, body string) types.SendMessageBatchRequestEntry {
		return types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body}
	}
	var eleven []types.SendMessageBatchRequestEntry
	for i := range 11 {
		eleven = append(eleven, entry(fmt.Sprint(i), "m"))
	}
	half := strings.Repeat("x", 1<<19)
	for code, entries := range map[string][]types.SendMessageBatchRequestEntry{
		"EmptyBatchRequest":            {},
		"TooManyEntriesInBatchRequest": eleven,
		"InvalidBatchEntryId":          {entry("a b", "m")},
		"BatchEntryIdsNotDistinct":     {entry("a", "m"), entry("a", "n")},
		"BatchRequestTooLong":          {entry("a", half), entry("b", half+"x")},
	} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, url := serveQueue(t)
				_, err := s.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
				if !isCode(err, "AWS.SimpleQueueService."+code) {
					t.Error(err)
				}
			})
		})
	}
}

func TestOwnDelayOverridesTheQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, url := serveQueue(t)
		s.set(t, url, map[string]string{"DelaySeconds": "60"})
		s.send(t, url, "late")
		if n := s.attributes(t, url)["ApproximateNumberOfMessagesDelayed"]; n != "1" {
			t.Errorf("%s delayed", n)
		}
		// The SDK does not send a zero, so the batch that has it is written by hand in TestDelayOfZeroIsADelay.
		s.sendDelayed(t, url, "soon", 10)
		time.Sleep(10 * time.Second)
		if got := s.receiveAll(t, url); len(got) != 1 || *got[0].Body != "soon" {
			t.Errorf("got %v", got)
		}
		time.Sleep(50 * time.Second)
		if got := s.receiveAll(t, url); len(got) != 2 {
			t.Errorf("got %d", len(got))
		}
	})
}
